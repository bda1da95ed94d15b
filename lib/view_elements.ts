/** Walking a view element by element: iteration, nested arrays, comparison. */
import { type Bound, bind } from './bound.ts';
import { compareOf, sameScalar } from './element_compare.ts';
import type { ElementValue } from './elements.ts';
import { rangeError } from './errors.ts';
import { isEmpty, type Layout } from './layout.ts';
import type { Parts } from './view_copy.ts';

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

export function* elements(bound: Bound): Generator<ElementValue, void, undefined> {
  for (const at of offsets(bound.layout)) yield loadAt(bound, at);
}

/** Nested arrays, one axis each. */
export type Nested<E = ElementValue> = E | Nested<E>[];

export function toArray(
  bound: Bound,
  axis = 0,
  at: number = bound.layout.offset,
): Nested {
  const { layout } = bound;
  if (axis === layout.shape.length) return loadAt(bound, at);
  const extent = layout.shape[axis] as number;
  const stride = layout.strides[axis] as number;
  if (extent >= 2 ** 32)
    throw rangeError(`toArray: expected fewer than 2^32 entries, found ${extent}`);
  const out = new Array<Nested>(extent);
  for (let k = 0; k < extent; k++) out[k] = toArray(bound, axis + 1, at + k * stride);
  return out;
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((extent, k) => extent === b[k]);
}

/** By exact value, element by element; false where the formats are not comparable. */
export function equals(a: Parts, b: Parts, nan: boolean): boolean {
  a.root.live();
  b.root.live();
  const { layout, format } = a.info;
  const other = b.info;
  if (!sameShape(layout.shape, other.layout.shape)) return false;
  const isNumeric = format.isNumeric && other.format.isNumeric;
  const compare = isNumeric
    ? null
    : compareOf(
        { format, itemsize: layout.itemsize },
        { format: other.format, itemsize: other.layout.itemsize },
        nan,
      );
  if (!isNumeric && compare === null) return false;
  if (isEmpty(layout.shape)) return true;
  const [left, right] = [boundOf(a), boundOf(b)];
  return compare === null
    ? sameNumbers(left, right, nan)
    : sameItems(left, right, compare);
}

function boundOf({ root, info }: Parts): Bound {
  root.checkAttached();
  return bind(root, info);
}

/** No user code runs here: what holds at the start holds until the end. */
function sameItems(
  a: Bound,
  b: Bound,
  compare: NonNullable<ReturnType<typeof compareOf>>,
): boolean {
  const rest = offsets(b.layout);
  for (const at of offsets(a.layout)) {
    const other = (rest.next().value as number) + b.root.shift;
    if (!compare(a.data, at + a.root.shift, b.data, other)) return false;
  }
  return true;
}

/** The same through typed arrays, where they can be had. */
function sameNumbers(a: Bound, b: Bound, nan: boolean): boolean {
  const rest = offsets(b.layout);
  for (const at of offsets(a.layout)) {
    const x = loadAt(a, at) as number;
    const y = loadAt(b, rest.next().value as number) as number;
    if (!sameScalar(x, y, nan)) return false;
  }
  return true;
}
