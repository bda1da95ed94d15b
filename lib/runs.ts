/** Layouts as pieces of adjacent bytes in C order, for whoever copies or reads in bulk. */

import { isEmpty, type Layout } from './layout.ts';

/**
 * The same addresses in the same order with the fewest axes: axes of one element go, and an
 * axis that continues the next inner one joins it. For layouts that are not empty.
 */
export function mergeAxes(layout: Layout): { shape: number[]; strides: number[] } {
  const shape: number[] = [];
  const strides: number[] = [];
  let last = -1;
  for (let k = 0; k < layout.shape.length; k++) {
    const extent = layout.shape[k] as number;
    const stride = layout.strides[k] as number;
    if (extent === 1) continue;
    if (last >= 0 && strides[last] === stride * extent) {
      shape[last] = (shape[last] as number) * extent;
      strides[last] = stride;
    } else {
      shape.push(extent);
      strides.push(stride);
      last++;
    }
  }
  return { shape, strides };
}

/** The bytes of each piece that `runs` walks; 0 for an empty layout. */
export function runLength(layout: Layout): number {
  if (isEmpty(layout.shape)) return 0;
  const { shape, strides } = mergeAxes(layout);
  const last = shape.length - 1;
  return strides[last] === layout.itemsize
    ? layout.itemsize * (shape[last] as number)
    : layout.itemsize;
}

/** Moves to the next index vector of all axes but the innermost; NaN after the last one. */
function nextRow(
  counter: number[],
  shape: readonly number[],
  strides: readonly number[],
  offset: number,
): number {
  let at = offset;
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    const last = (shape[axis] as number) - 1;
    const stride = strides[axis] as number;
    const position = counter[axis] as number;
    if (position < last) {
      counter[axis] = position + 1;
      return at + stride;
    }
    counter[axis] = 0;
    at -= last * stride;
  }
  return Number.NaN;
}

/** Byte offsets of the longest pieces of adjacent elements, in C order. */
export function* runs(layout: Layout): Generator<number, void, undefined> {
  if (isEmpty(layout.shape)) return;
  const { shape, strides } = mergeAxes(layout);
  if (strides[strides.length - 1] === layout.itemsize) shape.pop();
  const inner = shape.length - 1;
  const extent = inner < 0 ? 1 : (shape[inner] as number);
  const stride = inner < 0 ? 0 : (strides[inner] as number);
  const counter = new Array<number>(shape.length).fill(0);
  let row = layout.offset;
  while (!Number.isNaN(row)) {
    for (let k = 0; k < extent; k++) yield row + k * stride;
    row = nextRow(counter, shape, strides, row);
  }
}
