/** `npm run demo data.npy` on files that NumPy wrote. */

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { makePlace, type Run, shownLines } from './demo_run.ts';

const { here, demo } = makePlace();

const PYTHON: string = process.env.NBUF_PYTHON ?? '/usr/bin/python3';
const hasNumPy = spawnSync(PYTHON, ['-c', 'import numpy']).status === 0;

describe.runIf(hasNumPy)('NumPy files', () => {
  function numpy(name: string, expression: string): Run {
    const code = `import numpy as np; np.save(${JSON.stringify(here(name))}, ${expression})`;
    expect(spawnSync(PYTHON, ['-c', code], { encoding: 'utf8' }).stderr).toBe('');
    const run = demo(name);
    expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: '' });
    for (const line of shownLines(run)) expect(line.length).toBeLessThanOrEqual(100);
    return run;
  }

  test('a matrix in Fortran order', () => {
    const { stdout } = numpy('f.npy', 'np.asfortranarray(np.arange(12.).reshape(3, 4))');
    expect(stdout).toMatch(/^f\.npy: NumPy, format '<d', 96 B\n/);
    expect(stdout).toMatch(/array {3}3 × 4 {3}8, 24 /);
    expect(stdout).toMatch(/part {4}4 × 2 {3}24, 16 /);
    expect(stdout).toMatch(/all {4}5\.5 {5}0 {4}11 /);
    expect(stdout).toContain('[[0, 1, 2, 3],\n [4, 5, 6, 7],\n [8, 9, 10, 11]]\n');
  });

  test('what the addon has no code for is told', () => {
    const { stdout } = numpy('c.npy', 'np.arange(3) + 1j');
    expect(stdout).toContain('not by this addon: expected one of the formats');
    expect(stdout).toContain('[0+1i, 1+1i, 2+1i]');
  });

  const others: [string, string][] = [
    ['0-d', 'np.float32(7)'],
    ['empty', "np.zeros((0, 3), 'u1')"],
    ['32 axes', "np.zeros((1,) * 32, 'u1')"],
    ['many channels', "np.zeros((2, 3, 2000), 'u1')"],
    ['other byte order', "np.arange(5, dtype='>i2')"],
    ['strings', "np.array(['ä', 'bc'])"],
  ];
  test.each(others)('%s', (_, expression) => {
    expect(numpy('x.npy', expression).stdout).toContain('The first elements');
  });

  test('without the extension', () => {
    const { stdout } = numpy('plain.npy', 'np.arange(3.)');
    writeFileSync(here('plain'), readFileSync(here('plain.npy')));
    const timeless = (text: string): string => text.replace(/in .*s\n/, '');
    const expected = timeless(stdout).replace('plain.npy', 'plain');
    expect(timeless(demo('plain').stdout)).toBe(expected);
  });
});
