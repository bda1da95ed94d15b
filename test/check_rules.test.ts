/** The rules of `nbuf check` by themselves: against CPython's answers, and on memory made up. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Block, Fields, Snapshot } from '../dist/esm/cli/raw.js';
import { checkFormat, checkTables } from '../dist/esm/cli/rules_fields.js';
import { checkInside } from '../dist/esm/cli/rules_inside.js';
import { factsOf, UNKNOWN, unmet, WORDS, wordName } from '../dist/esm/cli/rules_words.js';
import { root } from './compiler.ts';
import { forCases } from './random.ts';

const FIELDS: Fields = {
  address: 1n,
  structSize: 112,
  flags: 0,
  ops: 1n,
  buf: 0x1000n,
  len: 0n,
  itemsize: 1n,
  ndim: 0,
  blockCount: 1,
  format: 1n,
  shape: 1n,
  strides: 1n,
  suboffsets: 0n,
  blocks: 1n,
  levelCount: 0,
  axisLevel: 0n,
  postOffsets: 0n,
};

type Direct = {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly itemsize: number;
  readonly readonly?: number;
  readonly suboffsets?: readonly number[] | null;
};

const big = (values: readonly number[]): bigint[] => values.map(BigInt);

function snapshotOf(layout: Direct, blocks: readonly Block[] = []): Snapshot {
  const { shape, strides, itemsize, suboffsets } = layout;
  const len = BigInt(shape.reduce((all, extent) => all * extent, itemsize));
  return {
    fields: {
      ...FIELDS,
      flags: layout.readonly ?? 0,
      len,
      itemsize: BigInt(itemsize),
      ndim: shape.length,
    },
    format: 'B',
    shape: shape.length === 0 ? null : big(shape),
    strides: shape.length === 0 ? null : big(strides),
    suboffsets: suboffsets == null ? null : big(suboffsets),
    levels: null,
    blocks,
  };
}

type Answer = { readonly flags: readonly number[]; readonly error?: string };
type Case = Direct & { readonly name: string; readonly answers: readonly Answer[] };

/** Which of our statuses CPython's message stands for. */
const MEANT: readonly (readonly [RegExp, readonly string[]])[] = [
  [/not C-contiguous/, ['CONTIGUITY', 'STRIDES']],
  [/contiguous/, ['CONTIGUITY']],
  [/without suboffsets/, ['SUBOFFSETS']],
  [/not writable/, ['READONLY']],
  [/cannot cast to unsigned bytes/, ['FORMAT']],
];

describe('words', () => {
  const file = readFileSync(join(root, 'test/corpus/negotiation.json'), 'utf8');
  const { layouts } = JSON.parse(file) as { layouts: Case[] };

  test.each(layouts.map((each) => [each.name, each] as const))(
    '%s: CPython says the same of all 256',
    (_name, layout) => {
      const facts = factsOf(snapshotOf(layout));
      for (const { flags, error } of layout.answers)
        for (const word of flags) {
          const reasons = unmet(word, facts);
          expect(reasons.size === 0, wordName(word)).toBe(error === undefined);
          if (error === undefined) continue;
          const meant = MEANT.find(([text]) => text.test(error))?.[1] ?? [];
          expect(
            meant.some((status) => reasons.has(status)),
            wordName(word),
          ).toBe(true);
        }
    },
  );

  test('are 256, and the unknown bits are all others', () => {
    expect(WORDS.length).toBe(256);
    const known = 32 - UNKNOWN.length;
    expect([known, UNKNOWN[0]]).toEqual([8 + 3, 2]);
  });
});

/** Every element's bytes, one by one. */
function isInside({ shape, strides, itemsize }: Direct, block: Block): boolean {
  const size = shape.reduce((all, extent) => all * extent, 1);
  for (let k = 0; k < size; k++) {
    let rest = k;
    let at = Number(FIELDS.buf);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const extent = shape[axis] ?? 1;
      at += (rest % extent) * (strides[axis] ?? 0);
      rest = Math.floor(rest / extent);
    }
    if (at < Number(block.base) || at + itemsize > Number(block.base + block.size))
      return false;
  }
  return true;
}

test('elements inside their block: as a walk over all of them says', () => {
  forCases(500, (random) => {
    const ndim = random.int(1, 3);
    const draw = (low: number, high: number): number[] =>
      Array.from({ length: ndim }, () => random.int(low, high));
    const layout = {
      shape: draw(0, 4),
      strides: draw(-9, 9),
      itemsize: random.int(1, 4),
    };
    const base = FIELDS.buf - BigInt(random.int(0, 20));
    const block = { base, size: BigInt(random.int(1, 60)), id: 0n, flags: 0 };
    const problems = checkInside(snapshotOf(layout, [block]), () => {
      throw new Error('nothing is to be read');
    });
    expect(problems.length === 0).toBe(isInside(layout, block));
  });
});

describe('pointers', () => {
  const table = { base: 0x1000n, size: 16n, id: 0n, flags: 1 };
  const rows = { base: 0x2000n, size: 32n, id: 0n, flags: 0 };
  const layout = { shape: [2, 8], strides: [8, 1], itemsize: 1, suboffsets: [4, -1] };
  const peek = (targets: readonly bigint[]) => (address: bigint) => {
    const view = new DataView(new ArrayBuffer(8));
    const bytes = new BigUint64Array(view.buffer);
    bytes[0] = targets[Number(address - table.base) / 8] ?? 0n;
    return view;
  };
  const check = (targets: readonly bigint[]): string[] =>
    checkInside(snapshotOf(layout, [table, rows]), peek(targets));

  test('are followed', () => expect(check([0x2000n, 0x2014n])).toEqual([]));
  test('to the last byte', () => expect(check([0x2000n, 0x2015n])).toHaveLength(1));
  test('not to NULL', () => expect(check([0n, 0x2000n])[0]).toMatch(/found NULL/));
  test('into no table', () => expect(check([0x1000n, 0x2000n])).toHaveLength(1));
  test('from a table that is one', () => {
    const plain = { ...table, flags: 0 };
    const snapshot = snapshotOf(layout, [plain, rows]);
    expect(checkInside(snapshot, peek([0x2000n, 0x2000n]))).toHaveLength(1);
    const overlapping = [table, { ...rows, base: 0x100fn }];
    expect(checkTables(snapshotOf(layout, overlapping))).toHaveLength(1);
  });
});

test('formats: latin1 bytes of UTF-8', () => {
  const said = (format: string | null, itemsize: number): number =>
    checkFormat({ ...snapshotOf({ shape: [], strides: [], itemsize }), format }).length;
  const name = Buffer.from('T{B:größe:}').toString('latin1');
  expect([said('h', 2), said('h', 3), said(name, 1)]).toEqual([0, 0, 0]);
  expect([said('h', 1), said(null, 1), said('\xff', 1), said('hy', 4)]).toEqual([
    1, 1, 1, 1,
  ]);
});
