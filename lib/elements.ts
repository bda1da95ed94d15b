/**
 * Elements of one format as JavaScript values (DESIGN section 6, "Elements"): how to check a
 * value, and how to read and write it through a DataView at any alignment, or through a typed
 * array where alignment and byte order allow it.
 */

import { type Access, complexAccess, numberAccess } from './element_numbers.ts';
import { bytesAccess, stringAccess } from './element_text.ts';
import { BufferError } from './errors.ts';
import { native, nativeError, type ParsedElement } from './native.ts';

/** What `get` returns and `set` takes. */
export type ElementValue =
  | number
  | bigint
  | boolean
  | string
  | Uint8Array
  | { re: number; im: number };

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
  /** Bytes that an element takes; at most the view's itemsize. */
  readonly size: number;
  readonly parsed: ParsedElement | null;
  readonly access: Access<ElementValue>;
  readonly typedArray: TypedArrayKind | null;
  /** A number, a bigint, or a complex number: comparable by value. */
  readonly isNumeric: boolean;
};

const MAX_CACHED = 256;
const cache = new Map<string, Format>();

/** The format of a string; what is no single element is opaque: its `get` refuses. */
export function formatOf(text: string): Format {
  const known = cache.get(text);
  if (known !== undefined) return known;
  const parsed = native.parseFormat(text);
  const made =
    typeof parsed === 'number'
      ? opaque(text, nativeError(parsed).message)
      : known_(text, parsed);
  if (cache.size >= MAX_CACHED) cache.clear();
  cache.set(text, made);
  return made;
}

/** `formatOf` for callers who need the size: an opaque format is an error. */
export function knownFormat(text: string): Format {
  const format = formatOf(text);
  if (format.parsed === null) throw format.access.refusal();
  if (text.includes('\0'))
    // the addon reads C strings
    throw new BufferError('ERR_NBUF_FORMAT', 'format: expected no NUL, found one');
  return format;
}

function opaque(text: string, reason: string): Format {
  return {
    text,
    size: 0,
    parsed: null,
    access: refusing(reason),
    typedArray: null,
    isNumeric: false,
  };
}

function refusing(reason: string): Access<ElementValue> {
  const refusal = () => new BufferError('ERR_NBUF_FORMAT', reason);
  const refuse = (): never => {
    throw refusal();
  };
  return { check: refuse, read: refuse, write: refuse, direct: null, refusal };
}

const INTEGERS = 'bBhHiIlLqQnNP';
const FLOATS = 'efdg';

function known_(text: string, parsed: ParsedElement): Format {
  const { type } = parsed;
  return {
    text,
    size: parsed.size,
    parsed,
    access: accessOf(parsed, text),
    typedArray: parsed.swapped ? null : typedArrayOf(parsed),
    isNumeric: INTEGERS.includes(type) || FLOATS.includes(type),
  };
}

/** `write` is only ever given what the same access's `check` returned. */
function widen<T extends ElementValue>(access: Access<T>): Access<ElementValue> {
  return access as unknown as Access<ElementValue>;
}

function accessOf(parsed: ParsedElement, text: string): Access<ElementValue> {
  const { type } = parsed;
  if (type === 'x') return refusing(`format '${text}' is padding: it has no value`);
  if (type === 'O')
    return refusing(`format '${text}' holds Python objects, which have no value here`);
  if (type === 'c' || type === 's' || type === 'p')
    return widen(bytesAccess(parsed, text));
  if (type === 'u' || type === 'w') return widen(stringAccess(parsed, text));
  return parsed.isComplex
    ? widen(complexAccess(parsed, text))
    : widen(numberAccess(parsed, text));
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

const UNSIGNED: Readonly<Record<number, TypedArrayConstructor>> = {
  1: Uint8Array,
  2: Uint16Array,
  4: Uint32Array,
  8: BigUint64Array,
};
const SIGNED: Readonly<Record<number, TypedArrayConstructor>> = {
  1: Int8Array,
  2: Int16Array,
  4: Int32Array,
  8: BigInt64Array,
};
const FLOATING: Readonly<Record<number, TypedArrayConstructor>> = {
  2: Float16 ?? Uint16Array,
  4: Float32Array,
  8: Float64Array,
};

function constructorOf(parsed: ParsedElement): TypedArrayConstructor | undefined {
  const { type, unit } = parsed;
  if (type === 'c' || type === '?') return Uint8Array;
  if ('bhilqn'.includes(type)) return SIGNED[unit];
  if ('BHILQNP'.includes(type)) return UNSIGNED[unit];
  return FLOATS.includes(type) ? FLOATING[unit] : undefined;
}

function typedArrayOf(parsed: ParsedElement): TypedArrayKind | null {
  const Constructor = constructorOf(parsed);
  if (Constructor === undefined) return null;
  const make: Maker = (buffer, byteOffset, length) =>
    new Constructor(buffer, byteOffset, length);
  return { make, unit: parsed.unit, entries: parsed.isComplex ? 2 : 1 };
}

/** Do two formats describe the same bytes? `l`, `q` and `<q` do on LP64 little-endian. */
export function sameFormat(a: Format, b: Format): boolean {
  if (a.text === b.text) return true;
  if (a.parsed === null || b.parsed === null) return false;
  return (
    kindOf(a.parsed.type) === kindOf(b.parsed.type) &&
    a.parsed.isComplex === b.parsed.isComplex &&
    a.parsed.unit === b.parsed.unit &&
    a.parsed.count === b.parsed.count &&
    a.parsed.swapped === b.parsed.swapped
  );
}

/** 'l' and 'q' of equal size differ in name only. */
function kindOf(type: string): string {
  if ('bhilqn'.includes(type)) return 'i';
  if ('BHILQN'.includes(type)) return 'I';
  return FLOATS.includes(type) ? 'f' : type;
}
