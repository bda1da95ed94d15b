/** Walking a view element by element: iteration, nested arrays, comparison. */
import type { Bound } from './bound.ts';
import { type ElementValue, type Format, sameFormat } from './elements.ts';
import { rangeError } from './errors.ts';
import { isEmpty, type Layout } from './layout.ts';
import type { ViewInfo } from './view_info.ts';

/** Byte offsets of all elements in C order, from the block's start. */
export function* offsets(layout: Layout): Generator<number, void, undefined> {
  const { shape, strides } = layout;
  if (isEmpty(shape)) return;
  const ndim = shape.length;
  const counter = new Array<number>(ndim).fill(0);
  let at = layout.offset;
  for (;;) {
    yield at;
    let axis = ndim - 1;
    for (; axis >= 0; axis--) {
      const next = (counter[axis] as number) + 1;
      const stride = strides[axis] as number;
      if (next < (shape[axis] as number)) {
        counter[axis] = next;
        at += stride;
        break;
      }
      counter[axis] = 0;
      at -= stride * (next - 1);
    }
    if (axis < 0) return;
  }
}

/** The element at a byte offset from the block's start. */
function loadAt(bound: Bound, at: number): ElementValue {
  return bound.load((at + bound.root.shift) / bound.unit);
}

export function* elements(
  layout: Layout,
  bound: Bound,
): Generator<ElementValue, void, undefined> {
  for (const at of offsets(layout)) yield loadAt(bound, at);
}

export type Nested = ElementValue | Nested[];

export function toArray(
  layout: Layout,
  bound: Bound,
  axis = 0,
  at: number = layout.offset,
): Nested {
  if (axis === layout.shape.length) return loadAt(bound, at);
  const extent = layout.shape[axis] as number;
  const stride = layout.strides[axis] as number;
  if (extent >= 2 ** 32)
    throw rangeError(`toArray: expected fewer than 2^32 entries, found ${extent}`);
  const out = new Array<Nested>(extent);
  for (let k = 0; k < extent; k++)
    out[k] = toArray(layout, bound, axis + 1, at + k * stride);
  return out;
}

type Complex = { re: number; im: number };

function isComplex(value: ElementValue): value is Complex {
  return typeof value === 'object' && 're' in value;
}

/** By exact mathematical value: a bigint and a number compare without rounding. */
function sameNumber(a: number | bigint, b: number | bigint, nan: boolean): boolean {
  // biome-ignore lint/suspicious/noDoubleEquals: == compares bigint and number exactly
  return a == b || (nan && Number.isNaN(a) && Number.isNaN(b));
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, k) => byte === b[k]);
}

function sameValue(a: ElementValue, b: ElementValue, nan: boolean): boolean {
  if (a instanceof Uint8Array) return b instanceof Uint8Array && sameBytes(a, b);
  if (typeof a === 'string' || typeof a === 'boolean') return a === b;
  const [x, y] = [a, b] as (number | bigint | Complex)[];
  const real = (value: number | bigint | Complex | undefined) =>
    isComplex(value as ElementValue) ? (value as Complex).re : (value as number | bigint);
  const imaginary = (value: number | bigint | Complex | undefined) =>
    isComplex(value as ElementValue) ? (value as Complex).im : 0;
  return sameNumber(real(x), real(y), nan) && sameNumber(imaginary(x), imaginary(y), nan);
}

function comparable(a: Format, b: Format): boolean {
  return sameFormat(a, b) || (a.isNumeric && b.isNumeric);
}

export function equals(
  a: { info: ViewInfo; bound: () => Bound },
  b: { info: ViewInfo; bound: () => Bound },
  nan: boolean,
): boolean {
  const { shape } = a.info.layout;
  const other = b.info.layout.shape;
  if (shape.length !== other.length || shape.some((extent, k) => extent !== other[k]))
    return false;
  if (!comparable(a.info.format, b.info.format)) return false;
  if (isEmpty(shape)) return true;
  const left = a.bound();
  const right = b.bound();
  const rest = offsets(b.info.layout);
  for (const at of offsets(a.info.layout)) {
    const value = rest.next().value as number;
    if (!sameValue(loadAt(left, at), loadAt(right, value), nan)) return false;
  }
  return true;
}
