import { describe, expect, test } from 'vitest';
import { BufferError } from '../lib/errors.ts';
import {
  checkIndex,
  index,
  isContiguous,
  type Layout,
  makeLayout,
  sizeOf,
  toElements,
  transpose,
} from '../lib/layout.ts';
import { levelsOf, suboffsetsOf } from '../lib/levels.ts';
import { pieces } from '../lib/npy_pieces.ts';
import { broadcastTo, cast, reshape } from '../lib/reshape.ts';
import { slice } from '../lib/selection.ts';
import * as model from './model.ts';
import { modelOf, type Pointers, randomPointers } from './pointers.ts';
import { forCases, type Random, randomReshape, randomSelection } from './random.ts';

const CASES = 3000;

type Given = {
  readonly pointers: Pointers;
  readonly layout: Layout;
  readonly array: model.Model;
};

function randomGiven(random: Random): Given {
  const { layout, pointers } = randomPointers(random, random.pick([2, 2, 3, 3, 4]));
  return { pointers, layout, array: modelOf(pointers, layout) };
}

/** The layout reaches the model's elements through the same tables. */
function expectSame({ pointers, layout, array }: Given, context: unknown): void {
  const message = JSON.stringify({ context, layout });
  expect(layout.shape, message).toEqual(array.shape);
  expect(modelOf(pointers, layout).addresses, message).toEqual(array.addresses);
  const { levels } = layout;
  expect(layout.strides.length, message).toBe(layout.shape.length);
  expect(levels?.axis.length, message).toBe(layout.shape.length);
  for (const n of [...layout.strides, layout.offset, ...(levels?.post ?? [])])
    expect(Number.isSafeInteger(n) && !Object.is(n, -0), message).toBe(true);
}

function sliced(given: Given, random: Random): Given {
  const selection = randomSelection(random, given.layout.shape);
  const layout = slice(given.layout, selection);
  if (sizeOf(layout.shape) === 0) {
    expect(layout.offset).toBe(given.layout.offset);
    expect(layout.levels?.post).toEqual(given.layout.levels?.post);
  }
  const made = { ...given, layout, array: model.slice(given.array, selection) };
  expectSame(made, selection);
  return made;
}

function transposed(given: Given, random: Random): Given {
  const axes = random.shuffle(given.layout.shape.map((_, axis) => axis));
  const made = {
    ...given,
    layout: transpose(given.layout, axes),
    array: model.transpose(given.array, axes),
  };
  expectSame(made, axes);
  const reversed = axes.map((_, k) => -1 - k);
  expect(transpose(made.layout, [])).toEqual(transpose(made.layout, reversed));
  return made;
}

function broadcasted(given: Given, random: Random): Given {
  const kept = given.layout.shape.map((n) => (n === 1 ? random.int(1, 2) : n));
  const added = Array.from({ length: random.int(0, 2) }, () => random.int(1, 2));
  const shape = sizeOf(kept) > 300 ? given.layout.shape : [...added, ...kept];
  const layout = broadcastTo(given.layout, shape);
  const made = { ...given, layout, array: model.broadcastTo(given.array, shape) };
  expectSame(made, shape);
  return made;
}

/** Steps of one level that walk these addresses: what a reshape without a copy needs. */
function reshaped(given: Given, random: Random): Given {
  const size = sizeOf(given.layout.shape);
  const shape = randomReshape(random, size);
  const product = shape.reduce((a, b) => a * b, 1);
  const full = shape.map((n) => (n === -1 ? -size / product : n));
  const array = model.reshape(given.array, full);
  try {
    const made = { ...given, layout: reshape(given.layout, shape), array };
    expectSame(made, shape);
    return made;
  } catch (error) {
    if (!(error instanceof BufferError)) throw error;
    expect(error.code).toBe('ERR_NBUF_CONTIGUITY');
    return given;
  }
}

describe('layouts with levels against a model that follows pointers', () => {
  test('the model itself follows the pointers that were placed', () => {
    forCases(CASES, (random) => {
      const { layout, array } = randomGiven(random);
      expect(array.addresses.length).toBe(sizeOf(layout.shape));
    });
  });

  test('slice', () => {
    forCases(2 * CASES, (random) => sliced(randomGiven(random), random));
  });

  test('any stack of slice, transpose, reshape and broadcast', () => {
    forCases(2 * CASES, (random) => {
      let given = randomGiven(random);
      for (let depth = random.int(1, 5); depth > 0; depth--) {
        const step = random.pick([sliced, transposed, reshaped, broadcasted]);
        given = step(given, random);
      }
    });
  });

  test('reshape keeps, splits and merges the axes of one level', () => {
    const layout = makeLayout([6, 4, 5], [8, 5, 1], 16, 1, {
      axis: [0, 1, 1],
      post: [3],
    });
    const same = { axis: [0, 1], post: [3] };
    expect(reshape(layout, [6, 20])).toEqual(makeLayout([6, 20], [8, 1], 16, 1, same));
    expect(reshape(layout, [2, 3, 2, 10])).toEqual(
      makeLayout([2, 3, 2, 10], [24, 8, 10, 1], 16, 1, { axis: [0, 0, 1, 1], post: [3] }),
    );
    expect(() => reshape(layout, [120])).toThrow(/pointers between some of them/);
    expect(() => reshape(layout, [12, 10])).toThrow(BufferError);
    // Refused are merged axes only: one that is never refused proves nothing about that.
    forCases(CASES, (random) => {
      const given = randomGiven(random);
      const { shape } = given.layout;
      expectSame({ ...given, layout: reshape(given.layout, shape) }, 'the same');
      const ones = [1, ...shape.flatMap((n) => [n, 1])];
      const array = model.reshape(given.array, ones);
      expectSame({ ...given, layout: reshape(given.layout, ones), array }, 'with ones');
    });
  });

  test('an index as of `get` and `at`', () => {
    forCases(CASES, (random) => {
      const { layout } = randomGiven(random);
      if (sizeOf(layout.shape) === 0) return;
      const vector = layout.shape.map((n) => random.int(0, n - 1));
      const negative = vector.map((i, k) =>
        random.chance(0.5) ? i - (layout.shape[k] ?? 0) : i,
      );
      expect(checkIndex(layout, vector, false)).toEqual(vector);
      expect(checkIndex(layout, negative, true)).toEqual(vector);
      const direct = makeLayout(layout.shape, layout.strides, 0, 1);
      for (const wrong of [[], [...vector, 0], layout.shape, vector.map(() => -99)]) {
        const messageOf = (ask: () => unknown): string => {
          try {
            ask();
            return 'right';
          } catch (error) {
            return (error as Error).message;
          }
        };
        expect(messageOf(() => checkIndex(layout, wrong, true))).toBe(
          messageOf(() => index(direct, wrong, true)),
        );
      }
    });
  });

  test('are never contiguous, cannot be cast, and elements cannot say them', () => {
    forCases(CASES / 10, (random) => {
      const { layout } = randomGiven(random);
      for (const order of ['C', 'F', 'A'] as const)
        expect(isContiguous(layout, order)).toBe(false);
      expect(() => cast(layout, 1)).toThrow(BufferError);
      expect(toElements(layout)).toBe(null);
    });
  });

  test('pieces of a file have every element once, in C order', () => {
    forCases(CASES, (random) => {
      const { pointers, layout, array } = randomGiven(random);
      const limit = random.int(1, 40);
      const found = [...pieces(layout, limit)].flatMap((piece) => {
        expect(sizeOf(piece.shape) * piece.itemsize).toBeLessThanOrEqual(limit);
        return modelOf(pointers, piece).addresses.flatMap((at) =>
          Array.from({ length: piece.itemsize }, (_, k) => at + k),
        );
      });
      const expected = array.addresses.flatMap((at) =>
        Array.from({ length: layout.itemsize }, (_, k) => at + k),
      );
      expect(found, JSON.stringify({ layout, limit })).toEqual(expected);
    });
  });
});

describe('levels and suboffsets', () => {
  test('suboffsets become levels: a pointer behind each entry that is not negative', () => {
    expect(levelsOf([])).toBe(null);
    expect(levelsOf([-1, -5])).toBe(null);
    expect(levelsOf([0, -1, -1])).toEqual({ axis: [0, 1, 1], post: [0] });
    expect(levelsOf([-1, 4, 0, -1])).toEqual({ axis: [0, 0, 1, 2], post: [4, 0] });
    expect(levelsOf([7])).toEqual({ axis: [0], post: [7] });
  });

  test('and back', () => {
    forCases(CASES, (random) => {
      const suboffsets = Array.from({ length: random.int(1, 6) }, () =>
        random.chance(0.4) ? random.int(0, 99) : -1,
      );
      const levels = levelsOf(suboffsets);
      if (levels !== null) expect(suboffsetsOf(levels)).toEqual(suboffsets);
    });
  });

  test.each([
    [{ axis: [1, 0], post: [0] }, /axis 1 moves in front of a pointer/],
    [{ axis: [0, 1], post: [-1] }, /-1 bytes are added behind the pointer of level 0/],
    [{ axis: [1, 1], post: [0] }, /no axis moves in level 0/],
    [{ axis: [0, 2], post: [0, 0] }, /no axis moves in level 1/],
    [{ axis: [], post: [3] }, /no axis moves in level 0/],
  ])('what suboffsets cannot say: %j', (levels, reason) => {
    expect(() => suboffsetsOf(levels)).toThrow(reason);
    expect(() => suboffsetsOf(levels)).toThrow(
      expect.objectContaining({ code: 'ERR_NBUF_SUBOFFSETS' }),
    );
  });

  test('the sign trap: slicing row pointers at row ends keeps the pointer', () => {
    // Rows of 3, each pointer at its row's last element, walked backwards: legal, suboffset 0.
    const table = new Map([0, 8].map((at, row) => [at, 1000 + 3 * row + 2]));
    const rows = makeLayout([2, 3], [8, -1], 0, 1, levelsOf([0, -1]));
    const rest = slice(rows, [':', [1]]);
    expect(rest.levels).toEqual({ axis: [0, 1], post: [-1] }); // CPython: "no pointer"
    expect(modelOf({ table, origin: 0 }, rest).addresses).toEqual([
      1001, 1000, 1004, 1003,
    ]);
    expect(() => suboffsetsOf(rest.levels ?? { axis: [], post: [] })).toThrow(
      /-1 bytes are added/,
    );
  });
});
