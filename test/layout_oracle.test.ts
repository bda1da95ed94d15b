import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { BufferError } from '../lib/errors.ts';
import {
  index,
  isContiguous,
  isEmpty,
  type Layout,
  makeLayout,
  transpose,
} from '../lib/layout.ts';
import { broadcastTo, cast, reshape } from '../lib/reshape.ts';
import { slice } from '../lib/selection.ts';
import { firstSeed } from './random.ts';

/** What test/corpus/layout.py prints; it says what the members mean. */
type Case = {
  readonly by: string;
  readonly op: string;
  readonly layout: Layout;
  readonly args: readonly unknown[];
  readonly result: Readonly<Record<string, unknown>>;
};

const GENERATOR = fileURLToPath(new URL('corpus/layout.py', import.meta.url));
const CORPUS = new URL('corpus/layout.json', import.meta.url);
const PYTHON: string = process.env.NBUF_PYTHON ?? '/usr/bin/python3';
const hasOracle = spawnSync(PYTHON, ['-c', 'import numpy, _testbuffer']).status === 0;

/** The form in which the corpus has its answers: strides that nothing steps along are 0. */
function canonical(layout: Layout): Record<string, unknown> {
  const { shape, offset } = layout;
  const neverStepped = isEmpty(shape);
  const strides = layout.strides.map((stride, axis) =>
    neverStepped || shape[axis] === 1 ? 0 : stride,
  );
  return { shape, strides, offset };
}

function castOf(layout: Layout, [itemsize, shape]: readonly unknown[]): unknown {
  const result = cast(layout, itemsize as number, shape ?? undefined);
  return { ...canonical(result), itemsize: result.itemsize };
}

const OPERATIONS: Record<string, (layout: Layout, args: readonly unknown[]) => unknown> =
  {
    slice: (layout, args) => canonical(slice(layout, args)),
    at: (layout, args) =>
      canonical(makeLayout([], [], index(layout, args, true), layout.itemsize)),
    transpose: (layout, args) => canonical(transpose(layout, args)),
    reshape: (layout, args) => canonical(reshape(layout, args)),
    broadcast: (layout, args) => canonical(broadcastTo(layout, args)),
    contiguous: (layout, args) => ({
      contiguous: isContiguous(layout, args[0] as 'C' | 'F' | 'A'),
    }),
    cast: castOf,
  };

function run({ op, layout: { shape, strides, offset, itemsize }, args }: Case): unknown {
  const layout = makeLayout(shape, strides, offset, itemsize);
  try {
    return OPERATIONS[op]?.(layout, args);
  } catch (error) {
    if (error instanceof BufferError)
      return { error: error.code.slice('ERR_NBUF_'.length) };
    if (error instanceof RangeError) return { error: 'OUT_OF_RANGE' };
    throw error;
  }
}

/** Writing to a frozen argument throws: no operation may change what it was given. */
function freeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(freeze);
  return Object.freeze(value);
}

function replay(cases: readonly Case[]): void {
  for (const given of freeze(cases))
    expect(run(given), JSON.stringify(given)).toEqual(given.result);
}

describe('layouts as CPython and NumPy have them', () => {
  test('the committed corpus', () => {
    const cases: Case[] = JSON.parse(readFileSync(CORPUS, 'utf8'));
    expect(cases.length).toBeGreaterThan(1000);
    for (const op of Object.keys(OPERATIONS))
      expect(cases.filter((given) => given.op === op).length, op).toBeGreaterThan(50);
    replay(cases);
  });
});

describe.runIf(hasOracle)('layouts as this machine has them', () => {
  const seed = firstSeed();
  const generate = (args: readonly string[]): string =>
    execFileSync(PYTHON, [GENERATOR, ...args], { encoding: 'utf8', maxBuffer: 2 ** 26 });

  test(`fresh cases with NBUF_SEED=${seed}`, () => {
    replay(JSON.parse(generate(['--seed', `${seed}`, '--count', '4000'])));
  });

  test('the committed corpus is what its generator prints', () => {
    expect(generate([]) === readFileSync(CORPUS, 'utf8')).toBe(true);
  });
});
