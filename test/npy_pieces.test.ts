import { expect, test } from 'vitest';
import { type Layout, makeLayout } from '../lib/layout.ts';
import { byteLengthOf } from '../lib/layout_check.ts';
import { pieces } from '../lib/npy_pieces.ts';
import { forCases, randomLayout } from './random.ts';

/** The place of every byte of the elements, in C order. */
function places(layout: Layout, axis = 0, at = layout.offset): number[] {
  const { shape, strides, itemsize } = layout;
  if (axis === shape.length) return Array.from({ length: itemsize }, (_, k) => at + k);
  return Array.from({ length: shape[axis] ?? 0 }, (_, k) =>
    places(layout, axis + 1, at + k * (strides[axis] ?? 0)),
  ).flat();
}

test('pieces hold all elements in order, none more than the limit', () => {
  forCases(600, (random) => {
    const { layout } = randomLayout(random, { maxSize: 120 });
    const bytes = byteLengthOf(layout.shape, layout.itemsize);
    const limit = random.pick([1, 2, 3, 7, 16, 50, 200, 10_000]);
    const found = [...pieces(layout, limit)];
    const text = JSON.stringify({ layout, limit });
    expect(
      found.flatMap((piece) => places(piece)),
      text,
    ).toEqual(places(layout));
    for (const { shape, itemsize } of found)
      expect(byteLengthOf(shape, itemsize), text).toBeLessThanOrEqual(limit);
    expect(found.length, text).toBeLessThanOrEqual(Math.ceil((4 * bytes) / limit));
    if (bytes <= limit && bytes > 0) expect(found.length, text).toBe(1);
  });
});

test('the first pieces of a huge view come at once', () => {
  const shape = [2 ** 20, 2 ** 20, 2 ** 6];
  const [first] = pieces(makeLayout(shape, [0, 0, 0], 0, 2), 2 ** 22);
  expect(first).toMatchObject({ shape: [2 ** 15, 2 ** 6], itemsize: 2 });
});
