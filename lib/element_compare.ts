/** Elements of two formats side by side: equality by value, whatever the spelling. */

import { loneItem, singleAccess } from './element_access.ts';
import type { Access } from './element_numbers.ts';
import { type Format, sameFormat } from './elements.ts';
import { singleKey } from './format_compare.ts';
import type { FormatItem, FormatTree } from './format_tree.ts';

/** Are the elements at two byte offsets equal? */
export type Compare = (a: DataView, i: number, b: DataView, j: number) => boolean;

type Complex = { re: number; im: number };
type Scalar = number | bigint | boolean | string | Uint8Array | Complex;

/** By exact mathematical value: a bigint and a number compare without rounding. */
function sameNumber(a: number | bigint, b: number | bigint, nan: boolean): boolean {
  // biome-ignore lint/suspicious/noDoubleEquals: == compares bigint and number exactly
  return a == b || (nan && Number.isNaN(a) && Number.isNaN(b));
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, k) => byte === b[k]);
}

function real(value: number | bigint | Complex): number | bigint {
  return typeof value === 'object' ? value.re : value;
}

function imaginary(value: number | bigint | Complex): number {
  return typeof value === 'object' ? value.im : 0;
}

/** Two values of comparable formats. */
export function sameScalar(a: Scalar, b: Scalar, nan: boolean): boolean {
  if (a instanceof Uint8Array) return b instanceof Uint8Array && sameBytes(a, b);
  if (typeof a === 'string' || typeof a === 'boolean') return a === b;
  const [x, y] = [a, b] as (number | bigint | Complex)[];
  if (x === undefined || y === undefined) return false;
  return sameNumber(real(x), real(y), nan) && sameNumber(imaginary(x), imaginary(y), nan);
}

const NUMBER = /^(?:Z?[efdg]|[bBhHiIlLqQnNP]|\[.*)$/;

export function isNumber(item: FormatItem): boolean {
  return NUMBER.test(item.type);
}

/** One item each, without their sub-arrays' axes; null where no values can be equal. */
function compareSingle(a: FormatItem, b: FormatItem, nan: boolean): Compare | null {
  if (a.type === 'T' && b.type === 'T')
    return compareList(pairsOf(a.items ?? [], b.items ?? []), nan);
  const areAlike =
    (isNumber(a) && isNumber(b)) || singleKey(a, false) === singleKey(b, false);
  if (!areAlike) return null;
  if ('OXt'.includes(a.type)) return compareBytes(a.itemsize);
  const left = singleAccess(a, `format '${a.type}'`) as Access<Scalar>;
  const right = singleAccess(b, `format '${b.type}'`) as Access<Scalar>;
  return (x, i, y, j) => sameScalar(left.read(x, i), right.read(y, j), nan);
}

function compareItems(a: FormatItem, b: FormatItem, nan: boolean): Compare | null {
  const isSameShape =
    a.shape.length === b.shape.length &&
    a.shape.every((extent, k) => extent === b.shape[k]);
  const single = isSameShape ? compareSingle(a, b, nan) : null;
  if (single === null) return null;
  // As many as the format claims; there is nothing to compare.
  if (a.itemsize === 0 && b.itemsize === 0) return () => true;
  const length = a.shape.reduce((product, extent) => product * extent, 1);
  return (x, i, y, j) => {
    for (let k = 0; k < length; k++)
      if (!single(x, i + k * a.itemsize, y, j + k * b.itemsize)) return false;
    return true;
  };
}

/** Lists longer than this are compared only where they are written alike. */
const MAX_FLAT = 2 ** 16;

function countOf(items: readonly FormatItem[]): number {
  return items.reduce(
    (sum, item) => sum + (item.spread ? (item.shape[0] as number) : 1),
    0,
  );
}

/** Spread items one by one: `2i` and `ii` are the same list. */
function flatten(items: readonly FormatItem[]): FormatItem[] {
  return items.flatMap((item) =>
    item.spread
      ? Array.from({ length: item.shape[0] as number }, (_, k) => ({
          ...item,
          offset: item.offset + k * item.itemsize,
          shape: [],
          spread: false,
        }))
      : item,
  );
}

export type Pair = readonly [FormatItem, FormatItem];

/** The items of two lists by position, or null where one has more than the other. */
export function pairsOf(
  a: readonly FormatItem[],
  b: readonly FormatItem[],
): readonly Pair[] | null {
  const isAlike =
    a.length === b.length &&
    a.every((item, k) => {
      const other = b[k] as FormatItem;
      return item.spread === other.spread && String(item.shape) === String(other.shape);
    });
  const count = countOf(a);
  if (!isAlike && (count !== countOf(b) || count > MAX_FLAT)) return null;
  const left = isAlike ? a : flatten(a);
  const right = isAlike ? b : flatten(b);
  return left.map((item, k) => [item, right[k] as FormatItem]);
}

/** The list that an element is; a lone item that is none is a list of one. */
function listOf(tree: FormatTree): { items: readonly FormatItem[]; isList: boolean } {
  const lone = loneItem(tree);
  if (lone === null) return { items: tree.items, isList: true };
  if (lone.shape.length === 1)
    return { items: [{ ...lone, spread: true }], isList: true };
  if (lone.type === 'T' && lone.shape.length === 0)
    return { items: lone.items ?? [], isList: true };
  return { items: [lone], isList: false };
}

/** The same of two elements. */
export function pairsOfTrees(a: FormatTree, b: FormatTree): readonly Pair[] | null {
  const left = listOf(a);
  const right = listOf(b);
  return left.isList === right.isList ? pairsOf(left.items, right.items) : null;
}

function compareList(pairs: readonly Pair[] | null, nan: boolean): Compare | null {
  if (pairs === null) return null;
  const parts: { i: number; j: number; compare: Compare }[] = [];
  for (const [x, y] of pairs) {
    const compare = compareItems(x, y, nan);
    if (compare === null) return null;
    parts.push({ i: x.offset, j: y.offset, compare });
  }
  return (x, i, y, j) =>
    parts.every((part) => part.compare(x, i + part.i, y, j + part.j));
}

/** The bytes of both: all that is known of elements without a value. */
function compareBytes(count: number): Compare {
  return (x, i, y, j) => {
    for (let k = 0; k < count; k++)
      if (x.getUint8(i + k) !== y.getUint8(j + k)) return false;
    return true;
  };
}

export type Side = { readonly format: Format; readonly itemsize: number };

/**
 * null where two formats are neither equivalent nor numeric in the same places. Elements
 * without values (padding alone, or a text that cannot be read) have their bytes compared.
 */
export function compareOf(a: Side, b: Side, nan: boolean): Compare | null {
  const [left, right] = [a.format.tree, b.format.tree];
  if (left === null || right === null || left.items.length + right.items.length === 0) {
    const isSame = sameFormat(a.format, b.format) && a.itemsize === b.itemsize;
    return isSame ? compareBytes(a.itemsize) : null;
  }
  return compareList(pairsOfTrees(left, right), nan);
}
