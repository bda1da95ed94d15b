/** Elements of one format to those of another: `copyFrom(source, {convert})`. */
import { singleAccess } from './element_access.ts';
import { type Pair, pairsOf, pairsOfTrees } from './element_compare.ts';
import type { Access } from './element_numbers.ts';
import { singleKey } from './format_compare.ts';
import type { FormatItem, FormatTree } from './format_tree.ts';

/**
 * NumPy's casting rules by name. 'same-kind': towards a wider kind (bool, unsigned, signed,
 * float, complex) or within one, also to fewer bits; bytes and strings of other lengths.
 * 'unsafe': any number to any other.
 */
export type ConvertMode = 'same-kind' | 'unsafe';

/** Writes the element at one byte offset as the other format at another. */
export type Convert = (from: DataView, i: number, to: DataView, j: number) => void;

const KINDS = ['?', 'BHILQN', 'bhilqn', 'efdg', 'Z'];
const BOOLEAN = 0;
const FLOAT = 3;
const COMPLEX = 4;

/** The place in the order of kinds; -1 for what is no number. */
function rankOf({ type }: FormatItem): number {
  if (type.startsWith('[')) return FLOAT;
  return type === '&'
    ? -1
    : KINDS.findIndex((letters) => letters.includes(type[0] as string));
}

type Complex = { re: number; im: number };
type Scalar = number | bigint | boolean | Complex;

/** Has too many digits for a double: the last bits of these still decide the rounding. */
function stickyNumber(value: bigint): number {
  const size = value < 0n ? -value : value;
  if (size < 2n ** 53n) return Number(value);
  // 40 bits and one that says whether any other is set: exact, and rounds as all of them.
  const cut = BigInt(size.toString(2).length - 40);
  const kept = ((size >> cut) << 1n) | (size % (1n << cut) === 0n ? 0n : 1n);
  const rounded = Number(kept) * 2 ** (Number(cut) - 1);
  return value < 0n ? -rounded : rounded;
}

function realOf(value: Scalar): number | bigint | boolean {
  return typeof value === 'object' ? value.re : value;
}

function toNumber(value: Scalar): number {
  return Number(realOf(value));
}

/** C's conversion where that is defined; NaN and infinities become 0, the rest wraps. */
function toBigint(value: Scalar): bigint {
  const real = realOf(value);
  if (typeof real === 'bigint') return real;
  const whole = Math.trunc(Number(real));
  return Number.isFinite(whole) ? BigInt(whole) : 0n;
}

/** DataView's setters wrap numbers by themselves, but no bigints. */
function toSmallInteger(value: Scalar): number {
  const real = realOf(value);
  return typeof real === 'bigint' ? Number(BigInt.asIntN(32, real)) : Number(real);
}

function toFloat(value: Scalar): number {
  const real = realOf(value);
  return typeof real === 'bigint' ? stickyNumber(real) : Number(real);
}

/** Small floats have no code for everything: too large becomes infinite, or else NaN. */
function toSmallFloat(access: Access<unknown>): (value: Scalar) => number {
  const fits = (value: number): boolean => {
    try {
      access.check(value);
      return true;
    } catch {
      return false;
    }
  };
  return (value) => {
    const number = toFloat(value);
    if (fits(number)) return number;
    const infinite = number < 0 ? -Infinity : Infinity;
    return Math.abs(number) > 1 && fits(infinite) ? infinite : NaN;
  };
}

/** What `write` of the target's access takes, from what `read` of any number gives. */
function conversionTo(
  item: FormatItem,
  access: Access<unknown>,
): (value: Scalar) => unknown {
  const rank = rankOf(item);
  if (rank === BOOLEAN)
    return (value) =>
      typeof value === 'object' ? value.re !== 0 || value.im !== 0 : Number(value) !== 0;
  const toReal = item.unit < 8 ? toFloat : toNumber;
  if (rank === COMPLEX)
    return (value) => (typeof value === 'object' ? value : { re: toReal(value), im: 0 });
  if (item.type.startsWith('[')) return toSmallFloat(access);
  if (rank === FLOAT) return toReal;
  return item.unit === 8 ? toBigint : toSmallInteger;
}

function convertNumber(from: FormatItem, to: FormatItem): Convert {
  const source = singleAccess(from, `format '${from.type}'`);
  const target = singleAccess(to, `format '${to.type}'`);
  const convert = conversionTo(to, target);
  return (x, i, y, j) => target.write(y, j, convert(source.read(x, i) as Scalar));
}

/** Bytes (c, s, x) among themselves, and characters (u, w); cut or padded with zeros. */
function convertText(from: FormatItem, to: FormatItem): Convert {
  const source = singleAccess(from, `format '${from.type}'`);
  const target = singleAccess(to, `format '${to.type}'`);
  return (x, i, y, j) => {
    const value = source.read(x, i) as string | Uint8Array;
    target.write(y, j, cut(value, to));
  };
}

function cut(
  value: string | Uint8Array,
  { type, count }: FormatItem,
): string | Uint8Array {
  if (typeof value !== 'string') return value.subarray(0, count);
  return type === 'w'
    ? Array.from(value).slice(0, count).join('')
    : value.slice(0, count);
}

function sameGroup(a: string, b: string): boolean {
  return ['csx', 'uw'].some((group) => group.includes(a) && group.includes(b));
}

/**
 * Items that differ in byte order at most keep their bits, also those of pointers, and those of
 * NaNs and long doubles that no JavaScript number has. null for others.
 */
function copyBits(from: FormatItem, to: FormatItem): Convert | null {
  const turned = { ...to, byteOrder: from.byteOrder };
  if ('OXt'.includes(from.type) || singleKey(from, false) !== singleKey(turned, false))
    return null;
  const { itemsize, unit } = from;
  const isTurned = from.byteOrder !== to.byteOrder;
  return (x, i, y, j) => {
    for (let k = 0; k < itemsize; k++) {
      const place = isTurned ? k + unit - 1 - 2 * (k % unit) : k;
      y.setUint8(j + place, x.getUint8(i + k));
    }
  };
}

function convertSingle(
  from: FormatItem,
  to: FormatItem,
  mode: ConvertMode,
): Convert | null {
  if (from.type === 'T' && to.type === 'T')
    return convertList(pairsOf(from.items ?? [], to.items ?? []), mode);
  const same = copyBits(from, to);
  if (same !== null) return same;
  const [source, target] = [rankOf(from), rankOf(to)];
  if (source >= 0 && target >= 0)
    return mode === 'unsafe' || source <= target ? convertNumber(from, to) : null;
  return sameGroup(from.type, to.type) ? convertText(from, to) : null;
}

function convertItem([from, to]: Pair, mode: ConvertMode): Convert | null {
  const isSameShape = String(from.shape) === String(to.shape);
  const single = isSameShape ? convertSingle(from, to, mode) : null;
  if (single === null) return null;
  if (to.itemsize === 0) return () => {}; // as many as the format claims
  const length = from.shape.reduce((product, extent) => product * extent, 1);
  return (x, i, y, j) => {
    for (let k = 0; k < length; k++)
      single(x, i + from.offset + k * from.itemsize, y, j + to.offset + k * to.itemsize);
  };
}

function convertList(pairs: readonly Pair[] | null, mode: ConvertMode): Convert | null {
  if (pairs === null) return null;
  const parts: Convert[] = [];
  for (const pair of pairs) {
    const part = convertItem(pair, mode);
    if (part === null) return null;
    parts.push(part);
  }
  return (x, i, y, j) => {
    for (const part of parts) part(x, i, y, j);
  };
}

/** null where the mode does not allow it. Fields of records correspond by position. */
export function convertOf(
  from: FormatTree,
  to: FormatTree,
  mode: ConvertMode,
): Convert | null {
  return convertList(pairsOfTrees(from, to), mode);
}
