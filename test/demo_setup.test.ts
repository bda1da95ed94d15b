/** What `npm run demo` rests on: its set-up, its types, and the default picture. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { HEIGHT, render, WIDTH } from '../examples/pictures/render.mjs';
import { isOutdated } from '../scripts/demo.mjs';
import { root, withDirectory } from './compiler.ts';
import { lake } from './demo_run.ts';

describe('isOutdated', () => {
  /** Files by name, each as old as its number of seconds says. */
  function asked(files: Record<string, number>, inputs: string[]): boolean {
    return withDirectory((folder) => {
      for (const [name, age] of Object.entries(files)) {
        const file = join(folder, name);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, '');
        utimesSync(file, 2e9 - age, 2e9 - age);
      }
      return isOutdated(folder, 'build/out.node', inputs);
    });
  }

  test('without the output', () => {
    expect(asked({ 'a.c': 1 }, ['a.c'])).toBe(true);
  });
  test('older than a source, at any depth', () => {
    expect(
      asked({ 'build/out.node': 2, 'src/in/a.c': 1, 'b.c': 3 }, ['src', 'b.c']),
    ).toBe(true);
  });
  test('newer than all sources', () => {
    expect(asked({ 'build/out.node': 2, 'src/a.c': 3, 'b.c': 4 }, ['src', 'b.c'])).toBe(
      false,
    );
  });
  test('what was built is no source', () => {
    const files = {
      'build/out.node': 2,
      'build/out.o': 1,
      'node_modules/x': 1,
      'a.c': 3,
    };
    expect(asked(files, ['.'])).toBe(false);
  });
});

test('the types of examples/demo are right', () => {
  const require = createRequire(import.meta.url);
  const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');
  const options = { cwd: root, encoding: 'utf8' } as const;
  const output = execFileSync(process.execPath, [tsc, '-p', 'examples/demo'], options);
  expect(output).toBe('');
});

describe('lake.jpg', () => {
  test('is what render.mjs renders', async () => {
    const { data, info } = await sharp(lake).raw().toBuffer({ resolveWithObject: true });
    expect(info).toMatchObject({ width: WIDTH, height: HEIGHT, channels: 3 });
    const rendered = render();
    const off = data.reduce(
      (sum, byte, at) => sum + Math.abs(byte - (rendered[at] ?? 0)),
      0,
    );
    expect(off / data.length).toBeLessThan(3); // JPEG's losses
  });

  test('is small, and its licence is told', () => {
    expect(statSync(lake).size).toBeLessThan(60_000);
    const readme = readFileSync(join(dirname(lake), 'README.md'), 'utf8');
    expect(readme).toMatch(/`lake.jpg`.*CC0 1\.0/);
  });

  test('is padded in the demo', () => {
    expect((WIDTH * 4) % 64).not.toBe(0);
  });
});
