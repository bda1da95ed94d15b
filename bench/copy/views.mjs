// Layouts of the copy benchmark, as plain data that every worker understands: byte counts
// and element extents, nothing of nbuf's own arithmetic.

/** @typedef {{block: number, offset: number, shape: number[], strides: number[]}} View */

const product = (numbers) => numbers.reduce((all, number) => all * number, 1);

/**
 * A block of its own with a C-contiguous array in it, whose last axes take `room` elements
 * where they show `shape`: rows with padding, pixels with a channel more.
 */
export function packed(shape, itemsize, room = shape) {
  const strides = [];
  for (let axis = shape.length, step = itemsize; axis-- > 0; step *= room[axis])
    strides[axis] = step;
  return {
    itemsize,
    blocks: [product(room) * itemsize],
    view: { block: 0, offset: 0, shape, strides },
  };
}

const withView = (array, change) => ({ ...array, view: { ...array.view, ...change } });

export function transpose(array, axes = array.view.shape.map((_, k) => k).reverse()) {
  return withView(array, {
    shape: axes.map((axis) => array.view.shape[axis]),
    strides: axes.map((axis) => array.view.strides[axis]),
  });
}

/** Every `step`th index of an axis, from `start`; a negative step goes backwards. */
export function every(array, axis, step, start = step < 0 ? -1 : 0) {
  const { shape, strides, offset } = array.view;
  const first = start < 0 ? shape[axis] + start : start;
  const left = step < 0 ? first + 1 : shape[axis] - first;
  return withView(array, {
    offset: offset + first * strides[axis],
    shape: shape.with(axis, Math.ceil(left / Math.abs(step))),
    strides: strides.with(axis, strides[axis] * step),
  });
}

export function flip(array, ...axes) {
  return axes.reduce((flipped, axis) => every(flipped, axis, -1), array);
}

/** Indices [start, stop) of an axis. */
export function part(array, axis, start, stop) {
  const { shape, strides, offset } = array.view;
  return withView(array, {
    offset: offset + start * strides[axis],
    shape: shape.with(axis, stop - start),
  });
}

/** The same element along the axes where `shape` has more than the array. */
export function broadcast(array, shape) {
  const { strides } = array.view;
  const isStretched = (axis) => array.view.shape[axis] === 1 && shape[axis] !== 1;
  return withView(array, {
    shape,
    strides: strides.map((stride, axis) => (isStretched(axis) ? 0 : stride)),
  });
}

/** One index of the first axis. */
const pick = ({ block, offset, shape, strides }, index) => ({
  block,
  offset: offset + index * strides[0],
  shape: shape.slice(1),
  strides: strides.slice(1),
});

/** `count` blocks of one row each: an image by row pointers, its axes permuted. */
export function rows(shape, itemsize, axes = shape.map((_, k) => k)) {
  const row = packed(shape.slice(1), itemsize);
  return {
    itemsize,
    blocks: Array(shape[0]).fill(row.blocks[0]),
    axes,
    rows: Array.from({ length: shape[0] }, (_, block) => ({ ...row.view, block })),
    shape: axes.map((axis) => shape[axis]),
  };
}

/** The other side of an array of rows: where each row goes. */
function alongRows(array, axes) {
  const inverse = axes.map((_, axis) => axes.indexOf(axis));
  const { view } = transpose(array, inverse);
  return Array.from({ length: view.shape[0] }, (_, index) => pick(view, index));
}

const shapeOf = (array) => array.shape ?? array.view.shape;

/** The views of both sides that are copied one by one where there are no pointers. */
function pairsOf(dst, src) {
  if (src.rows) return { dst: alongRows(dst, src.axes), src: src.rows };
  if (dst.rows) return { dst: dst.rows, src: alongRows(src, dst.axes) };
  return { dst: [dst.view], src: [src.view] };
}

/**
 * What the workers are told of one copy. `swap`: bytes of each group that is reversed, or 0.
 * `axes`, on the side that has pointers: how its axes are permuted.
 */
export function copyCase(group, label, dst, src, { swap = 0, name = label } = {}) {
  const shape = shapeOf(dst);
  if (String(shape) !== String(shapeOf(src)))
    throw new Error(`${label}: expected one shape, found ${shape} and ${shapeOf(src)}`);
  const views = pairsOf(dst, src);
  const side = (array, of) => ({
    blocks: array.blocks,
    views: of,
    whole: array.view ?? null,
    axes: array.axes ?? null,
  });
  return {
    group,
    label,
    name,
    itemsize: dst.itemsize,
    shape,
    bytes: product(shape) * dst.itemsize,
    swap,
    dst: side(dst, views.dst),
    src: side(src, views.src),
  };
}
