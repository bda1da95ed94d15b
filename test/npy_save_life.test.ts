/** saveNpy while its source changes or goes away, and the memory that it takes. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acquire, openNpy, saveNpy } from 'nbuf';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { root } from './compiler.ts';
import { contentOf, failureOf, MIB, ones } from './npy_saving.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nbuf-fault-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const fileOf = (name: string): string => join(folder, name);

describe('meanwhile', () => {
  test('the memory is locked, the layout is not', async () => {
    const array = ones(36 * MIB);
    let checked = false;
    await saveNpy(array, fileOf('a.npy'), {
      onProgress: () => {
        checked = true;
        expect(array.locks).toEqual({ memory: 1, layout: 0 });
        expect(() => array.resize([1])).toThrow(/saveNpy/);
        array.setLayout({ shape: [3, 12 * MIB] });
      },
    });
    expect([checked, array.locks.memory]).toEqual([true, 0]);
    expect(contentOf(fileOf('a.npy'))).toEqual([36 * MIB, 1]);
    expect(acquire(openNpy(fileOf('a.npy'))).shape).toEqual([36 * MIB]);
  });

  test.each([1, 2])('the source may go, step %i', async (step) => {
    const array = ones(36 * MIB);
    const provider = acquire(array);
    const saving = saveNpy(provider.slice([2, null, step]), fileOf('a.npy'));
    provider.release();
    array.dispose();
    await saving;
    expect(contentOf(fileOf('a.npy'))).toEqual([(36 * MIB - 2) / step, 1]);
  });

  test('a worker may end', () => {
    const worker = `
      const { createRequire } = require('node:module');
      const { parentPort, workerData } = require('node:worker_threads');
      const { acquire, HostArray, saveNpy } = createRequire(process.cwd() + '/x.js')('nbuf');
      const array = HostArray.allocate([1 << 26], 'B');
      const source = workerData.packed ? acquire(array).slice([null, null, 2]) : array;
      parentPort.postMessage('started');
      (async () => { for (;;) await saveNpy(source, workerData.path); })();`;
    const code = `
      import { Worker } from 'node:worker_threads';
      for (let k = 0; k < 8; k++) {
        const workerData = { path: process.argv[1], packed: k % 2 === 1 };
        const worker = new Worker(process.argv[2], { eval: true, execArgv: [], workerData });
        await new Promise((resolve) => worker.once('message', resolve));
        await new Promise((resolve) => setTimeout(resolve, 5 * k));
        await worker.terminate();
      }
      console.log('ended');`;
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      ['--input-type=module', '-e', code, fileOf('a.npy'), worker],
      { cwd: root, encoding: 'utf8' },
    );
    expect([stdout, stderr, status]).toEqual(['ended\n', '', 0]);
  });

  test.each([0, 1, 2])(
    'memory of JavaScript is transferred after %i pieces',
    async (n) => {
      const bytes = new Uint8Array(17 * MIB);
      const transfer = () => structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
      let pieces = 0;
      const onProgress = () => {
        if (++pieces === n) transfer();
      };
      const saving = saveNpy(bytes, fileOf('a.npy'), { onProgress });
      if (n === 0) transfer();
      expect((await failureOf(saving)).code).toBe('ERR_NBUF_DETACHED');
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  test('two savings into one file: one of them is there', async () => {
    const arrays = [ones(5 * MIB), ones(6 * MIB)];
    await Promise.all(arrays.map((array) => saveNpy(array, fileOf('a.npy'))));
    expect([5 * MIB, 6 * MIB]).toContain(contentOf(fileOf('a.npy'))[0]);
    expect(readdirSync(folder)).toEqual(['a.npy']);
  });
});

test.runIf(process.platform === 'linux')('256 MiB take less than 32 MiB more', () => {
  const code = `
    import { readFileSync } from 'node:fs';
    import { acquire, HostArray, saveNpy } from 'nbuf';
    const kib = (name) =>
      Number(new RegExp(name + ':\\\\s+(\\\\d+)').exec(readFileSync('/proc/self/status', 'utf8'))[1]);
    const array = HostArray.allocate([256, 1 << 20], 'B');
    const provider = acquire(array, { writable: true });
    provider.fill(1);
    await saveNpy(HostArray.allocate([8]), process.argv[1]);
    const before = kib('VmRSS');
    await saveNpy(provider.slice(':', [null, null, -1]), process.argv[1]);
    console.log((kib('VmHWM') - before) / 1024, before / 1024);`;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', code, fileOf('a.npy')],
    { cwd: root, encoding: 'utf8' },
  );
  expect(stderr).toBe('');
  const [grown = NaN, before = NaN] = stdout.split(' ').map(Number);
  expect(before).toBeGreaterThan(256);
  expect(grown).toBeLessThan(32);
  expect(statSync(fileOf('a.npy')).size).toBe(256 * MIB + 128);
});
