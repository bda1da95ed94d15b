import { describe, expect, test } from 'vitest';
import { BufferError } from '../lib/errors.ts';
import {
  extent,
  index,
  isContiguous,
  type Layout,
  makeLayout,
  packedStrides,
  sizeOf,
  toElements,
  transpose,
} from '../lib/layout.ts';
import { broadcastTo, cast, reshape } from '../lib/reshape.ts';
import { RunWalk } from '../lib/runs.ts';
import { slice } from '../lib/selection.ts';
import * as model from './model.ts';
import {
  forCases,
  type Random,
  type RandomShapeOptions,
  randomLayout,
  randomReshape,
  randomSelection,
  randomShape,
} from './random.ts';

const CASES = 3000;

function randomArray(
  random: Random,
  options?: RandomShapeOptions,
): { layout: Layout; array: model.Model } {
  const { layout, blockSize } = randomLayout(random, options);
  return { layout, array: model.fromLayout(layout, new Uint8Array(blockSize)) };
}

/** The layout reaches the model's elements, and is written with clean exact integers. */
function expectSame(layout: Layout, array: model.Model, context: unknown): void {
  const reached = model.fromLayout(layout, array.memory);
  const message = JSON.stringify({ context, layout });
  expect(layout.shape, message).toEqual(array.shape);
  expect(reached.addresses, message).toEqual(array.addresses);
  expect(layout.strides.length, message).toBe(layout.shape.length);
  for (const n of [...layout.strides, layout.offset])
    expect(Number.isSafeInteger(n) && !Object.is(n, -0), message).toBe(true);
}

function runsOf(layout: Layout): [number, number][] {
  const walk = new RunWalk(layout);
  const found: [number, number][] = [];
  while (walk.next()) found.push([walk.at, walk.length]);
  return found;
}

describe('layouts against the model', () => {
  test('slice', () => {
    forCases(2 * CASES, (random) => {
      const { layout, array } = randomArray(random);
      const selection = randomSelection(random, layout.shape);
      const sliced = slice(layout, selection);
      expectSame(sliced, model.slice(array, selection), { layout, selection });
      if (sizeOf(sliced.shape) === 0) expect(sliced.offset).toBe(layout.offset);
    });
  });

  test('slice of slice of slice', () => {
    forCases(CASES, (random) => {
      let { layout, array } = randomArray(random, { maxSize: 600 });
      for (let depth = 0; depth < 3; depth++) {
        const selection = randomSelection(random, layout.shape);
        layout = slice(layout, selection);
        array = model.slice(array, selection);
      }
      expectSame(layout, array, 'thrice');
    });
  });

  test('index', () => {
    forCases(CASES, (random) => {
      const { layout, array } = randomArray(random, { allowEmpty: false });
      const vector = layout.shape.map((size) => random.int(0, size - 1));
      const fromEnd = vector.map((i, k) =>
        random.chance(0.5) ? i - (layout.shape[k] ?? 0) : i,
      );
      const address = model.addressOf(array, vector);
      expect(index(layout, vector, false)).toBe(address);
      expect(index(layout, [...vector, 'value'], false, vector.length)).toBe(address);
      expect(index(layout, fromEnd, true)).toBe(address);
    });
  });

  test('transpose', () => {
    forCases(CASES, (random) => {
      const { layout, array } = randomArray(random);
      const ndim = layout.shape.length;
      const axes = random.shuffle(layout.shape.map((_, axis) => axis));
      const given = axes.map((axis) => (random.chance(0.2) ? axis - ndim : axis));
      expectSame(transpose(layout, given), model.transpose(array, axes), {
        layout,
        axes,
      });
      expectSame(transpose(layout, []), model.transpose(array), { layout });
    });
  });

  test('reshape never copies, and refuses only what strides cannot say', () => {
    let refused = 0;
    forCases(2 * CASES, (random) => {
      const { layout, array } = randomArray(random);
      const size = sizeOf(layout.shape);
      const shape = randomReshape(random, size);
      const product = shape.reduce((a, b) => a * b, 1);
      const full = shape.map((n) => (n === -1 ? -size / product : n));
      const expected = model.reshape(array, full);
      try {
        expectSame(reshape(layout, shape), expected, { layout, shape });
      } catch (error) {
        if (!(error instanceof BufferError)) throw error;
        refused++;
        expect(error.code).toBe('ERR_NBUF_CONTIGUITY');
        expect(model.isStrided(expected), JSON.stringify({ layout, shape })).toBe(false);
      }
    });
    expect(refused).toBeGreaterThan(CASES / 20);
  });

  test('broadcastTo', () => {
    forCases(CASES, (random) => {
      const { layout, array } = randomArray(random, { maxSize: 30 });
      const shape = layout.shape.map((n) =>
        n === 1 && layout.shape.length < 9 ? random.int(0, 3) : n,
      );
      while (shape.length < 9 && random.chance(0.4)) shape.unshift(random.int(1, 3));
      const expected = model.broadcastTo(array, shape);
      expectSame(broadcastTo(layout, shape), expected, { layout, shape });
    });
  });

  test('isContiguous', () => {
    const seen = { C: 0, F: 0, A: 0 };
    forCases(CASES, (random) => {
      const { layout, array } = randomArray(random);
      for (const order of ['C', 'F', 'A'] as const) {
        const found = isContiguous(layout, order);
        expect(found, JSON.stringify(layout)).toBe(model.isContiguous(array, order));
        if (found) seen[order]++;
      }
    });
    expect(Math.min(seen.C, seen.F)).toBeGreaterThan(CASES / 20);
    expect(seen.A).toBeGreaterThan(Math.max(seen.C, seen.F));
  });

  test('packedStrides are contiguous', () => {
    forCases(CASES, (random) => {
      const shape = randomShape(random);
      const itemsize = random.int(1, 16);
      for (const order of ['C', 'F'] as const) {
        const strides = packedStrides(shape, itemsize, order);
        const layout = makeLayout(shape, strides, 0, itemsize);
        expect(
          model.isContiguous(model.fromLayout(layout, new Uint8Array()), order),
        ).toBe(true);
      }
    });
  });

  test('extent', () => {
    forCases(CASES, (random) => {
      const { layout, array } = randomArray(random);
      const found = extent(layout);
      if (array.addresses.length === 0)
        expect(found).toEqual({ low: layout.offset, high: layout.offset });
      else
        expect(found).toEqual({
          low: Math.min(...array.addresses),
          high: Math.max(...array.addresses) + layout.itemsize,
        });
    });
  });

  test('runs are the longest pieces of adjacent addresses, in C order', () => {
    forCases(2 * CASES, (random) => {
      const { layout, array } = randomArray(random);
      const expected: [number, number][] = [];
      for (const at of array.addresses) {
        const last = expected.at(-1);
        if (last !== undefined && last[0] + last[1] === at) last[1] += layout.itemsize;
        else expected.push([at, layout.itemsize]);
      }
      expect(runsOf(layout), JSON.stringify(layout)).toEqual(expected);
    });
  });

  test('toElements counts the same addresses in elements', () => {
    let counted = 0;
    forCases(CASES, (random) => {
      const { layout, array } = randomArray(random);
      const { itemsize } = layout;
      const found = toElements(layout);
      const divides = array.addresses.every((at) => at % itemsize === 0);
      if (found === null) {
        expect(divides && layout.offset % itemsize === 0).toBe(false);
        return;
      }
      counted++;
      const scaled = { shape: layout.shape, ...found, itemsize: 1 };
      const elements = model.fromLayout(scaled, array.memory).addresses;
      expect(elements.map((at) => at * itemsize)).toEqual(array.addresses);
    });
    expect(counted).toBeGreaterThan(CASES / 4);
  });

  test('cast keeps the bytes in their order', () => {
    forCases(CASES, (random) => {
      const itemsize = random.pick([1, 2, 3, 4, 8]);
      const shape = randomShape(random);
      const offset = random.int(0, 9);
      const layout = makeLayout(
        shape,
        packedStrides(shape, itemsize, 'C'),
        offset,
        itemsize,
      );
      const bytes = sizeOf(shape) * itemsize;
      const target = random.pick([1, 2, 3, 4, 8].filter((size) => bytes % size === 0));
      const newShape = randomReshape(random, bytes / target).map((n) => Math.abs(n));
      const isWhole = newShape.reduce((a, b) => a * b, target) === bytes;
      const casted = isWhole ? cast(layout, target, newShape) : cast(layout, target);
      expect(sizeOf(casted.shape) * casted.itemsize).toBe(bytes);
      expect(runsOf(casted)).toEqual(bytes === 0 ? [] : [[offset, bytes]]);
      expect(isContiguous(casted, 'C')).toBe(true);
    });
  });
});
