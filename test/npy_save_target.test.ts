/** Which file saveNpy writes, and what becomes of the one that was there. */

import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acquire, openNpy, saveNpy } from 'nbuf';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { contentOf, failureOf, MIB, ones } from './npy_saving.ts';

const isPosix = process.platform !== 'win32';
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nbuf-fault-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const fileOf = (name: string): string => join(folder, name);

describe('the target', () => {
  test.each(['c', 'r', 'r+'] as const)(
    'may be the mapped source, mode %s',
    async (mode) => {
      await saveNpy(ones(9 * MIB), fileOf('a.npy'));
      const file = openNpy(fileOf('a.npy'), { mode });
      const provider = acquire(file);
      await saveNpy(provider.slice([null, null, -3]), fileOf('a.npy'));
      expect(contentOf(fileOf('a.npy'))).toEqual([3 * MIB, 1]);
      expect(provider.get(9 * MIB - 1)).toBe(1); // still the old file
      provider.release();
      file.dispose();
    },
  );

  test.runIf(isPosix)('keeps its mode, a new one has the usual', async () => {
    const mask = process.umask(0o027);
    try {
      await saveNpy(ones(), fileOf('new.npy'));
      writeFileSync(fileOf('old.npy'), '');
      chmodSync(fileOf('old.npy'), 0o604);
      await saveNpy(ones(), fileOf('old.npy'));
    } finally {
      process.umask(mask);
    }
    expect(statSync(fileOf('new.npy')).mode & 0o7777).toBe(0o640);
    expect(statSync(fileOf('old.npy')).mode & 0o7777).toBe(0o604);
  });

  test.runIf(isPosix)('may be a link, also to nothing yet', async () => {
    mkdirSync(fileOf('deep'));
    writeFileSync(fileOf('deep/old.npy'), '');
    symlinkSync('deep/old.npy', fileOf('old.npy'));
    symlinkSync('deep', fileOf('shallow'));
    symlinkSync('../deep/new.npy', fileOf('deep/other.npy'));
    symlinkSync('shallow/other.npy', fileOf('new.npy'));
    const { ino } = statSync(fileOf('deep/old.npy'));
    for (const name of ['old.npy', 'new.npy']) {
      await saveNpy(ones(), fileOf(name));
      expect(lstatSync(fileOf(name)).isSymbolicLink()).toBe(true);
      expect(contentOf(fileOf(`deep/${name}`))).toEqual([3, 1]);
    }
    expect(statSync(fileOf('deep/old.npy')).ino).not.toBe(ino); // another file in its place
    expect(readdirSync(fileOf('deep')).sort()).toEqual([
      'new.npy',
      'old.npy',
      'other.npy',
    ]);
    symlinkSync('loop.npy', fileOf('loop.npy'));
    const { code, message } = await failureOf(saveNpy(ones(), fileOf('loop.npy')));
    expect([code, message]).toEqual([
      'ERR_NBUF_IO',
      expect.stringMatching(/symbolic links/),
    ]);
  });

  test.runIf(isPosix)('may be a pipe, which nothing replaces', async () => {
    spawnSync('mkfifo', [fileOf('pipe')]);
    const reader = spawn('cat', [fileOf('pipe')]);
    let received = 0;
    reader.stdout.on('data', (data: Buffer) => {
      received += data.length;
    });
    const closed = new Promise((resolve) => reader.on('close', resolve));
    await saveNpy(ones(9 * MIB), fileOf('pipe'));
    await closed;
    expect(received).toBe(9 * MIB + 128);
    expect(lstatSync(fileOf('pipe')).isFIFO()).toBe(true);
    expect(readdirSync(folder)).toEqual(['pipe']);
  });
});
