/** The same bytes under another shape: `reshape`, `broadcastTo`, `cast`. Nothing is copied. */

import { BufferError, rangeError } from './errors.ts';
import {
  isContiguous,
  isEmpty,
  type Layout,
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

/**
 * Strides with which `shape` walks the elements of `layout` in C order, or null: a new axis
 * must lie inside one run of evenly spaced elements.
 */
function reshapedStrides(layout: Layout, shape: readonly number[]): number[] | null {
  const old = mergeAxes(layout);
  const strides: number[] = shape.slice();
  let axis = old.shape.length - 1;
  let left = axis < 0 ? 1 : (old.shape[axis] as number);
  let step = axis < 0 ? layout.itemsize : (old.strides[axis] as number);
  for (let k = shape.length - 1; k >= 0; k--) {
    const extent = shape[k] as number;
    if (left === 1 && axis > 0) {
      axis--;
      left = old.shape[axis] as number;
      step = old.strides[axis] as number;
    }
    if (left % extent !== 0) return null;
    strides[k] = step;
    left /= extent;
    // The last product is the stride of an axis that does not exist: it may overflow.
    if (left > 1 || Number.isSafeInteger(step * extent)) step *= extent;
  }
  return strides;
}

/** Another shape over the same elements in C order, one extent possibly -1; else CONTIGUITY. */
export function reshape(layout: Layout, shape: unknown): Layout {
  const newShape = checkNewShape(shape, layout);
  const { offset, itemsize } = layout;
  const strides = isEmpty(newShape)
    ? packedStrides(newShape, itemsize, 'C')
    : reshapedStrides(layout, newShape);
  if (strides !== null) return makeLayout(newShape, strides, offset, itemsize);
  throw new BufferError(
    'ERR_NBUF_CONTIGUITY',
    `reshape: expected evenly spaced elements for [${newShape}], found strides ` +
      `[${layout.strides}] over [${layout.shape}]; copy with toContiguous() first`,
  );
}

function broadcastFailure(layout: Layout, shape: readonly number[]): Error {
  return rangeError(
    `shape: expected one that [${layout.shape}] broadcasts to, found [${shape}]`,
  );
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
  return makeLayout(newShape, strides, layout.offset, layout.itemsize);
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
