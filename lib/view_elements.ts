/** Walking a view element by element: iteration, nested arrays, comparison. */
import type { Bound } from './bound.ts';
import { compareOf, sameScalar } from './element_compare.ts';
import type { ElementValue } from './elements.ts';
import { rangeError } from './errors.ts';
import { isEmpty, type Layout } from './layout.ts';
import type { Root } from './root.ts';
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
  return bound.load(at + bound.root.shift);
}

export function* elements(
  layout: Layout,
  bound: Bound,
): Generator<ElementValue, void, undefined> {
  for (const at of offsets(layout)) yield loadAt(bound, at);
}

/** Nested arrays, one axis each. */
export type Nested<E = ElementValue> = E | Nested<E>[];

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

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((extent, k) => extent === b[k]);
}

/** By exact value, element by element; false where the formats are not comparable. */
export function equals(a: Compared, b: Compared, nan: boolean): boolean {
  const { layout, format } = a.info;
  const other = b.info;
  if (!sameShape(layout.shape, other.layout.shape)) return false;
  if (format.isNumeric && other.format.isNumeric) return sameNumbers(a, b, nan);
  const compare = compareOf(
    { format, itemsize: layout.itemsize },
    { format: other.format, itemsize: other.layout.itemsize },
    nan,
  );
  if (compare === null) return false;
  if (isEmpty(layout.shape)) return true;
  // No user code runs below: what holds at the start holds until the end.
  const [left, right] = [bytesOf(a.root), bytesOf(b.root)];
  const rest = offsets(other.layout);
  for (const at of offsets(layout)) {
    const value = rest.next().value as number;
    if (!compare(left, at + a.root.shift, right, value + b.root.shift)) return false;
  }
  return true;
}

function bytesOf(root: Root): DataView {
  root.checkAttached();
  return root.view();
}

/** The same through typed arrays, where they can be had. */
function sameNumbers(a: Compared, b: Compared, nan: boolean): boolean {
  if (isEmpty(a.info.layout.shape)) return true;
  const left = a.bound();
  const right = b.bound();
  const rest = offsets(b.info.layout);
  for (const at of offsets(a.info.layout)) {
    const x = loadAt(left, at) as number;
    const y = loadAt(right, rest.next().value as number) as number;
    if (!sameScalar(x, y, nan)) return false;
  }
  return true;
}

/** One side of a comparison. */
export type Compared = {
  readonly root: Root;
  readonly info: ViewInfo;
  readonly bound: () => Bound;
};
