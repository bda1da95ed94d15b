/** Where elements lie, by strides that count entries of a typed array. */
import { contiguousStrides } from '../index.ts';

/** Are strides, in entries, those of a contiguous array? Axes of one element do not count. */
function isPacked(
  shape: readonly number[],
  strides: readonly number[],
  entries: number,
  order: 'C' | 'F',
): boolean {
  if (shape.includes(0)) return true;
  const packed = contiguousStrides(shape, entries, order);
  return shape.every((extent, axis) => extent === 1 || strides[axis] === packed[axis]);
}

/** In which order they are contiguous; C where both. */
export function orderOf(
  shape: readonly number[],
  strides: readonly number[],
  entries: number,
): 'C' | 'F' | null {
  if (isPacked(shape, strides, entries, 'C')) return 'C';
  return isPacked(shape, strides, entries, 'F') ? 'F' : null;
}

/** How far the elements reach from the first one, in entries: [below, behind the last). */
export function reachOf(
  shape: readonly number[],
  strides: readonly number[],
  entries: number,
): { low: number; high: number } {
  if (shape.includes(0)) return { low: 0, high: 0 };
  let low = 0;
  let high = entries;
  shape.forEach((extent, axis) => {
    const span = (extent - 1) * (strides[axis] as number);
    if (span < 0) low += span;
    else high += span;
  });
  return { low, high };
}
