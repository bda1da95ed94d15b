/** What neighbours' objects consist of: typed arrays, and the web's unsigned numbers of 32 bits. */
import { type DType, dtypeOfArray } from './dtypes.ts';
import { checkObject, kindOf, rangeError, typeError } from './refusals.ts';

/** The type of a typed array's elements; a TypeError for anything else. */
export function checkArray(value: unknown, name: string): DType {
  const dtype = dtypeOfArray(value);
  if (dtype !== null) return dtype;
  const found = Array.isArray(value) ? 'a plain array' : kindOf(value);
  throw typeError(
    `${name}: expected a typed array, found ${found}; HostArray.from() copies other values`,
  );
}

const LIMIT = 0xffffffff;

function checkInteger(value: unknown, low: number, name: string): number {
  if (typeof value !== 'number')
    throw typeError(`${name}: expected an integer, found ${kindOf(value)}`);
  if (Number.isInteger(value) && value >= low && value <= LIMIT) return value;
  throw rangeError(
    `${name}: expected an integer from ${low} to ${LIMIT}, found ${value}`,
  );
}

/** At least 1. */
export function checkExtent(value: unknown, name: string): number {
  return checkInteger(value, 1, name);
}

/** At least 0. */
export function checkOffset(value: unknown, name: string): number {
  return checkInteger(value, 0, name);
}

/** In pixels; what is left out reaches to the edges. */
export type Rect = {
  readonly x?: number | undefined;
  readonly y?: number | undefined;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
};

export type FullRect = {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
};

/** A rectangle inside an image; all of it where there is none. */
export function rectOf(
  value: unknown,
  size: { readonly width: number; readonly height: number },
  name: string,
): FullRect {
  if (value === undefined || value === null) return { x: 0, y: 0, ...size };
  const given = checkObject(value, name);
  const { x = 0, y = 0, width, height } = given;
  const left = checkOffset(x, `${name}.x`);
  const top = checkOffset(y, `${name}.y`);
  const rect = {
    x: left,
    y: top,
    width: checkExtent(width ?? size.width - left, `${name}.width`),
    height: checkExtent(height ?? size.height - top, `${name}.height`),
  };
  if (left + rect.width > size.width || top + rect.height > size.height)
    throw rangeError(
      `${name}: expected a part of ${size.width} × ${size.height} pixels, found ` +
        `${rect.width} × ${rect.height} at ${left}, ${top}`,
    );
  return rect;
}
