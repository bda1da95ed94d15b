/** saveNpy with wrong arguments, and when it fails or is ended; what it leaves behind. */

import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { acquire, HostArray, mapFile, openNpy, saveNpy } from 'nbuf';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { root } from './compiler.ts';
import { failureOf, MIB, ones, THREE_PIECES } from './npy_saving.ts';

const isPosix = process.platform !== 'win32';
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nbuf-fault-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const fileOf = (name: string): string => join(folder, name);

const devices = mkdtempSync(join(tmpdir(), 'nbuf-full-'));
afterAll(() => rmSync(devices, { recursive: true, force: true }));

/**
 * A device on which every write fails; null where there is none. Not the machine's own as root:
 * a saveNpy that were wrong would replace it.
 */
function fullDevice(): string | null {
  if (process.getuid?.() !== 0) return existsSync('/dev/full') ? '/dev/full' : null;
  const own = join(devices, 'full');
  spawnSync('mknod', [own, 'c', '1', '7']);
  try {
    writeFileSync(own, 'x', { flag: 'r+' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return own;
  }
  return null;
}

const full = fullDevice();

const SHARED = '/dev/shm';
const hasShared = process.platform === 'linux' && existsSync(SHARED);
const shared = hasShared ? mkdtempSync(`${SHARED}/nbuf-`) : devices;
afterAll(() => rmSync(shared, { recursive: true, force: true }));

describe('arguments', () => {
  test.each<[string, unknown[], string]>([
    ['path', [ones(), 5], 'TypeError'],
    ['path', [ones(), ''], 'TypeError'],
    ['path', [ones(), 'a\0b'], 'TypeError'],
    ['path', [ones(), new URL('http://example.com/a.npy')], 'TypeError'],
    ['options', [ones(), 'x', null], 'TypeError'],
    ['options', [ones(), 'x', 5], 'TypeError'],
    ['onProgress', [ones(), 'x', { onProgress: 5 }], 'TypeError'],
    ['signal', [ones(), 'x', { signal: {} }], 'TypeError'],
    ['units', [ones(), 'x', { units: { '': 'datetime64[s]' } }], 'TypeError'],
    ['units', [ones(), 'x', { units: new Map([['', 5]]) }], 'TypeError'],
    ['', [5, 'x'], 'BufferError'],
    ['', [[1, 2], 'x'], 'BufferError'],
  ])('%s is checked', async (name, args, error) => {
    const saving = Reflect.apply(saveNpy, undefined, args) as Promise<void>;
    const found = await failureOf(saving);
    expect([found.name, found.message.startsWith(name)]).toEqual([error, true]);
    expect(existsSync('x')).toBe(false);
  });

  test('a path may be a file: URL', async () => {
    await saveNpy(Float64Array.of(1, 2), pathToFileURL(fileOf('url %.npy')));
    expect(acquire(openNpy(fileOf('url %.npy'))).toArray()).toEqual([1, 2]);
  });
});

describe('the system fails', () => {
  test('while the file is made', async () => {
    const nowhere = fileOf('absent/a.npy');
    for (const path of [nowhere, folder, join(fileOf('a.npy'), 'b'), '/']) {
      if (path.includes('b')) writeFileSync(fileOf('a.npy'), '');
      const array = ones();
      const { code, message, cause } = await failureOf(saveNpy(array, path));
      expect([path, code]).toEqual([path, 'ERR_NBUF_IO']);
      expect(message).toMatch(/^cannot save ".*": E[A-Z]+: /);
      expect((cause as NodeJS.ErrnoException).syscall).toBeDefined();
      expect(array.locks.memory).toBe(0);
    }
    expect(readdirSync(folder)).toEqual(['a.npy']);
  });

  test.runIf(full !== null)('when a device is full', async () => {
    const device = full as string;
    const { code, message, cause } = await failureOf(saveNpy(ones(), device));
    expect(code).toBe('ERR_NBUF_IO');
    expect(message).toMatch(/^cannot save ".*full": ENOSPC: no space left/);
    expect((cause as NodeJS.ErrnoException).code).toBe('ENOSPC');
    expect(lstatSync(device).isCharacterDevice()).toBe(true);
  });

  // A limit of file sizes: the write that crosses it is short, the next one fails.
  test.runIf(isPosix).each([
    ['written directly', 'array', [10]],
    ['packed', 'acquire(array).slice([null, null, -1])', [4, 8]],
  ])('in the middle of the file, %s', (_, source, done) => {
    const code = `
      import { acquire, HostArray, saveNpy } from 'nbuf';
      const array = HostArray.allocate([20, ${MIB}], 'B');
      const source = ${source};
      const locks = array.locks.memory;
      const seen = [];
      const onProgress = (done) => seen.push(done / ${MIB});
      await saveNpy(source, process.argv[1], { onProgress }).catch((error) =>
        console.log(error.message, error.cause.code, array.locks.memory - locks, seen.join()));`;
    writeFileSync(fileOf('a.npy'), 'before');
    const limited = `ulimit -f ${10 * 2048 + 1}; exec "$@"`; // of 512 bytes
    const args = ['--input-type=module', '-e', code, fileOf('a.npy')];
    const { stdout, stderr } = spawnSync(
      'sh',
      ['-c', limited, 'sh', process.execPath, ...args],
      { cwd: root, encoding: 'utf8' },
    );
    expect(stderr).toBe('');
    const message = `cannot save "${fileOf('a.npy')}": EFBIG: file too large, write`;
    expect(stdout).toBe(`${message} EFBIG 0 ${done}\n`);
    expect(readdirSync(folder)).toEqual(['a.npy']);
    expect(readFileSync(fileOf('a.npy'), 'utf8')).toBe('before');
  });

  // More than a tmpfs can ever hold is refused before anything is written.
  test.runIf(hasShared)('when the disk has too little room', async () => {
    const { blocks, bsize } = statfsSync(shared);
    writeFileSync(fileOf('sparse'), '');
    truncateSync(fileOf('sparse'), blocks * bsize + MIB);
    const source = mapFile(fileOf('sparse'), { mode: 'r' });
    const controller = new AbortController();
    const saving = saveNpy(source, join(shared, 'a.npy'), {
      onProgress: () => controller.abort(new Error('nothing was reserved')),
      signal: controller.signal,
    });
    const { message } = await failureOf(saving);
    expect(message).toMatch(/ENOSPC: no space left on device, fallocate$/);
    expect(readdirSync(shared)).toEqual([]);
  });
});

describe.each(THREE_PIECES)('the caller ends it, %s', (_, make, bytes) => {
  test('by a signal, with its reason', async () => {
    const source = make();
    const reason = new Error('enough');
    writeFileSync(fileOf('a.npy'), 'before');
    const early = AbortSignal.abort(reason);
    const nowhere = fileOf('absent/a.npy'); // which is not even looked at
    expect(await failureOf(saveNpy(source, nowhere, { signal: early }))).toBe(reason);
    for (const at of [1, bytes]) {
      const controller = new AbortController();
      const onProgress = (done: number) => {
        if (done >= at) controller.abort(reason);
      };
      const { signal } = controller;
      const saving = saveNpy(source, fileOf('a.npy'), { onProgress, signal });
      expect(await failureOf(saving)).toBe(reason);
    }
    expect(readdirSync(folder)).toEqual(['a.npy']);
    expect(readFileSync(fileOf('a.npy'), 'utf8')).toBe('before');
    if (source instanceof HostArray) expect(source.locks.memory).toBe(0);
  });

  test('by what onProgress throws', async () => {
    const source = make();
    for (const at of [1, 2, 3]) {
      let calls = 0;
      const onProgress = () => {
        if (++calls === at) throw new RangeError(`call ${at}`);
      };
      const found = await failureOf(saveNpy(source, fileOf('a.npy'), { onProgress }));
      expect(found.message).toBe(`call ${at}`);
    }
    expect(readdirSync(folder)).toEqual([]);
    if (source instanceof HostArray) expect(source.locks.memory).toBe(0);
  });
});

describe('progress', () => {
  test('empty and small views report once', async () => {
    for (const [shape, bytes] of [
      [[0, 3], 0],
      [[], 8],
      [[5], 40],
    ] as [number[], number][]) {
      const seen: number[][] = [];
      await saveNpy(HostArray.allocate(shape, 'd'), fileOf('a.npy'), {
        onProgress: (...figures) => seen.push(figures),
      });
      expect(seen).toEqual([[bytes, bytes]]);
    }
  });
});
