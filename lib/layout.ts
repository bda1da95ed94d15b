/**
 * The algebra of strided layouts: plain values in, plain values out, no memory touched. It
 * repeats what the core can do (DESIGN section 2) because a call into the core costs more
 * than the answer. Layouts are trusted: whoever makes one out of a caller's numbers checks
 * them first (`layout_check.ts`) and lets the core check the bounds.
 */

import { rangeError, show, typeError } from './errors.ts';
import {
  byteLengthOf,
  checkItemsize,
  checkOrder,
  checkShape,
  exact,
} from './layout_check.ts';

/**
 * Indirection (DESIGN section 4): the level in which each axis moves, and what is added after
 * the pointer of each level but the last was followed, in bytes. An address is made level by
 * level: add index * stride of its axes; unless it is the last, follow the pointer found there
 * and add `post[level]`.
 */
export type Levels = {
  readonly axis: readonly number[];
  readonly post: readonly number[];
};

/**
 * Where the elements of a view lie. `strides` and `offset` are bytes; `offset` is the first
 * element's distance from the start of its block, or with `levels` that of the first pointer
 * from the start of the tables. At most 64 axes. `levels` is null where no pointer is followed.
 */
export type Layout = {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
  readonly itemsize: number;
  readonly levels: Levels | null;
};

/** One place that writes the literal, so that all layouts share one hidden class. */
export function makeLayout(
  shape: readonly number[],
  strides: readonly number[],
  offset: number,
  itemsize: number,
  levels: Levels | null = null,
): Layout {
  return { shape, strides, offset, itemsize, levels };
}

/** The number of elements. */
export function sizeOf(shape: readonly number[]): number {
  return byteLengthOf(shape, 1);
}

/** Has the layout no element? */
export function isEmpty(shape: readonly number[]): boolean {
  for (let k = 0; k < shape.length; k++) if (shape[k] === 0) return true;
  return false;
}

/** Strides of a contiguous array; an extent of 0 counts as 1, as in nbuf.h. Trusts the shape. */
export function packedStrides(
  shape: readonly number[],
  itemsize: number,
  order: 'C' | 'F',
): number[] {
  const strides = shape.slice();
  const last = shape.length - 1;
  let step = itemsize;
  for (let k = 0; k <= last; k++) {
    const axis = order === 'F' ? k : last - k;
    strides[axis] = step;
    step *= shape[axis] || 1;
  }
  return strides;
}

/** `packedStrides` for callers outside: checks every argument first. */
export function contiguousStrides(
  shape: readonly number[],
  itemsize: number,
  order: 'C' | 'F' = 'C',
): number[] {
  const size = checkItemsize(itemsize);
  const extents = checkShape(shape, size);
  return packedStrides(extents, size, checkOrder(order, ['C', 'F']));
}

function isPacked(layout: Layout, order: 'C' | 'F'): boolean {
  const { shape, strides } = layout;
  const last = shape.length - 1;
  let step = layout.itemsize;
  for (let k = 0; k <= last; k++) {
    const axis = order === 'F' ? k : last - k;
    const extent = shape[axis] as number;
    if (extent > 1 && strides[axis] !== step) return false;
    step *= extent;
  }
  return true;
}

/**
 * As PyBuffer_IsContiguous: layouts with pointers never are, empty ones always, and axes of one
 * element do not count.
 */
export function isContiguous(layout: Layout, order: 'C' | 'F' | 'A'): boolean {
  if (layout.levels !== null) return false;
  if (isEmpty(layout.shape)) return true;
  if (order !== 'A') return isPacked(layout, order);
  return isPacked(layout, 'C') || isPacked(layout, 'F');
}

/** The bytes [low, high) of the block between which all elements of a direct layout lie. */
export function extent(layout: Layout): { low: number; high: number } {
  const { shape, strides, offset, itemsize } = layout;
  if (isEmpty(shape)) return { low: offset, high: offset };
  let low = offset;
  let high = exact(offset + itemsize, 'extent');
  for (let k = 0; k < shape.length; k++) {
    const span = exact((strides[k] as number) * ((shape[k] as number) - 1), 'extent');
    if (span < 0) low = exact(low + span, 'extent');
    else high = exact(high + span, 'extent');
  }
  return { low, high };
}

function indexFailure(
  shape: readonly number[],
  indices: readonly unknown[],
  fromEnd: boolean,
): Error {
  for (let k = 0; k < indices.length; k++)
    if (!Number.isInteger(indices[k]))
      return typeError(`index ${k}: expected an integer, found ${show(indices[k])}`);
  if (indices.length !== shape.length)
    return rangeError(
      `expected ${shape.length} indices, one per axis, found ${indices.length}`,
    );
  for (let k = 0; k < shape.length; k++) {
    const size = shape[k] as number;
    const low = fromEnd ? -size : 0;
    const index = indices[k] as number;
    if (index < low || index >= size)
      return rangeError(`index ${k}: expected ${low} <= index < ${size}, found ${index}`);
  }
  return rangeError('the element lies beyond 2^53 - 1 bytes');
}

/**
 * The byte offset of one element of a direct layout. The first `count` of `args` (the caller's rest parameter;
 * `set` has a value behind them) are one integer per axis; negative ones count from the end
 * if `fromEnd` says so.
 */
export function index(
  layout: Layout,
  args: readonly unknown[],
  fromEnd: boolean,
  count: number = args.length,
): number {
  const { shape, strides } = layout;
  if (count !== shape.length) throw indexFailure(shape, args.slice(0, count), fromEnd);
  let offset = layout.offset;
  for (let k = 0; k < count; k++) {
    let at = args[k] as number;
    const size = shape[k] as number;
    if (fromEnd && typeof at === 'number' && at < 0) at += size;
    if (!(Number.isInteger(at) && at >= 0 && at < size))
      throw indexFailure(shape, args.slice(0, count), fromEnd);
    offset += at * (strides[k] as number);
  }
  if (!Number.isSafeInteger(offset))
    throw indexFailure(shape, args.slice(0, count), fromEnd);
  return offset;
}

/** As `index`, for any layout: the checked index itself, one integer >= 0 per axis. */
export function checkIndex(
  layout: Layout,
  args: readonly unknown[],
  fromEnd: boolean,
): number[] {
  const { shape } = layout;
  if (args.length !== shape.length) throw indexFailure(shape, args, fromEnd);
  const indices: number[] = [];
  for (let k = 0; k < shape.length; k++) {
    const size = shape[k] as number;
    let at = args[k] as number;
    if (fromEnd && typeof at === 'number' && at < 0) at += size;
    if (!(Number.isInteger(at) && at >= 0 && at < size))
      throw indexFailure(shape, args, fromEnd);
    indices.push(at + 0); // -0 becomes 0
  }
  return indices;
}

function checkAxis(value: unknown, ndim: number): number {
  if (!Number.isInteger(value))
    throw typeError(`axis: expected an integer, found ${show(value)}`);
  const axis = value as number;
  if (axis >= -ndim && axis < ndim) return axis < 0 ? axis + ndim : axis + 0;
  throw rangeError(`axis: expected ${-ndim} <= axis < ${ndim}, found ${axis}`);
}

function checkPermutation(axes: readonly unknown[], ndim: number): number[] {
  const order: number[] = [];
  for (let k = 0; k < axes.length; k++) order.push(checkAxis(axes[k], ndim));
  if (order.length !== ndim)
    throw rangeError(`axes: expected each of ${ndim} axes once, found ${order.length}`);
  for (let k = 1; k < ndim; k++)
    if (order.indexOf(order[k] as number) < k)
      throw rangeError(`axes: expected each axis once, found axis ${order[k]} twice`);
  return order;
}

function permuted({ axis, post }: Levels, order: readonly number[] | null): Levels {
  if (order === null) return { axis: axis.slice().reverse(), post };
  return { axis: order.map((k) => axis[k] as number), post };
}

/** The axes in the order of `axes` (negative ones count from the end); reversed if none. */
export function transpose(layout: Layout, axes: readonly unknown[]): Layout {
  const { shape, strides, levels } = layout;
  const last = shape.length - 1;
  const newShape = shape.slice();
  const newStrides = strides.slice();
  const order = axes.length === 0 ? null : checkPermutation(axes, shape.length);
  for (let k = 0; k <= last; k++) {
    const axis = order === null ? last - k : (order[k] as number);
    newShape[k] = shape[axis] as number;
    newStrides[k] = strides[axis] as number;
  }
  const newLevels = levels === null ? null : permuted(levels, order);
  return makeLayout(newShape, newStrides, layout.offset, layout.itemsize, newLevels);
}

/**
 * Strides and offset counted in elements, for libraries that know nothing else; null when
 * they cannot say it. The stride of an axis that is never stepped along does not matter.
 */
export function toElements(
  layout: Layout,
): { readonly strides: readonly number[]; readonly offset: number } | null {
  const { shape, itemsize } = layout;
  if (layout.levels !== null || layout.offset % itemsize !== 0) return null;
  const strides = layout.strides.slice();
  const neverStepped = isEmpty(shape);
  for (let k = 0; k < strides.length; k++) {
    const step = (strides[k] as number) / itemsize;
    if (Number.isInteger(step)) strides[k] = step;
    else if (neverStepped || (shape[k] as number) <= 1) strides[k] = 0;
    else return null;
  }
  return { strides, offset: layout.offset / itemsize };
}
