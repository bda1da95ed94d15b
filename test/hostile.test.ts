/** Hostile arguments, see hostile_run.ts; a crash would end the process, so children run it too. */

import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';
import { root } from './compiler.ts';
import { entries, unlisted } from './hostile_entries.ts';
import { type Report, runHostile } from './hostile_run.ts';

const OWNERS = [
  'records.',
  'nbuf.',
  'interop.',
  'HostArray.',
  'IndirectArray.',
  'stack.',
  'pointers.',
  'array.',
  'view.',
  'provider.',
  'complex.',
  'new ',
];

describe('hostile arguments', () => {
  test('the table knows the arguments of every function', () => {
    const owners = new Set(entries().map(({ name }) => name.replace(/[. ].*/, '')));
    expect(owners.size).toBe(OWNERS.length);
    // Getters, and methods without parameters.
    expect(unlisted()).toMatchSnapshot();
  });

  for (const owner of OWNERS)
    test(`${owner} keep every promise`, async () => {
      const { calls, broken } = await runHostile(owner);
      expect(broken).toEqual([]);
      expect(calls).toBeGreaterThan(200);
    });
});

describe('in a process of its own', () => {
  const folder = join(root, 'build/hostile'); // inside the package: it imports 'nbuf'
  const bundle = join(folder, 'run.mjs');
  beforeAll(() => {
    mkdirSync(folder, { recursive: true });
    buildSync({
      stdin: {
        contents: `import { runHostile } from './hostile_run.ts';
          console.log(JSON.stringify(await runHostile(process.argv[2])));`,
        resolveDir: join(root, 'test'),
      },
      bundle: true,
      format: 'esm',
      platform: 'node',
      packages: 'external',
      outfile: bundle,
    });
  });

  test.each(OWNERS)('%s: exit code 0', (owner) => {
    const flags = ['--expose-gc', '--gc-interval=500'];
    const child = spawnSync(process.execPath, [...flags, bundle, owner], {
      encoding: 'utf8',
    });
    expect([child.signal, child.status, child.stderr]).toEqual([null, 0, '']);
    const report: Report = JSON.parse(child.stdout);
    expect(report.broken).toEqual([]);
  });
});
