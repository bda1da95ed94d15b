/** Copies of random layouts beside NumPy's, and CPython's where it is right. */

import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { acquire, HostArray, type Provider } from 'nbuf';
import { describe, expect, test } from 'vitest';
import type { Layout } from '../lib/layout.ts';
import {
  firstSeed,
  forCases,
  type Random,
  randomLayout,
  randomStrides,
} from './random.ts';
import { blockOf } from './view_case.ts';

type Side = { readonly strides: number[]; readonly offset: number };
type Question = {
  readonly op: 'pack' | 'unpack' | 'fill' | 'copy';
  readonly block: string;
  readonly itemsize: number;
  readonly shape: number[];
  readonly to: Side;
  readonly from: Side;
  readonly order: 'C' | 'F';
  readonly bytes: string;
};

const COPIES = fileURLToPath(new URL('corpus/copies.py', import.meta.url));
const SHARES = fileURLToPath(new URL('corpus/shares.py', import.meta.url));
const PYTHON = process.env.NBUF_PYTHON ?? '/usr/bin/python3';
const hasOracle = spawnSync(PYTHON, ['-c', 'import numpy, _testbuffer']).status === 0;
const CASES = 800;

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** Lowest and highest byte of a layout at offset 0. */
function reach(shape: readonly number[], strides: readonly number[], itemsize: number) {
  const spans = shape.map((extent, axis) => (extent - 1) * (strides[axis] ?? 0));
  const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
  if (shape.includes(0)) return { low: 0, high: 0 };
  return {
    low: sum(spans.filter((span) => span < 0)),
    high: sum(spans.filter((span) => span > 0)) + itemsize,
  };
}

/** A second layout of the same elements, in the same block: now and then the first one's. */
function sideBeside(random: Random, layout: Layout, blockSize: number): Side | null {
  const { shape, itemsize } = layout;
  const sign = random.chance(0.2) ? -1 : 1;
  const made = random.chance(0.3)
    ? layout.strides
    : random.chance(0.2)
      ? [...layout.strides].reverse()
      : randomStrides(random, shape, itemsize);
  const strides = made.map((stride) => sign * stride);
  const { low, high } = reach(shape, strides, itemsize);
  if (high - low > blockSize) return null;
  return { strides, offset: random.int(-low, blockSize - high) };
}

function randomQuestion(random: Random): Question | null {
  // NumPy 1.24 has 32 axes at most, and strides that nothing steps along may be anything.
  const { layout, blockSize } = randomLayout(random, { maxNdim: 5, maxSize: 120 });
  const { itemsize, offset } = layout;
  const [shape, strides] = [[...layout.shape], [...layout.strides]];
  const from = sideBeside(random, layout, blockSize);
  const size = shape.reduce((a, b) => a * b, 1);
  if (from === null) return null;
  const op = random.pick(['pack', 'unpack', 'fill', 'copy', 'copy'] as const);
  return {
    op,
    block: hex(random.bytes(blockSize)),
    itemsize,
    shape,
    to: { strides, offset },
    from,
    order: random.pick(['C', 'F']),
    bytes: hex(random.bytes(itemsize * (op === 'fill' ? 1 : size))),
  };
}

/** Providers of both sides over one array: setLayout lays it out anew between. */
function withSides<T>(
  { block, itemsize, shape, to, from }: Question,
  use: (target: Provider, source: Provider) => T,
): T {
  const format = `${itemsize}s`;
  const bytes = Buffer.from(block, 'hex');
  const array = HostArray.fromBytes(bytes, { shape, ...to, format });
  using target = acquire(array, { writable: true, layout: 'snapshot' });
  array.setLayout({ shape, ...from });
  using source = acquire(array);
  return use(target, source);
}

function lines(question: Question): string {
  return withSides(question, (target, source) => {
    const { op, order } = question;
    const bytes = Buffer.from(question.bytes, 'hex');
    if (op === 'pack') {
      using copy = acquire(target.toContiguous(order));
      expect(copy.isContiguous(order)).toBe(true);
      expect(hex(copy.toBytes(order))).toBe(hex(target.toBytes(order)));
      return hex(target.toBytes(order));
    }
    if (op === 'unpack') target.writeBytes(bytes, order);
    else if (op === 'fill') target.fill(new Uint8Array(bytes));
    else target.copyFrom(source);
    return hex(blockOf(target));
  });
}

function ask(questions: readonly Question[]): string[] {
  const input = JSON.stringify(questions);
  return JSON.parse(execFileSync(PYTHON, [COPIES], { input, encoding: 'utf8' }));
}

describe.runIf(hasOracle)('copies beside NumPy', () => {
  test(`random layouts with NBUF_SEED=${firstSeed()}`, () => {
    const questions: Question[] = [];
    forCases(CASES, (random) => {
      const question = randomQuestion(random);
      if (question !== null) questions.push(question);
    });
    expect(questions.length).toBeGreaterThan(CASES / 3);
    const answers = ask(questions);
    for (const [k, question] of questions.entries())
      expect(lines(question), JSON.stringify(question)).toBe(answers[k]);
  });

  test('the corpus of shared bytes is what its generator prints', () => {
    const file = new URL('corpus/shares.txt', import.meta.url);
    const printed = execFileSync(PYTHON, [SHARES], { encoding: 'utf8' });
    expect(printed === readFileSync(file, 'utf8')).toBe(true);
  });
});
