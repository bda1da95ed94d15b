/** Numbers, bigints, booleans and complex numbers as elements. */
import { BufferError, rangeError, show, typeError } from './errors.ts';
import { decodeHalf, encodeHalf } from './float16.ts';
import type { FormatItem } from './format_tree.ts';
import { decodeLongDouble, encodeLongDouble } from './long_double.ts';

/**
 * Reading and writing one format. `check` converts and validates a value and may throw; it
 * runs no user code except the getters of objects and arrays. `read` and `write` take byte
 * offsets into a DataView. `text` in the functions that make one is what errors call it:
 * "format 'd'", or "field 'pos.x'".
 */
export type Access<T> = {
  readonly check: (value: unknown) => T;
  readonly read: (view: DataView, offset: number) => T;
  readonly write: (view: DataView, offset: number, value: T) => void;
  readonly refusal: () => Error;
};

const noRefusal = (): Error =>
  new BufferError('ERR_NBUF_FORMAT', 'the format has no element value');

/** The byte order of an element as DataView wants it said. */
export function isLittle(item: FormatItem): boolean {
  return item.byteOrder !== 'big';
}

type Reader<T> = (view: DataView, offset: number) => T;
type Writer<T> = (view: DataView, offset: number, value: T) => void;
type Pair<T> = { read: Reader<T>; write: Writer<T> };

// One pair of closures a format: each has its own inline caches, so that a loop over one
// format stays monomorphic whatever else the process reads. Hence also the repetition.
const NUMBERS: Readonly<Record<string, (le: boolean) => Pair<number>>> = {
  i1: () => ({
    read: (v, o) => v.getInt8(o),
    write: (v, o, x) => v.setInt8(o, x),
  }),
  u1: () => ({
    read: (v, o) => v.getUint8(o),
    write: (v, o, x) => v.setUint8(o, x),
  }),
  i2: (le) => ({
    read: (v, o) => v.getInt16(o, le),
    write: (v, o, x) => v.setInt16(o, x, le),
  }),
  u2: (le) => ({
    read: (v, o) => v.getUint16(o, le),
    write: (v, o, x) => v.setUint16(o, x, le),
  }),
  i4: (le) => ({
    read: (v, o) => v.getInt32(o, le),
    write: (v, o, x) => v.setInt32(o, x, le),
  }),
  u4: (le) => ({
    read: (v, o) => v.getUint32(o, le),
    write: (v, o, x) => v.setUint32(o, x, le),
  }),
  f2: (le) => ({
    read: (v, o) => decodeHalf(v.getUint16(o, le)),
    write: (v, o, x) => v.setUint16(o, encodeHalf(x), le),
  }),
  f4: (le) => ({
    read: (v, o) => v.getFloat32(o, le),
    write: (v, o, x) => v.setFloat32(o, x, le),
  }),
  f8: (le) => ({
    read: (v, o) => v.getFloat64(o, le),
    write: (v, o, x) => v.setFloat64(o, x, le),
  }),
};

const BIGINTS: Readonly<Record<string, (le: boolean) => Pair<bigint>>> = {
  i8: (le) => ({
    read: (v, o) => v.getBigInt64(o, le),
    write: (v, o, x) => v.setBigInt64(o, x, le),
  }),
  u8: (le) => ({
    read: (v, o) => v.getBigUint64(o, le),
    write: (v, o, x) => v.setBigUint64(o, x, le),
  }),
};

/** Long doubles go through a small buffer, least significant byte first. */
function longDouble(size: number, le: boolean): Pair<number> {
  const bytes = new Uint8Array(size);
  return {
    read: (v, o) => {
      for (let k = 0; k < size; k++) bytes[k] = v.getUint8(le ? o + k : o + size - 1 - k);
      return decodeLongDouble(bytes);
    },
    write: (v, o, x) => {
      encodeLongDouble(x, bytes);
      for (let k = 0; k < size; k++)
        v.setUint8(le ? o + k : o + size - 1 - k, bytes[k] as number);
    },
  };
}

function floatCheck(unit: number, text: string): (value: unknown) => number {
  const overflows = (x: number): boolean =>
    unit === 2 ? Math.abs(x) >= 65520 : unit === 4 && !Number.isFinite(Math.fround(x));
  return (value) => {
    if (typeof value !== 'number')
      throw typeError(`${text} takes a number, found ${show(value)}`);
    if (Number.isFinite(value) && overflows(value))
      throw rangeError(`${value} is too large for ${text}`);
    return value;
  };
}

function integerCheck(
  low: number,
  high: number,
  text: string,
): (value: unknown) => number {
  return (value) => {
    if (typeof value !== 'number')
      throw typeError(`${text} takes a number, found ${show(value)}`);
    if (!(value >= low && value <= high && Number.isInteger(value)))
      throw rangeError(`${text} takes an integer from ${low} to ${high}, found ${value}`);
    return value;
  };
}

function bigintCheck(signed: boolean, text: string): (value: unknown) => bigint {
  const low = signed ? -(2n ** 63n) : 0n;
  const high = signed ? 2n ** 63n - 1n : 2n ** 64n - 1n;
  return (value) => {
    if (typeof value !== 'bigint')
      throw typeError(`${text} takes a bigint, found ${show(value)}`);
    if (value < low || value > high)
      throw rangeError(`${text} takes ${low} to ${high}, found ${show(value)}`);
    return value;
  };
}

function booleanAccess(text: string): Access<boolean> {
  return {
    check: (value) => {
      if (typeof value !== 'boolean')
        throw typeError(`${text} takes a boolean, found ${show(value)}`);
      return value;
    },
    read: (v, o) => v.getUint8(o) !== 0,
    write: (v, o, x) => v.setUint8(o, x ? 1 : 0),
    refusal: noRefusal,
  };
}

function floatPair(item: FormatItem): Pair<number> {
  const le = isLittle(item);
  const make = NUMBERS[`f${item.unit}`];
  return make === undefined || item.type.endsWith('g')
    ? longDouble(item.unit, le)
    : make(le);
}

/** b B ? h H i I l L q Q n N P e f d g. */
export function numberAccess(item: FormatItem, text: string): Access<never> {
  const { type, unit } = item;
  let made: unknown;
  if (type === '?') made = booleanAccess(text);
  else if ('efdg'.includes(type))
    made = { ...floatPair(item), check: floatCheck(unit, text), refusal: noRefusal };
  else {
    const signed = 'bhilqn'.includes(type);
    made = integerAccess(
      signed,
      unit,
      isLittle(item),
      text,
      type === 'P' || type === '&',
    );
  }
  return made as Access<never>;
}

function integerAccess(
  signed: boolean,
  unit: number,
  le: boolean,
  text: string,
  isPointer: boolean,
): Access<number> | Access<bigint> {
  const name = `${signed ? 'i' : 'u'}${unit}`;
  const big = BIGINTS[name];
  if (big !== undefined)
    return { ...big(le), check: bigintCheck(signed, text), refusal: noRefusal };
  const high = 2 ** (unit * 8 - (signed ? 1 : 0)) - 1;
  const pair = (NUMBERS[name] as (le: boolean) => Pair<number>)(le);
  if (isPointer) return narrowPointer(pair, high, text);
  const check = integerCheck(signed ? -high - 1 : 0, high, text);
  return { ...pair, check, refusal: noRefusal };
}

/** Pointers are bigints also where they have 4 bytes. */
function narrowPointer(pair: Pair<number>, high: number, text: string): Access<bigint> {
  const check = bigintCheck(false, text);
  return {
    check: (value) => {
      const pointer = check(value);
      if (pointer > BigInt(high)) throw rangeError(`${text} takes 32 bits`);
      return pointer;
    },
    read: (v, o) => BigInt(pair.read(v, o)),
    write: (v, o, x) => pair.write(v, o, Number(x)),
    refusal: noRefusal,
  };
}

/** Ze Zf Zd Zg as `{re, im}`. */
export function complexAccess(
  item: FormatItem,
  text: string,
): Access<{ re: number; im: number }> {
  const { read, write } = floatPair(item);
  const check = floatCheck(item.unit, text);
  const { unit } = item;
  return {
    check: (value) => {
      if (typeof value !== 'object' || value === null)
        throw typeError(`${text} takes {re, im}, found ${show(value)}`);
      for (const key of Object.keys(value))
        if (key !== 're' && key !== 'im')
          throw typeError(`${text} takes {re, im}, found an object with ${show(key)}`);
      const { re, im } = value as { re?: unknown; im?: unknown };
      return { re: check(re), im: check(im) };
    },
    read: (v, o) => ({ re: read(v, o), im: read(v, o + unit) }),
    write: (v, o, x) => {
      write(v, o, x.re);
      write(v, o + unit, x.im);
    },
    refusal: noRefusal,
  };
}
