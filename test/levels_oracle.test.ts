import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { acquire, HostArray, IndirectArray } from 'nbuf';
import { describe, expect, test } from 'vitest';
import { isEmpty, type Layout, makeLayout } from '../lib/layout.ts';
import { levelsOf, suboffsetsOf } from '../lib/levels.ts';
import { type Selection, slice } from '../lib/selection.ts';
import { firstSeed } from './random.ts';

/** What test/corpus/levels.py prints; it says what the members mean. */
type Case = {
  readonly shape: number[];
  readonly format: string;
  readonly itemsize: number;
  readonly strides: number[];
  readonly suboffsets: number[];
  readonly selections: readonly Selection[][];
  readonly result: {
    readonly shape: number[];
    readonly strides: number[];
    readonly suboffsets: number[];
    readonly offset: number;
    readonly items: number[];
  };
};

const GENERATOR = fileURLToPath(new URL('corpus/levels.py', import.meta.url));
const CORPUS = new URL('corpus/levels.json', import.meta.url);
const PYTHON: string = process.env.NBUF_PYTHON ?? '/usr/bin/python3';
const hasOracle = spawnSync(PYTHON, ['-c', 'import _testbuffer']).status === 0;

function corpus(): Case[] {
  return JSON.parse(readFileSync(CORPUS, 'utf8'));
}

/** The layout alone: shape, strides, suboffsets, and where the first pointer is. */
function expectLayout(given: Case): void {
  const { result } = given;
  const levels = levelsOf(given.suboffsets);
  let layout: Layout = makeLayout(given.shape, given.strides, 0, given.itemsize, levels);
  for (const selection of given.selections) layout = slice(layout, selection);
  const message = JSON.stringify(given);
  expect(layout.shape, message).toEqual(result.shape);
  if (isEmpty(layout.shape)) return; // nothing depends on the rest
  const stepped = (strides: readonly number[]): number[] =>
    strides.map((stride, k) => (layout.shape[k] === 1 ? 0 : stride));
  expect(stepped(layout.strides), message).toEqual(stepped(result.strides));
  expect(layout.offset, message).toBe(result.offset);
  expect(layout.levels === null ? null : suboffsetsOf(layout.levels), message).toEqual(
    result.suboffsets,
  );
}

/** The same array with the same table, and what its elements are. */
function expectElements(given: Case): void {
  const { shape, format, strides, suboffsets, itemsize, result } = given;
  const rows = shape[0] ?? 0;
  const perRow = shape.slice(1).reduce((a, b) => a * b, 1);
  const items = Array.from({ length: Math.max(1, rows * perRow) }, (_, k) => k % 251);
  const isBig = format === 'q';
  const block = HostArray.from(isBig ? items.map(BigInt) : items, format);
  const table = Array.from({ length: rows }, (_, row): [number, number] => [
    0,
    row * perRow * itemsize,
  ]);
  const array = IndirectArray.fromPointers({
    blocks: [block],
    tables: [table],
    shape,
    strides,
    suboffsets,
    format,
  });
  using p = acquire(array);
  let view = p.slice();
  for (const selection of given.selections) view = view.slice(...selection);
  const message = JSON.stringify(given);
  expect([...view].map(Number), message).toEqual(result.items);
  using packed = acquire(view.toContiguous());
  expect([...packed].map(Number), message).toEqual(result.items);
  if (!isEmpty(view.shape)) expect(view.suboffsets, message).toEqual(result.suboffsets);
}

describe('row-pointer arrays as CPython slices them', () => {
  test('layouts', () => {
    const cases = corpus();
    expect(cases.length).toBeGreaterThan(200);
    expect(cases.filter(({ result }) => result.items.length > 1).length).toBeGreaterThan(
      100,
    );
    cases.forEach(expectLayout);
  });

  test('elements', () => {
    corpus().forEach(expectElements);
  });

  const seed = firstSeed();
  test.runIf(hasOracle)(`fresh ones, with NBUF_SEED=${seed}`, () => {
    const args = [GENERATOR, '--seed', String(seed), '--count', '1000'];
    const cases: Case[] = JSON.parse(
      execFileSync(PYTHON, args, { encoding: 'utf8', maxBuffer: 2 ** 26 }),
    );
    cases.forEach(expectLayout);
    cases.slice(0, 300).forEach(expectElements);
  });
});
