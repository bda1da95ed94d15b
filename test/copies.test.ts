/**
 * Two copies of the package in one process: each rule is a program in test/copies, run on every
 * Node, with two copies that were installed from the tarball.
 */

import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { findRuntimes } from '../scripts/runtimes.mjs';
import { root } from './compiler.ts';
import { run } from './lifecycle_run.ts';
import { installPacked } from './packed.ts';

const programs = readdirSync(join(root, 'test/copies')).filter(
  (name) => name.endsWith('.mjs') && name !== 'tools.mjs',
);
const top = mkdtempSync(join(tmpdir(), 'nbuf-copies-'));
afterAll(() => rmSync(top, { recursive: true }));

/** How a project's own modules reach the package. */
const entries = {
  'use.mjs': "export * from 'nbuf';\n",
  'use.cjs': "module.exports = require('nbuf');\n",
  'interop.mjs': "export * from 'nbuf/interop';\n",
};

function install(name: string, version?: string): string {
  const folder = join(top, name);
  installPacked(
    folder,
    version === undefined ? { addon: true } : { addon: true, version },
  );
  for (const [file, text] of Object.entries(entries))
    writeFileSync(join(folder, file), text);
  return folder;
}

/** Hard links to every file, as pnpm makes of its store: two packages with one .node file. */
function linked(from: string, name: string): string {
  const folder = join(top, name);
  for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
    const inside = entry.parentPath.slice(from.length);
    mkdirSync(join(folder, inside), { recursive: true });
    if (entry.isFile())
      linkSync(join(entry.parentPath, entry.name), join(folder, inside, entry.name));
  }
  return folder;
}

const one = install('one');
const same = install('same');
const older = install('older', '0.0.9');
const twin = linked(one, 'twin');

const pairs = [
  ['import, then require', `import:${one}`, `require:${same}`],
  ['require, then import of another version', `require:${one}`, `import:${older}`],
  ['another version first', `import:${older}`, `import:${one}`],
  ['hard links', `require:${one}`, `import:${twin}`],
] as const;

const TIMEOUT = 600_000; // they wait for each other
const ways: Record<string, readonly string[]> = { 'exit.mjs': ['end', 'exit', 'keep'] };

describe.concurrent.each(findRuntimes())('$name', ({ program }) => {
  describe.each(pairs)('%s', (_, first, second) => {
    test.each(programs)('%s', { timeout: TIMEOUT }, async (name) => {
      for (const way of ways[name] ?? ['']) {
        const args = [join(root, 'test/copies', name), first, second, way];
        expect(await run(program, args), way).toEqual({
          code: 0,
          signal: null,
          output: '',
        });
      }
    });
  });
});
