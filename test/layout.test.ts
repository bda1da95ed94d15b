import { describe, expect, test } from 'vitest';
import {
  contiguousStrides,
  extent,
  index,
  isContiguous,
  type Layout,
  makeLayout,
  sizeOf,
  toElements,
  transpose,
} from '../lib/layout.ts';
import { broadcastTo, cast, reshape } from '../lib/reshape.ts';
import { RunWalk } from '../lib/runs.ts';
import { slice } from '../lib/selection.ts';

const image = makeLayout([4, 6, 3], [32, 4, 1], 100, 1);
const outOfRange = expect.objectContaining({
  name: 'RangeError',
  code: 'ERR_OUT_OF_RANGE',
});
const LARGEST = Number.MAX_SAFE_INTEGER;

describe('contiguousStrides', () => {
  test('by order; an extent of 0 counts as 1', () => {
    expect(contiguousStrides([2, 3, 4], 8, 'C')).toEqual([96, 32, 8]);
    expect(contiguousStrides([2, 3, 4], 8, 'F')).toEqual([8, 16, 48]);
    expect(contiguousStrides([2, 0, 4], 1)).toEqual([4, 4, 1]);
    expect(contiguousStrides([], 4)).toEqual([]);
    expect(contiguousStrides(Int32Array.of(2, 3) as never, 1)).toEqual([3, 1]);
  });
});

describe('isContiguous', () => {
  test('empty layouts and one element always are', () => {
    for (const order of ['C', 'F', 'A'] as const) {
      expect(isContiguous(makeLayout([5, 0], [7, 7], 0, 1), order)).toBe(true);
      expect(isContiguous(makeLayout([], [], 3, 8), order)).toBe(true);
      expect(isContiguous(makeLayout([1, 1], [-99, 5], 3, 8), order)).toBe(true);
      expect(isContiguous(image, order)).toBe(false);
    }
  });
});

describe('slice', () => {
  test('integers drop axes, ranges step, the rest is kept', () => {
    expect(slice(image, [1])).toEqual(makeLayout([6, 3], [4, 1], 132, 1));
    expect(slice(image, [-1, -1, -1])).toEqual(makeLayout([], [], 100 + 96 + 20 + 2, 1));
    expect(slice(image, [':', [null, null, -1]])).toEqual(
      makeLayout([4, 6, 3], [32, -4, 1], 120, 1),
    );
    expect(slice(image, [[1, 3], [2], 'newaxis'])).toEqual(
      makeLayout([2, 4, 1, 3], [32, 4, 0, 1], 140, 1),
    );
    expect(slice(image, ['...', 0])).toEqual(makeLayout([4, 6], [32, 4], 100, 1));
    expect(slice(image, [])).toEqual(image);
    expect(slice(image, [null, [], [undefined, undefined, null]])).toEqual(image);
    expect(slice(image, [-0, [-0, 2]])).toEqual(makeLayout([2, 3], [4, 1], 100, 1));
  });

  test('an empty result keeps the offset', () => {
    expect(slice(image, [2, [9]])).toEqual(makeLayout([0, 3], [4, 1], 100, 1));
    expect(slice(image, [[3, 1], 1, 1])).toEqual(makeLayout([0], [32], 100, 1));
    const far = makeLayout([2], [2 ** 52], 0, 1);
    expect(slice(far, [[2]])).toEqual(makeLayout([0], [2 ** 52], 0, 1));
    const empty = makeLayout([3, 0], [2 ** 52, 1], 9, 1);
    expect(slice(empty, [2])).toEqual(makeLayout([0], [1], 9, 1));
    expect(slice(empty, [[2]])).toEqual(makeLayout([1, 0], [2 ** 52, 1], 9, 1));
  });

  test('ends clip like Python, however far away', () => {
    const line = makeLayout([10], [8], 0, 8);
    expect(slice(line, [[-1e300, 1e300]])).toEqual(line);
    expect(slice(line, [[LARGEST, -LARGEST, -1]])).toEqual(makeLayout([10], [-8], 72, 8));
    expect(slice(line, [[3, null, 1e300]])).toEqual(makeLayout([1], [8], 24, 8));
    expect(slice(line, [[3, null, -(2 ** 60)]])).toEqual(makeLayout([1], [8], 24, 8));
    const endless = makeLayout([LARGEST], [0], 0, 1);
    expect(slice(endless, [[null, null, -1]])).toEqual(endless);
    expect(slice(endless, [[0, LARGEST, 3]]).shape).toEqual([3002399751580331]);
    expect(slice(endless, [[null, null, -2]]).shape).toEqual([2 ** 52]);
  });

  test.each([
    [[4]],
    [[-5]],
    [[0, 0, 0, 0]],
    [[':', ':', ':', ':']],
    [['...', '...']],
    [[[null, null, 0]]],
    [[[1, 2, 3, 4]]],
    [new Array(62).fill('newaxis')],
    [[2 ** 60]],
  ])('case %# is out of range: %j', (selection) => {
    expect(() => slice(image, selection)).toThrow(outOfRange);
  });

  test('as many new axes as fit', () => {
    const added = new Array(61).fill('newaxis');
    expect(slice(image, added).shape.length).toBe(64);
    expect(slice(image, ['newaxis', ...added, 0]).shape.length).toBe(64);
  });
});

describe('index', () => {
  test('exactly one per axis, from the end only where asked', () => {
    expect(index(image, [3, 5, 2], false)).toBe(100 + 96 + 20 + 2);
    expect(index(image, [-4, -1, -3], true)).toBe(120);
    expect(index(image, [-0, 0, -0], false)).toBe(100);
    expect(index(makeLayout([], [], 5, 1), [], false)).toBe(5);
    for (const indices of [
      [0, 0],
      [0, 0, 0, 0],
      [4, 0, 0],
      [0, -1, 0],
    ])
      expect(() => index(image, indices, false)).toThrow(outOfRange);
    for (const indices of [
      [-5, 0, 0],
      [0, 6, 0],
    ])
      expect(() => index(image, indices, true)).toThrow(outOfRange);
  });
});

describe('transpose', () => {
  test('permutes, reverses by default', () => {
    expect(transpose(image, [])).toEqual(makeLayout([3, 6, 4], [1, 4, 32], 100, 1));
    expect(transpose(image, [2, 0, 1])).toEqual(
      makeLayout([3, 4, 6], [1, 32, 4], 100, 1),
    );
    expect(transpose(image, [-1, 0, -2])).toEqual(transpose(image, [2, 0, 1]));
    expect(transpose(image, [-0, 1, 2])).toEqual(image);
    for (const axes of [
      [0],
      [0, 1],
      [0, 1, 1],
      [0, 1, -2],
      [0, 1, 3],
      [0, 1, -4],
      [0, 1, 2, 0],
    ])
      expect(() => transpose(image, axes)).toThrow(outOfRange);
  });
});

describe('reshape', () => {
  const packed = makeLayout([4, 6], [6, 1], 7, 1);

  test('infers one -1', () => {
    expect(reshape(packed, [-1])).toEqual(makeLayout([24], [1], 7, 1));
    expect(reshape(packed, [2, -1, 3])).toEqual(makeLayout([2, 4, 3], [12, 3, 1], 7, 1));
    expect(reshape(makeLayout([0, 3], [3, 1], 7, 1), [-1, 5]).shape).toEqual([0, 5]);
    expect(reshape(makeLayout([], [], 7, 4), [1, -1]).shape).toEqual([1, 1]);
    expect(reshape(packed, Uint8Array.of(24)).shape).toEqual([24]);
    for (const shape of [[-1, -1], [5, -1], [-2], [24, 0], [0, -1], [25], []])
      expect(() => reshape(packed, shape)).toThrow(outOfRange);
    expect(() => reshape(makeLayout([0], [1], 0, 1), [0, -1])).toThrow(outOfRange);
  });

  test('keeps odd strides where it can, refuses where a copy is needed', () => {
    expect(reshape(slice(packed, [[null, null, -1]]), [2, 2, 6])).toEqual(
      makeLayout([2, 2, 6], [-12, -6, 1], 25, 1),
    );
    expect(reshape(makeLayout([3, 4], [0, 0], 7, 1), [12]).strides).toEqual([0]);
    const refusal = { name: 'BufferError', code: 'ERR_NBUF_CONTIGUITY' };
    expect(() => reshape(transpose(packed, []), [24])).toThrow(
      expect.objectContaining(refusal),
    );
    expect(() => reshape(image, [12, 6])).toThrow(/copy with toContiguous\(\)/);
  });
});

describe('broadcastTo', () => {
  test('repeats axes of one element, adds axes in front', () => {
    const row = makeLayout([1, 6], [99, 8], 16, 8);
    expect(broadcastTo(row, [2, 3, 6])).toEqual(makeLayout([2, 3, 6], [0, 0, 8], 16, 8));
    expect(broadcastTo(row, [0, 6]).shape).toEqual([0, 6]);
    for (const shape of [[6], [], [3, 5], [1, 1], [2 ** 50, 6], [-1, 6]])
      expect(() => broadcastTo(row, shape)).toThrow(outOfRange);
  });
});

describe('cast', () => {
  test('needs C-contiguous bytes that divide', () => {
    const bytes = makeLayout([4, 6], [6, 1], 7, 1);
    expect(cast(bytes, 8)).toEqual(makeLayout([3], [8], 7, 8));
    expect(cast(bytes, 4, [3, 2])).toEqual(makeLayout([3, 2], [8, 4], 7, 4));
    expect(cast(makeLayout([0, 6], [6, 1], 7, 1), 8).shape).toEqual([0]);
    expect(() => cast(bytes, 5)).toThrow(outOfRange);
    expect(() => cast(bytes, 4, [5])).toThrow(outOfRange);
    expect(() => cast(image, 1)).toThrow(
      expect.objectContaining({ code: 'ERR_NBUF_CONTIGUITY' }),
    );
  });
});

/** Start and length of each run, in bytes. */
function runsOf(layout: Layout): [number, number][] {
  const walk = new RunWalk(layout);
  const found: [number, number][] = [];
  while (walk.next()) found.push([walk.at, walk.length]);
  return found;
}

describe('runs', () => {
  test('are the longest pieces of adjacent elements', () => {
    const runs = (...args: [number[], number[], number, number]) =>
      runsOf(makeLayout(...args));
    expect(runs([2, 3, 4], [16, 4, 1], 8, 1)).toEqual([
      [8, 12],
      [24, 12],
    ]);
    expect(runs([2, 2], [2, -1], 1, 1)).toEqual([1, 0, 3, 2].map((at) => [at, 1]));
    expect(runs([3], [0], 5, 4)).toEqual([5, 5, 5].map((at) => [at, 4]));
    expect(runs([], [], 5, 4)).toEqual([[5, 4]]);
    expect(runs([2, 0], [4, 4], 5, 4)).toEqual([]);
  });

  test('go on across axes that no single stride can join', () => {
    const runs = (...args: [number[], number[], number, number]) =>
      runsOf(makeLayout(...args));
    // The second row starts where the first one's last piece ends.
    expect(runs([2, 2, 3], [13, 10, 1], 0, 1)).toEqual([
      [0, 3],
      [10, 6],
      [23, 3],
    ]);
    expect(runs([3, 2], [5, 4], 0, 1)).toEqual([
      [0, 1],
      [4, 2],
      [9, 2],
      [14, 1],
    ]);
    // Rows of one piece, each behind the other's end: a second axis in between has one stride.
    expect(runs([2, 2, 1, 2], [7, 2, 0, 1], 0, 1)).toEqual([
      [0, 4],
      [7, 4],
    ]);
  });
});

describe('toElements', () => {
  test('is null where elements cannot be counted', () => {
    expect(toElements(makeLayout([2, 1], [16, 3], 8, 8))).toEqual({
      strides: [2, 0],
      offset: 1,
    });
    expect(toElements(makeLayout([2, 2], [16, 3], 8, 8))).toBeNull();
    expect(toElements(makeLayout([2], [8], 4, 8))).toBeNull();
    expect(toElements(makeLayout([0, 9], [3, 3], 0, 8))).toEqual({
      strides: [0, 0],
      offset: 0,
    });
  });
});

describe('sizes stay exact', () => {
  test('beyond 2^53 is refused', () => {
    expect(sizeOf([LARGEST, 1])).toBe(LARGEST);
    expect(() => sizeOf([LARGEST, 2])).toThrow(outOfRange);
    expect(() => sizeOf([0, LARGEST, 2])).toThrow(outOfRange);
    expect(() => contiguousStrides([2 ** 50], 8)).toThrow(outOfRange);
    expect(contiguousStrides([2 ** 50 - 1], 8)).toEqual([8]);
    expect(() => extent(makeLayout([3], [2 ** 52], 0, 1))).toThrow(outOfRange);
    expect(() => extent(makeLayout([2, 2], [LARGEST, 1], 0, 1))).toThrow(outOfRange);
    // 3 * 3002399751580331 = 2^53 + 1 rounds, and would seem to fit below this offset.
    const rounded = makeLayout([4], [-3002399751580331], LARGEST - 1, 1);
    expect(() => extent(rounded)).toThrow(outOfRange);
    const none = makeLayout([0], [8], 0, 8);
    expect(() => reshape(none, [0, 2 ** 51])).toThrow(outOfRange);
    expect(reshape(none, [0, 2 ** 49]).strides).toEqual([2 ** 52, 8]);
    expect(() => index(makeLayout([3], [2 ** 52], 0, 1), [2], false)).toThrow(outOfRange);
    expect(() => slice(makeLayout([3], [2 ** 52], 0, 1), [2])).toThrow(outOfRange);
    expect(reshape(makeLayout([2], [2 ** 52], 0, 1), [1, 2]).strides).toEqual([
      2 ** 52,
      2 ** 52,
    ]);
  });
});
