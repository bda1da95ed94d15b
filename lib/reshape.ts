/** The same bytes under another shape: `reshape`, `broadcastTo`, `cast`. Nothing is copied. */

import { BufferError, rangeError } from './errors.ts';
import {
  isContiguous,
  isEmpty,
  type Layout,
  type Levels,
  makeLayout,
  packedStrides,
  sizeOf,
} from './layout.ts';
import { byteLengthOf, checkAtLeast, checkIntegers, checkShape } from './layout_check.ts';
import { mergeAxes } from './runs.ts';

/** Replaces one -1 by what the other extents leave of `total`. */
function inferExtent(shape: number[], total: number): void {
  const unknown = shape.indexOf(-1);
  if (unknown < 0) return;
  if (shape.indexOf(-1, unknown + 1) >= 0)
    throw rangeError(`shape: expected at most one -1, found [${shape}]`);
  shape[unknown] = 1;
  const known = sizeOf(shape);
  // Also for known = 0: the remainder is NaN then.
  if (total % known !== 0)
    throw rangeError(
      `shape[${unknown}]: expected ${total} elements to divide by ${known} for -1`,
    );
  shape[unknown] = total / known;
}

function checkNewShape(value: unknown, layout: Layout): number[] {
  const shape = checkIntegers(value, 'shape');
  for (let k = 0; k < shape.length; k++) checkAtLeast(shape[k], -1, `shape[${k}]`);
  const total = sizeOf(layout.shape);
  inferExtent(shape, total);
  byteLengthOf(shape, layout.itemsize);
  const found = sizeOf(shape);
  if (found === total) return shape;
  throw rangeError(`shape: expected ${total} elements, found ${found} in [${shape}]`);
}

type Axes = {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  /** The level of each axis. */
  readonly level: readonly number[];
};

/**
 * As mergeAxes of neighbours of one level: a pointer lies between those of different ones. At
 * least one axis.
 */
function mergedAxes(layout: Layout, { axis, post }: Levels): Axes {
  const merged = {
    shape: [] as number[],
    strides: [] as number[],
    level: [] as number[],
  };
  const kept = layout.shape.flatMap((extent, k) => (extent === 1 ? [] : [k]));
  const levelAt = (k: number): number => axis[kept[k] as number] ?? post.length;
  for (let from = 0; from < kept.length; ) {
    const level = levelAt(from);
    let to = from + 1;
    while (to < kept.length && levelAt(to) === level) to++;
    const group = kept.slice(from, to);
    const shape = group.map((k) => layout.shape[k] as number);
    const strides = group.map((k) => layout.strides[k] as number);
    const part = mergeAxes(makeLayout(shape, strides, 0, layout.itemsize));
    merged.shape.push(...part.shape);
    merged.strides.push(...part.strides);
    merged.level.push(...part.shape.map(() => level));
    from = to;
  }
  if (kept.length > 0) return merged;
  return { shape: [1], strides: [layout.itemsize], level: [post.length] };
}

/** All axes of a direct layout are in its only level. */
const DIRECT: Levels = { axis: [], post: [] };

/**
 * The axes with which `shape` walks the elements of `layout` in C order, or null: a new axis
 * must lie inside one run of evenly spaced elements. Axes of one element are in the level of a
 * neighbour.
 */
function reshapedAxes(layout: Layout, shape: readonly number[]): Axes | null {
  const levels = layout.levels ?? DIRECT;
  const old = mergedAxes(layout, levels);
  const strides: number[] = shape.slice();
  const level: number[] = shape.slice();
  let axis = old.shape.length - 1;
  let left = old.shape[axis] as number;
  let step = old.strides[axis] as number;
  for (let k = shape.length - 1; k >= 0; k--) {
    const extent = shape[k] as number;
    if (left === 1 && axis > 0) {
      axis--;
      left = old.shape[axis] as number;
      step = old.strides[axis] as number;
    }
    if (left % extent !== 0) return null;
    strides[k] = step;
    level[k] = old.level[axis] as number;
    left /= extent;
    // The last product is the stride of an axis that does not exist: it may overflow.
    if (left > 1 || Number.isSafeInteger(step * extent)) step *= extent;
  }
  return { shape, strides, level };
}

/** Without elements any strides will do. */
function emptyAxes({ itemsize, levels }: Layout, shape: readonly number[]): Axes {
  const level = shape.map(() => (levels ?? DIRECT).post.length);
  return { shape, strides: packedStrides(shape, itemsize, 'C'), level };
}

/** Another shape over the same elements in C order, one extent possibly -1; else CONTIGUITY. */
export function reshape(layout: Layout, shape: unknown): Layout {
  const newShape = checkNewShape(shape, layout);
  const { offset, itemsize } = layout;
  const axes = isEmpty(newShape)
    ? emptyAxes(layout, newShape)
    : reshapedAxes(layout, newShape);
  if (axes !== null) {
    const { strides, level } = axes;
    const levels =
      layout.levels === null ? null : { axis: level, post: layout.levels.post };
    return makeLayout(newShape, strides, offset, itemsize, levels);
  }
  const pointers = layout.levels === null ? '' : ' and pointers between some of them';
  throw new BufferError(
    'ERR_NBUF_CONTIGUITY',
    `reshape: expected evenly spaced elements for [${newShape}], found strides ` +
      `[${layout.strides}] over [${layout.shape}]${pointers}; copy with toContiguous() first`,
  );
}

function broadcastFailure(layout: Layout, shape: readonly number[]): Error {
  return rangeError(
    `shape: expected one that [${layout.shape}] broadcasts to, found [${shape}]`,
  );
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let k = 0; k < a.length; k++) if (a[k] !== b[k]) return false;
  return true;
}

/** As broadcastTo, to the shape of another layout. */
export function broadcastLike(layout: Layout, { shape }: Layout): Layout {
  return isSame(layout.shape, shape) ? layout : broadcastTo(layout, shape);
}

/** NumPy's broadcasting: new axes in front, axes of one element repeated with stride 0. */
export function broadcastTo(layout: Layout, shape: unknown): Layout {
  const newShape = checkShape(shape, layout.itemsize);
  const added = newShape.length - layout.shape.length;
  if (added < 0) throw broadcastFailure(layout, newShape);
  const strides: number[] = newShape.map(() => 0);
  for (let k = added; k < newShape.length; k++) {
    const extent = layout.shape[k - added];
    if (extent === 1) continue;
    if (extent !== newShape[k]) throw broadcastFailure(layout, newShape);
    strides[k] = layout.strides[k - added] as number;
  }
  const { offset, itemsize, levels } = layout;
  return makeLayout(newShape, strides, offset, itemsize, withAxes(levels, added));
}

/** New axes in front are in the level of the first one: they do not move anyway. */
function withAxes(levels: Levels | null, added: number): Levels | null {
  if (levels === null || added === 0) return levels;
  const { axis, post } = levels;
  return { axis: [...new Array<number>(added).fill(axis[0] ?? 0), ...axis], post };
}

/** The bytes of a C-contiguous layout as elements of another size, by default on one axis. */
export function cast(layout: Layout, itemsize: number, shape?: unknown): Layout {
  const bytes = byteLengthOf(layout.shape, layout.itemsize);
  const newShape =
    shape === undefined ? [Math.floor(bytes / itemsize)] : checkShape(shape, itemsize);
  if (!isContiguous(layout, 'C'))
    throw new BufferError(
      'ERR_NBUF_CONTIGUITY',
      `cast: expected a C-contiguous view, found strides [${layout.strides}] over ` +
        `[${layout.shape}]; copy with toContiguous() first`,
    );
  const found = byteLengthOf(newShape, itemsize);
  if (found !== bytes)
    throw rangeError(
      `cast: expected ${bytes} bytes to be used, found ${found} in [${newShape}] with itemsize ${itemsize}`,
    );
  const strides = packedStrides(newShape, itemsize, 'C');
  return makeLayout(newShape, strides, layout.offset, itemsize);
}
