/** Cuts the elements of a view into pieces that are packed one by one. */

import { type Layout, makeLayout } from './layout.ts';
import { withInnerAxes } from './levels.ts';
import { slice } from './selection.ts';

type Axes = { shape: number[]; strides: number[]; itemsize: number };

/** Axes of one element say nothing; an item that is too large becomes an axis of bytes. */
function axesOf(layout: Layout, limit: number): Axes {
  const kept = layout.shape.flatMap((extent, k) => (extent === 1 ? [] : [k]));
  const axes: Axes = {
    shape: kept.map((k) => layout.shape[k] as number),
    strides: kept.map((k) => layout.strides[k] as number),
    itemsize: layout.itemsize,
  };
  if (layout.itemsize > limit) {
    axes.shape.push(layout.itemsize);
    axes.strides.push(1);
    axes.itemsize = 1;
  }
  return axes;
}

/** The outermost axis of which one entry fits into `limit` bytes, and the bytes of that. */
function splitAxis({ shape, itemsize }: Axes, limit: number): [number, number] {
  let axis = shape.length - 1;
  let bytes = itemsize;
  while (axis > 0 && bytes * (shape[axis] as number) <= limit)
    bytes *= shape[axis--] as number;
  return [axis, bytes];
}

/** Offsets of all elements of some axes, in C order. */
function* offsets(
  shape: readonly number[],
  strides: readonly number[],
  offset: number,
): Generator<number> {
  const [extent, ...inner] = shape;
  if (extent === undefined) return yield offset;
  for (let k = 0; k < extent; k++)
    yield* offsets(inner, strides.slice(1), offset + k * (strides[0] as number));
}

/** An item that is too large as an axis of bytes. */
function cutItems(layout: Layout, limit: number): Layout {
  const { shape, strides, offset, itemsize, levels } = layout;
  if (itemsize <= limit) return layout;
  const inner = withInnerAxes(levels, 1);
  return makeLayout([...shape, itemsize], [...strides, 1], offset, 1, inner);
}

/** The pieces of an indirect layout: an axis may be behind a pointer, so each is a slice. */
function* slices(layout: Layout, limit: number): Generator<Layout> {
  const { shape, itemsize } = layout;
  const [axis, entryBytes] = splitAxis(
    { shape: [...shape], strides: [], itemsize },
    limit,
  );
  if (axis < 0) return yield layout;
  if (axis > 0) {
    for (let k = 0; k < (shape[0] as number); k++)
      yield* slices(slice(layout, [k]), limit);
    return;
  }
  const extent = shape[0] as number;
  const count = Math.ceil(extent / Math.floor(limit / entryBytes));
  for (let k = 0; k < count; k++) {
    const start = Math.floor((extent * k) / count);
    yield slice(layout, [[start, Math.floor((extent * (k + 1)) / count)]]);
  }
}

/**
 * The elements of a layout in C order, as layouts of at most `limit` bytes each: whole rows
 * where they fit, parts of a row or of an item where they do not.
 */
export function* pieces(layout: Layout, limit: number): Generator<Layout> {
  if (layout.shape.includes(0)) return;
  if (layout.levels !== null) return yield* slices(cutItems(layout, limit), limit);
  const axes = axesOf(layout, limit);
  const { shape, strides, itemsize } = axes;
  const [axis, entryBytes] = splitAxis(axes, limit);
  if (axis < 0) return yield makeLayout([], [], layout.offset, itemsize);
  const extent = shape[axis] as number;
  const count = Math.ceil(extent / Math.floor(limit / entryBytes));
  const outer = offsets(shape.slice(0, axis), strides, layout.offset);
  for (const offset of outer)
    for (let k = 0; k < count; k++) {
      const start = Math.floor((extent * k) / count);
      const length = Math.floor((extent * (k + 1)) / count) - start;
      yield makeLayout(
        [length, ...shape.slice(axis + 1)],
        strides.slice(axis),
        offset + start * (strides[axis] as number),
        itemsize,
      );
    }
}
