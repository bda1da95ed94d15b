/** Checks that turn whatever a caller passed into shapes, strides and sizes. */

import { isArray, rangeError, show, typeError } from './errors.ts';

/** PEP 3118's limit, and the core's NBUF_MAX_NDIM. */
export const MAX_NDIM = 64;

/** `value` if it is exact. Beyond 2^53 doubles skip integers, so a sum there may be a lie. */
export function exact(value: number, what: string): number {
  if (Number.isSafeInteger(value)) return value;
  throw rangeError(`${what}: expected an integer within ±(2^53 - 1), found ${value}`);
}

/** The integer that `value` is; anything else than a number without fraction is a TypeError. */
export function checkInteger(value: unknown, name: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value))
    throw typeError(`${name}: expected an integer, found ${show(value)}`);
  return exact(value, name) + 0; // -0 becomes 0
}

/** As checkInteger, and not below `low`. */
export function checkAtLeast(value: unknown, low: number, name: string): number {
  const integer = checkInteger(value, name);
  if (integer >= low) return integer;
  throw rangeError(`${name}: expected an integer >= ${low}, found ${integer}`);
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

/** A checked copy of an array or typed array of integers. Getters run here, once each. */
export function checkIntegers(value: unknown, name: string): number[] {
  if (!isList(value))
    throw typeError(`${name}: expected an array of integers, found ${show(value)}`);
  const length: unknown = value.length;
  if (typeof length !== 'number' || !(length >= 0 && length <= MAX_NDIM))
    throw rangeError(`${name}: expected 0 to ${MAX_NDIM} entries, found ${show(length)}`);
  const integers: number[] = [];
  for (let k = 0; k < length; k++) {
    const entry = value[k];
    // Names cost more than the check.
    integers.push(
      Number.isSafeInteger(entry)
        ? (entry as number) + 0
        : checkInteger(entry, `${name}[${k}]`),
    );
  }
  return integers;
}

/**
 * product(shape) * itemsize, exactly. As in NumPy and nbuf.h, an extent of 0 makes it 0, yet
 * the other extents must not overflow either: so every part of a layout stays countable.
 */
export function byteLengthOf(shape: readonly number[], itemsize: number): number {
  let bytes = itemsize;
  let isEmpty = false;
  for (let k = 0; k < shape.length; k++) {
    const extent = shape[k] as number;
    if (extent === 0) isEmpty = true;
    else bytes *= extent;
    if (bytes > Number.MAX_SAFE_INTEGER)
      throw rangeError(
        `shape: expected at most 2^53 - 1 bytes, found [${shape}] with itemsize ${itemsize}`,
      );
  }
  return isEmpty ? 0 : bytes;
}

/** A checked copy of a shape whose elements of `itemsize` bytes can be counted in bytes. */
export function checkShape(value: unknown, itemsize = 1, name = 'shape'): number[] {
  const shape = checkIntegers(value, name);
  for (let k = 0; k < shape.length; k++)
    if ((shape[k] as number) < 0) checkAtLeast(shape[k], 0, `${name}[${k}]`);
  byteLengthOf(shape, itemsize);
  return shape;
}

/** A checked copy of strides in bytes, one for each of `ndim` axes. */
export function checkStrides(value: unknown, ndim: number, name = 'strides'): number[] {
  const strides = checkIntegers(value, name);
  if (strides.length === ndim) return strides;
  throw rangeError(
    `${name}: expected ${ndim} entries, one per axis, found ${strides.length}`,
  );
}

/** An element size in bytes: at least 1, as the C ABI demands. */
export function checkItemsize(value: unknown): number {
  return checkAtLeast(value, 1, 'itemsize');
}

/** A memory order out of `allowed`, such as 'CF' or 'CFA'. */
export function checkOrder<Order extends string>(
  value: unknown,
  allowed: readonly Order[],
  name = 'order',
): Order {
  const found = allowed.find((order) => order === value);
  if (found !== undefined) return found;
  const message = `${name}: expected ${allowed.map(show).join(' or ')}, found ${show(value)}`;
  throw typeof value === 'string' ? rangeError(message) : typeError(message);
}
