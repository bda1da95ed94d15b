/**
 * Older and newer headers: an addon built against those of version 0.1 (test/abi/v0_1), today's, and
 * later ones (test/abi/later.ts), all in one process with the package.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findRuntimes } from '../scripts/runtimes.mjs';
import { writeLaterHeaders } from './abi/later.ts';
import { compile, includeDirectory, nodeApiFlags, root } from './compiler.ts';
import { run } from './lifecycle_run.ts';

const isLinux = process.platform === 'linux'; // for mmap, and how an addon is linked
const folder = mkdtempSync(join(tmpdir(), 'nbuf-peers-'));
afterAll(() => rmSync(folder, { recursive: true }));

function build(age: string, include: string, ...defines: readonly string[]): void {
  const file = join(root, 'test/abi/peer.c');
  const out = ['-o', join(folder, `${age}.node`), '-shared', '-fPIC', '-Wl,-z,nodelete'];
  const name = `-DAGE="${age}"`;
  const options = ['-g', '-O1', '-Wall', '-Wextra', '-Wno-missing-field-initializers'];
  const all = [
    ...options,
    '-Werror',
    `-I${include}`,
    ...nodeApiFlags(),
    name,
    ...defines,
  ];
  expect(compile('gnu99', [...all, '-DNBUF_IMAGE_PINNED', file, ...out])).toBe('');
}

describe.runIf(isLinux)('older, today, later', () => {
  beforeAll(() => {
    writeLaterHeaders(join(folder, 'later'));
    build('older', join(root, 'test/abi/v0_1'));
    build('today', includeDirectory, '-DGROWN');
    build('later', join(folder, 'later'), '-DGROWN', '-DLATER');
  });

  const packageFile = join(root, 'dist/cjs/index.js');
  test.each(findRuntimes())('$name', { timeout: 600_000 }, async ({ program }) => {
    const args = [join(root, 'test/abi/peers.mjs'), folder, packageFile];
    expect(await run(program, args)).toEqual({ code: 0, signal: null, output: '' });
  });

  test.each(findRuntimes())(
    'in workers: $name',
    { timeout: 600_000 },
    async ({ program }) => {
      const args = [join(root, 'test/abi/peers_workers.mjs'), folder, packageFile];
      expect(await run(program, args)).toEqual({ code: 0, signal: null, output: '' });
    },
  );
});
