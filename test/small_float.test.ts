import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { Access } from '../lib/element_numbers.ts';
import { SMALL_FLOATS, smallFloatAccess } from '../lib/small_float.ts';
import { firstSeed } from './random.ts';

const MODEL = fileURLToPath(new URL('corpus/small_float.py', import.meta.url));
const PYTHON: string = process.env.NBUF_PYTHON ?? '/usr/bin/python3';
const hasPython = spawnSync(PYTHON, ['-c', '']).status === 0;

const known = new Map<string, Access<number>>();

function accessOf(kind: string, little = false): Access<number> {
  const access =
    known.get(`${kind} ${little}`) ??
    smallFloatAccess(kind, little, `format '[m$${kind}]'`);
  if (access === null) throw new Error(`expected ${kind} to be known`);
  known.set(`${kind} ${little}`, access);
  return access;
}

const view = new DataView(new ArrayBuffer(4));

/** The code that is written for a value: checked first, as every element is. */
function encode(kind: string, value: unknown): number {
  const access = accessOf(kind);
  access.write(view, 1, access.check(value));
  return SMALL_FLOATS.get(kind) === 2 ? view.getUint16(1) : view.getUint8(1);
}

function decode(kind: string, code: number): number {
  if (SMALL_FLOATS.get(kind) === 2) view.setUint16(1, code);
  else view.setUint8(1, code);
  return accessOf(kind).read(view, 1);
}

const outOfRange = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };

/** Largest, least normal and least number of each kind, as ml_dtypes.finfo has them. */
const LIMITS: readonly [string, number, number, number][] = [
  ['bfloat16', 3.3895313892515355e38, 2 ** -126, 2 ** -133],
  ['float8_e3m4', 15.5, 0.25, 0.015625],
  ['float8_e4m3', 240, 0.015625, 0.001953125],
  ['float8_e4m3b11fnuz', 30, 2 ** -10, 2 ** -13],
  ['float8_e4m3fn', 448, 0.015625, 0.001953125],
  ['float8_e4m3fnuz', 240, 0.0078125, 2 ** -10],
  ['float8_e5m2', 57344, 2 ** -14, 2 ** -16],
  ['float8_e5m2fnuz', 57344, 2 ** -15, 2 ** -17],
  ['float8_e8m0fnu', 2 ** 127, 2 ** -127, 2 ** -127],
];

describe('small floats', () => {
  test('are these, with these sizes', () => {
    expect([...SMALL_FLOATS.keys()]).toEqual(LIMITS.map(([kind]) => kind));
    for (const [kind, bytes] of SMALL_FLOATS)
      expect([kind, bytes]).toEqual([kind, kind === 'bfloat16' ? 2 : 1]);
    for (const name of ['', 'float8', 'bfloat', 'float16', 'toString'])
      expect(smallFloatAccess(name, true, 'f')).toBe(null);
  });

  test.each(LIMITS)('%s has the limits of ml_dtypes', (kind, largest, normal, least) => {
    const hasSign = kind !== 'float8_e8m0fnu';
    for (const value of [largest, normal, least, 1, 2, 0.5]) {
      expect(decode(kind, encode(kind, value))).toBe(value);
      if (hasSign) expect(decode(kind, encode(kind, -value))).toBe(-value);
    }
    expect(encode(kind, least)).toBe(hasSign ? 1 : 0);
    expect(() => encode(kind, largest * 1.5)).toThrow(
      expect.objectContaining({
        ...outOfRange,
        message: expect.stringMatching(/too large/),
      }),
    );
    expect(decode(kind, encode(kind, NaN))).toBe(NaN);
  });

  // From the definitions of the kinds (IEEE 754, OCP, and Graphcore's and AMD's fnuz).
  test.each<[string, number, number]>([
    ['bfloat16', Math.PI, 0x4049],
    ['bfloat16', -Infinity, 0xff80],
    ['bfloat16', NaN, 0x7fc0],
    ['bfloat16', 1 + 2 ** -8, 0x3f80],
    ['bfloat16', 1 + 3 * 2 ** -8, 0x3f82],
    // Through a float32 this would become the tie, and round down.
    ['bfloat16', 1 + 2 ** -8 + 2 ** -40, 0x3f81],
    ['float8_e3m4', 1, 0x30],
    ['float8_e3m4', Infinity, 0x70],
    ['float8_e4m3', 1, 0x38],
    ['float8_e4m3', -Infinity, 0xf8],
    ['float8_e4m3fn', 448, 0x7e],
    ['float8_e4m3fn', 464, 0x7e],
    ['float8_e4m3fn', -0, 0x80],
    ['float8_e4m3fn', NaN, 0x7f],
    ['float8_e4m3fnuz', 1, 0x40],
    ['float8_e4m3fnuz', -0, 0],
    ['float8_e4m3fnuz', -1e-9, 0],
    ['float8_e4m3fnuz', NaN, 0x80],
    ['float8_e4m3b11fnuz', 1, 0x58],
    ['float8_e5m2', 1, 0x3c],
    ['float8_e5m2', -0, 0x80],
    ['float8_e5m2', NaN, 0x7e],
    ['float8_e5m2fnuz', 1, 0x40],
    ['float8_e8m0fnu', 1, 0x7f],
    ['float8_e8m0fnu', 1.4999999999999998, 0x7f],
    ['float8_e8m0fnu', 1.5, 0x80],
    ['float8_e8m0fnu', NaN, 0xff],
  ])('%s: %d is %i', (kind, value, code) => {
    expect(encode(kind, value)).toBe(code);
  });

  test.each<[string, number, RegExp]>([
    ['bfloat16', 3.4e38, /3.4e\+38 is too large for format '\[m\$bfloat16\]'/],
    ['float8_e4m3fn', 464.00000000000006, /too large/],
    ['float8_e4m3fn', Infinity, /has no infinity, found Infinity/],
    ['float8_e5m2fnuz', -Infinity, /has no infinity, found -Infinity/],
    ['float8_e4m3fnuz', 248, /too large/],
    ['float8_e5m2', -61440, /too large/],
    ['float8_e8m0fnu', 0, /takes numbers > 0, found 0/],
    ['float8_e8m0fnu', -0, /takes numbers > 0, found -0/],
    ['float8_e8m0fnu', -2, /takes numbers > 0, found -2/],
    ['float8_e8m0fnu', 2 ** -129, /too small/],
  ])('%s refuses %d', (kind, value, message) => {
    const error = { ...outOfRange, message: expect.stringMatching(message) };
    expect(() => encode(kind, value)).toThrow(expect.objectContaining(error));
  });

  test('take numbers only', () => {
    for (const [kind] of SMALL_FLOATS)
      for (const value of [1n, '1', true, null, undefined, [1], { valueOf: () => 1 }])
        expect(() => encode(kind, value)).toThrow(
          expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' }),
        );
  });

  test('bfloat16 in both byte orders, at any place', () => {
    accessOf('bfloat16', true).write(view, 1, 1);
    expect([view.getUint8(1), view.getUint8(2)]).toEqual([0x80, 0x3f]);
    expect(accessOf('bfloat16', true).read(view, 1)).toBe(1);
    accessOf('bfloat16', false).write(view, 1, 1);
    expect([view.getUint8(1), view.getUint8(2)]).toEqual([0x3f, 0x80]);
  });
});

type Answer = {
  /** Of each code, in hexadecimal; null is NaN. */
  readonly values: (string | null)[];
  readonly cases: [string, number | 'nan' | null][];
};

const bits = new DataView(new ArrayBuffer(8));

function numberOf(hex: string): number {
  bits.setBigUint64(0, BigInt(`0x${hex}`));
  return bits.getFloat64(0);
}

/** null for a refusal; every NaN is one. */
function attempt(kind: string, value: number): number | 'nan' | null {
  const access = accessOf(kind);
  try {
    access.check(value);
  } catch {
    return null;
  }
  const code = encode(kind, value);
  return Number.isNaN(decode(kind, code)) ? 'nan' : code;
}

const seed = firstSeed();

test.runIf(hasPython)(`an exact model agrees, NBUF_SEED=${seed}`, () => {
  const answers = JSON.parse(
    execFileSync(PYTHON, [MODEL, `${seed}`], { encoding: 'utf8', maxBuffer: 2 ** 28 }),
  ) as Record<string, Answer>;
  expect(Object.keys(answers)).toEqual([...SMALL_FLOATS.keys()]);
  for (const [kind, { values, cases }] of Object.entries(answers)) {
    const wrongValues = values.flatMap((hex, code) => {
      const value = decode(kind, code);
      const expected = hex === null ? NaN : numberOf(hex);
      return Object.is(value, expected) ? [] : [[code, value, expected]];
    });
    expect([kind, values.length, wrongValues]).toEqual([
      kind,
      256 ** (SMALL_FLOATS.get(kind) ?? 0),
      [],
    ]);
    expect(cases.length).toBeGreaterThan(3000);
    const wrongCodes = cases.flatMap(([hex, expected]) => {
      const value = numberOf(hex);
      const found = attempt(kind, value);
      return found === expected ? [] : [[value, found, expected]];
    });
    expect([kind, wrongCodes]).toEqual([kind, []]);
  }
});
