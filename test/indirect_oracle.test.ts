/** Row-pointer images beside CPython's: see corpus/indirect.py. */
import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { acquire, HostArray, IndirectArray, type Selection, type View } from 'nbuf';
import { describe, expect, test } from 'vitest';
import { firstSeed } from './random.ts';

type Case = {
  readonly shape: readonly number[];
  readonly slices: readonly Selection[][];
  readonly suboffsets: readonly number[];
  readonly strides: readonly number[];
  readonly list: unknown;
};

const GENERATOR = fileURLToPath(new URL('corpus/indirect.py', import.meta.url));
const PYTHON: string = process.env.NBUF_PYTHON ?? '/usr/bin/python3';
const hasOracle = spawnSync(PYTHON, ['-c', 'import _testbuffer']).status === 0;

/** The same image: a pointer to each row. */
function imageOf(shape: readonly number[]): IndirectArray {
  const [count = 0, ...row] = shape;
  const size = row.reduce((a, b) => a * b, 1);
  return IndirectArray.fromRows(
    Array.from({ length: count }, (_, r) =>
      HostArray.fromBytes(
        Uint8Array.from({ length: size }, (_, k) => r * size + k),
        { shape: row },
      ),
    ),
  );
}

describe.runIf(hasOracle)('row-pointer images as CPython has them', () => {
  const seed = firstSeed() % 2 ** 31;
  test(`sliced, with NBUF_SEED=${seed}`, () => {
    const args = [GENERATOR, '--seed', `${seed}`, '--count', '1500'];
    const cases: Case[] = JSON.parse(execFileSync(PYTHON, args, { encoding: 'utf8' }));
    let compared = 0;
    for (const { shape, slices, suboffsets, strides, list } of cases) {
      using p = acquire(imageOf(shape));
      const view = slices.reduce<View>((from, each) => from.slice(...each), p);
      const message = JSON.stringify({ shape, slices });
      expect(view.toArray(), message).toEqual(list);
      if (view.size === 0) continue; // CPython moves what leads nowhere
      expect(view.suboffsets, message).toEqual(suboffsets);
      const stepped = (steps: readonly number[]) =>
        steps.filter((_, k) => view.shape?.[k] !== 1);
      expect(stepped(view.strides ?? []), message).toEqual(stepped(strides));
      compared++;
    }
    expect(compared).toBeGreaterThan(cases.length / 4);
  });
});
