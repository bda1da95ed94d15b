/**
 * Elements of one format as JavaScript values (DESIGN section 6, "Elements"): how to check a
 * value, and how to read and write it through a DataView at any alignment, or through a typed
 * array where alignment and byte order allow it.
 */

import { accessOf, loneItem, refusing } from './element_access.ts';
import { codeOf } from './element_codes.ts';
import type { Access } from './element_numbers.ts';
import { BufferError } from './errors.ts';
import { canonicalKey } from './format_compare.ts';
import { type FormatItem, type FormatTree, machineOrder, treeOf } from './format_tree.ts';

/** What `get` returns and `set` takes. */
export type ElementValue =
  | number
  | bigint
  | boolean
  | string
  | Uint8Array
  | { [field: string]: ElementValue }
  | ElementValue[];

/** The typed array that shows elements of a format as they lie in memory. */
export type TypedArrayKind = {
  readonly make: (
    buffer: ArrayBufferLike,
    byteOffset: number,
    length: number,
  ) => ArrayBufferView;
  /** Bytes of one entry. */
  readonly unit: number;
  /** Entries of one element: 2 for complex numbers. */
  readonly entries: number;
};

export type Format = {
  readonly text: string;
  /** null: the text cannot be read. Such elements are opaque, and may be shared and copied. */
  readonly tree: FormatTree | null;
  /** Bytes that an element takes; at most the view's itemsize. */
  readonly size: number;
  /** Bytes of an element where nothing else says it: with a record's trailing padding. */
  readonly itemsize: number;
  readonly access: Access<ElementValue>;
  readonly typedArray: TypedArrayKind | null;
  /** A number, a bigint, or a complex number: comparable by value. */
  readonly isNumeric: boolean;
  /** Are its elements JavaScript numbers? */
  readonly isNumber: boolean;
  /** Of element_codes.ts; 0 without a specialised access. */
  readonly code: number;
};

const MAX_CACHED_LENGTH = 512;
const MAX_CACHED = 256;
const cache = new Map<string, Format>();

/**
 * The format of a string; what cannot be read is opaque: its `get` refuses. `itemsize` as in
 * `treeOf`.
 */
export function formatOf(text: string, itemsize = 0): Format {
  const key = `${itemsize} ${text}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  let made: Format;
  try {
    made = readable(text, treeOf(text, itemsize));
  } catch (error) {
    made = opaque(text, (error as Error).message);
  }
  if (text.length > MAX_CACHED_LENGTH) return made;
  if (cache.size >= MAX_CACHED) cache.clear();
  cache.set(key, made);
  return made;
}

/** `formatOf` for callers who need the size: an opaque format is an error. */
export function knownFormat(text: string, itemsize = 0): Format {
  const format = formatOf(text, itemsize);
  if (format.tree === null) throw format.access.refusal();
  if (format.itemsize === 0)
    throw new BufferError(
      'ERR_NBUF_FORMAT',
      `format '${text}' takes no bytes: expected elements of at least 1`,
    );
  return format;
}

function opaque(text: string, reason: string): Format {
  return {
    text,
    tree: null,
    size: 0,
    itemsize: 0,
    access: refusing(reason) as Access<ElementValue>,
    typedArray: null,
    isNumeric: false,
    isNumber: false,
    code: 0,
  };
}

const NUMBER = /^(?:Z?[efdg]|[bBhHiIlLqQnNP]|\[.*)$/;

function readable(text: string, tree: FormatTree): Format {
  const lone = loneItem(tree);
  const scalar = lone !== null && lone.shape.length === 0 ? lone : null;
  return {
    text,
    tree,
    size: tree.size,
    itemsize: tree.itemsize,
    access: accessOf(tree, text) as Access<ElementValue>,
    typedArray: scalar !== null && scalar.offset === 0 ? typedArrayOf(scalar) : null,
    isNumeric: scalar !== null && NUMBER.test(scalar.type),
    isNumber: scalar !== null && isNumberItem(scalar),
    code: scalar !== null && scalar.offset === 0 ? codeOf(scalar) : 0,
  };
}

/** Not a bigint, and not complex. */
function isNumberItem({ type, unit }: FormatItem): boolean {
  if ('bBhHiIlLqQnN'.includes(type)) return unit < 8;
  return 'efdg'.includes(type) || type.startsWith('[');
}

type Maker = TypedArrayKind['make'];
type TypedArrayConstructor = new (
  buffer: ArrayBufferLike,
  byteOffset: number,
  length: number,
) => ArrayBufferView;

const Float16: TypedArrayConstructor | undefined = (
  globalThis as { Float16Array?: TypedArrayConstructor }
).Float16Array;

/** Does this runtime have Float16Array? Without it 'e' shows as the bits, in a Uint16Array. */
export const hasFloat16Array: boolean = Float16 !== undefined;

// One function each: an engine makes them in place only where it knows which it makes.
const MAKERS: Readonly<Record<string, Maker>> = {
  u1: (buffer, start, length) => new Uint8Array(buffer, start, length),
  u2: (buffer, start, length) => new Uint16Array(buffer, start, length),
  u4: (buffer, start, length) => new Uint32Array(buffer, start, length),
  u8: (buffer, start, length) => new BigUint64Array(buffer, start, length),
  i1: (buffer, start, length) => new Int8Array(buffer, start, length),
  i2: (buffer, start, length) => new Int16Array(buffer, start, length),
  i4: (buffer, start, length) => new Int32Array(buffer, start, length),
  i8: (buffer, start, length) => new BigInt64Array(buffer, start, length),
  f2: (buffer, start, length) => new (Float16 ?? Uint16Array)(buffer, start, length),
  f4: (buffer, start, length) => new Float32Array(buffer, start, length),
  f8: (buffer, start, length) => new Float64Array(buffer, start, length),
};

/** bfloat16 and float8 show as their bits. */
function makerOf({ type, unit }: FormatItem): Maker | undefined {
  if (type === 'c' || type === '?') return MAKERS.u1;
  if ('bhilqn'.includes(type)) return MAKERS[`i${unit}`];
  if ('BHILQNP'.includes(type) || type.startsWith('[')) return MAKERS[`u${unit}`];
  return /^Z?[efdg]$/.test(type) ? MAKERS[`f${unit}`] : undefined;
}

function typedArrayOf(item: FormatItem): TypedArrayKind | null {
  if (item.byteOrder !== null && item.byteOrder !== machineOrder) return null;
  const make = makerOf(item);
  if (make === undefined) return null;
  return { make, unit: item.unit, entries: item.type.startsWith('Z') ? 2 : 1 };
}

/** Do two formats describe the same bytes? `l`, `q` and `<q` do on LP64 little-endian. */
export function sameFormat(a: Format, b: Format): boolean {
  if (a === b) return true;
  if (a.tree === null || b.tree === null) return a.text === b.text;
  return canonicalKey(a.tree) === canonicalKey(b.tree);
}
