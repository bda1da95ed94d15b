/** Comparing views: in the core where that decides exactly, else element by element. */
import { type Bound, bind } from './bound.ts';
import { compareOf, sameScalar } from './element_compare.ts';
import {
  type Comparison,
  comparisonOf,
  type LeafPair,
  leafLayouts,
  leafPairs,
} from './element_leaves.ts';
import { isEmpty, makeLayout } from './layout.ts';
import { checkStatus, native, passLayout } from './native.ts';
import type { Parts } from './view_copy.ts';
import { offsets } from './view_elements.ts';

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((extent, k) => extent === b[k]);
}

/** By exact value; false where the formats are not comparable. */
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
  const [left, right] = once(a, b);
  const known = sameLeaves(left, right, nan);
  if (known !== null) return known;
  const [x, y] = [boundOf(left), boundOf(right)];
  return compare === null ? sameNumbers(x, y, nan) : sameItems(x, y, compare);
}

/** Without the axes along which both sides stand still: there is one element to compare. */
function once(a: Parts, b: Parts): [Parts, Parts] {
  const [x, y] = [a.info.layout, b.info.layout];
  const shape = x.shape.map((extent, k) =>
    x.strides[k] === 0 && y.strides[k] === 0 ? 1 : extent,
  );
  return [reshaped(a, shape), reshaped(b, shape)];
}

function reshaped({ root, info }: Parts, shape: readonly number[]): Parts {
  const { strides, offset, itemsize, levels } = info.layout;
  return {
    root,
    info: info.withLayout(makeLayout(shape, strides, offset, itemsize, levels)),
  };
}

/** What the core says, value by value; null where it cannot decide. */
function sameLeaves(a: Parts, b: Parts, nan: boolean): boolean | null {
  const [left, right] = [a.info.format.tree, b.info.format.tree];
  const ndim = a.info.layout.shape.length;
  const pairs = left === null || right === null ? null : leafPairs(left, right, ndim);
  if (pairs === null) return null;
  const found: Comparison[] = [];
  for (const pair of pairs) {
    const how = comparisonOf(pair);
    if (how === null) return null;
    found.push(how);
  }
  for (const [k, how] of found.entries()) {
    if (sameLeaf(a, b, pairs[k] as LeafPair, how, nan)) continue;
    return how.isExact ? false : null;
  }
  return true;
}

function sameLeaf(
  a: Parts,
  b: Parts,
  pair: LeafPair,
  { how, swapA, swapB }: Comparison,
  nan: boolean,
): boolean {
  const [slotA, slotB] = [a.root.live(), b.root.live()];
  const [left, right] = leafLayouts(pair, a.info.layout, b.info.layout);
  passLayout(left, 0);
  passLayout(right, 1);
  return checkStatus(native.equal(slotA, slotB, how, nan ? 1 : 0, swapA, swapB)) === 1;
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
    const x = a.load(at + a.root.shift) as number;
    const y = b.load((rest.next().value as number) + b.root.shift) as number;
    if (!sameScalar(x, y, nan)) return false;
  }
  return true;
}
