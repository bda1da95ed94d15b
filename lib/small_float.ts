/**
 * Floating-point kinds of one or two bytes that machine learning uses: bfloat16, and the fp8
 * kinds as ml_dtypes and DLPack define them.
 */
import type { Access } from './element_numbers.ts';
import { BufferError, rangeError, show, typeError } from './errors.ts';
import { exponentOf, roundToEven } from './float16.ts';

/** Codes of a kind, sign bit apart. */
type Kind = {
  /** Stored bits of the significand. */
  readonly fraction: number;
  readonly bias: number;
  readonly largest: number;
  readonly infinity: number | null;
  /** With the sign bit, where the kind has only that one. */
  readonly nan: number;
  /** 0 for a kind without signs. */
  readonly signBit: number;
  /** Is there a zero, with subnormal numbers next to it? */
  readonly hasZero: boolean;
  readonly hasMinusZero: boolean;
};

/** As IEEE 754 has it: the last exponent is for infinity and NaN. */
function ieee(exponent: number, fraction: number): Kind {
  const infinity = ((1 << exponent) - 1) << fraction;
  return {
    fraction,
    bias: (1 << (exponent - 1)) - 1,
    largest: infinity - 1,
    infinity,
    nan: infinity | (1 << (fraction - 1)),
    signBit: 1 << (exponent + fraction),
    hasZero: true,
    hasMinusZero: true,
  };
}

/** "fnuz": finite, one NaN, which takes the place of minus zero. */
function finite(exponent: number, fraction: number, bias: number): Kind {
  const signBit = 1 << (exponent + fraction);
  return {
    fraction,
    bias,
    largest: signBit - 1,
    infinity: null,
    nan: signBit,
    signBit,
    hasZero: true,
    hasMinusZero: false,
  };
}

const KINDS: ReadonlyMap<string, Kind> = new Map([
  ['bfloat16', ieee(8, 7)],
  ['float8_e3m4', ieee(3, 4)],
  ['float8_e4m3', ieee(4, 3)],
  ['float8_e4m3b11fnuz', finite(4, 3, 11)],
  ['float8_e4m3fn', { ...ieee(4, 3), largest: 0x7e, infinity: null, nan: 0x7f }],
  ['float8_e4m3fnuz', finite(4, 3, 8)],
  ['float8_e5m2', ieee(5, 2)],
  ['float8_e5m2fnuz', finite(5, 2, 16)],
  // Every code but one is a power of two.
  [
    'float8_e8m0fnu',
    { ...finite(8, 0, 127), largest: 0xfe, nan: 0xff, signBit: 0, hasZero: false },
  ],
]);

/** Bytes of each kind, by name. */
export const SMALL_FLOATS: ReadonlyMap<string, number> = new Map(
  [...KINDS.keys()].map((name) => [name, name === 'bfloat16' ? 2 : 1]),
);

const words = new Uint32Array(1);
const floats = new Float32Array(words.buffer);

/** bfloat16 is the upper half of a float32. */
function decodeBfloat(code: number): number {
  words[0] = code << 16;
  return floats[0] as number;
}

/** Exact: every code stands for a double. One byte only. */
function decode(kind: Kind, code: number): number {
  const { fraction, bias, signBit } = kind;
  if (code === kind.nan) return NaN;
  const size = code & ~signBit;
  const sign = (code & signBit) === 0 ? 1 : -1;
  if (size > kind.largest) return size === kind.infinity ? sign * Infinity : NaN;
  const exponent = size >> fraction;
  const digits = size & ((1 << fraction) - 1);
  if (kind.hasZero && exponent === 0) return sign * digits * 2 ** (1 - bias - fraction);
  return sign * (digits + (1 << fraction)) * 2 ** (exponent - bias - fraction);
}

/** The code of a size >= 0, rounded once, ties to the even significand; -1 if there is none. */
function encodeSize(kind: Kind, size: number): number {
  const { fraction, bias, hasZero } = kind;
  if (size === Infinity) return kind.infinity ?? -1;
  if (size === 0) return hasZero ? 0 : -1;
  // Below this there are subnormal numbers, or nothing that rounds to a code.
  const lowest = hasZero ? 1 - bias : -1 - bias;
  const exponent = Math.max(exponentOf(size), lowest);
  const significand = roundToEven(size * 2 ** (fraction - exponent));
  // Its leading digit counts one up in the exponent, a carry one more.
  const code = (exponent + bias - 1) * (1 << fraction) + significand;
  return code <= kind.largest ? code : -1;
}

/** The code of a number; negative for what the kind cannot say. */
function encode(kind: Kind, value: number): number {
  if (Number.isNaN(value)) return kind.nan;
  const isNegative = value < 0 || Object.is(value, -0);
  if (isNegative && kind.signBit === 0) return -1;
  const code = encodeSize(kind, Math.abs(value));
  if (code < 0 || !isNegative) return code;
  return code === 0 && !kind.hasMinusZero ? 0 : code | kind.signBit;
}

function checkFor(kind: Kind, text: string): (value: unknown) => number {
  return (value) => {
    if (typeof value !== 'number')
      throw typeError(`${text} takes a number, found ${show(value)}`);
    if (encode(kind, value) >= 0) return value;
    if (!kind.hasZero && value <= 0)
      throw rangeError(`${text} takes numbers > 0, found ${show(value)}`);
    if (Math.abs(value) === Infinity)
      throw rangeError(`${text} has no infinity, found ${value}`);
    const problem = Math.abs(value) < 1 ? 'small' : 'large';
    throw rangeError(`${value} is too ${problem} for ${text}`);
  };
}

const noRefusal = (): Error =>
  new BufferError('ERR_NBUF_FORMAT', 'the format has no element value');

/**
 * How to read and write a kind; null for a name that is none. `little` orders the bytes of
 * bfloat16. The nearest value is written, ties to even, rounded once; what is beyond the
 * largest, and an infinity or sign that the kind does not have, is refused.
 */
export function smallFloatAccess(
  name: string,
  little: boolean,
  text: string,
): Access<number> | null {
  const kind = KINDS.get(name);
  if (kind === undefined) return null;
  const common = { check: checkFor(kind, text), refusal: noRefusal };
  if (name === 'bfloat16')
    return {
      ...common,
      read: (v, o) => decodeBfloat(v.getUint16(o, little)),
      write: (v, o, x) => v.setUint16(o, encode(kind, x), little),
    };
  const values = Float64Array.from({ length: 256 }, (_, code) => decode(kind, code));
  return {
    ...common,
    read: (v, o) => values[v.getUint8(o)] as number,
    write: (v, o, x) => v.setUint8(o, encode(kind, x)),
  };
}
