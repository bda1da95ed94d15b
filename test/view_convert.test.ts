/** copyFrom between numeric formats: which pairs each mode allows, and the values. */

import { acquire, HostArray, type Provider, parseFormat } from 'nbuf';
import { describe, expect, test } from 'vitest';
import { createRandom, firstSeed, type Random } from './random.ts';
import { askNumpy, hasNumpy } from './record_case.ts';

type Mode = 'same-kind' | 'unsafe';
const MODES: readonly Mode[] = ['same-kind', 'unsafe'];

const wrongFormat = expect.objectContaining({
  name: 'BufferError',
  code: 'ERR_NBUF_FORMAT',
});

/** Our format, and the kind and the bytes of NumPy's. */
const INTEGERS = ['b', 'B', '<h', '>H', '>i', '<I', '<q', '>q', '>Q', '<Q'];
const FLOATS = ['<e', '>e', '<f', '>f', '<d', '>d'];
const COMPLEX = ['<Zf', '>Zf', '<Zd', '>Zd'];
const NUMBERS = ['?', ...INTEGERS, ...FLOATS, ...COMPLEX];

const KINDS: Readonly<Record<string, string>> = {
  '?': 'b1',
  ...{ b: 'i1', B: 'u1', h: 'i2', H: 'u2', i: 'i4', I: 'u4', q: 'i8', Q: 'u8' },
  ...{ e: 'f2', f: 'f4', d: 'f8', Zf: 'c8', Zd: 'c16' },
};

function dtypeOf(format: string): string {
  const order = format.replace(/[^<>]/g, '') || '|';
  return order + KINDS[format.replace(/[<>]/g, '')];
}

function ofHex(format: string, hex: string): Provider {
  return acquire(HostArray.fromBytes(Buffer.from(hex, 'hex'), { format }), {
    writable: true,
  });
}

function hexOf(p: Provider): string {
  return Buffer.from(p.toBytes()).toString('hex');
}

const isFloat = (format: string) => /[efd]/.test(format);
const isComplex = (format: string) => format.includes('Z');
const bytesOf = (format: string) => parseFormat(format).itemsize;

/** The numbers that a format can hold, from -2^63 to 2^64 and beyond. */
function boundaries(): (number | bigint)[] {
  const powers = [
    7n,
    8n,
    15n,
    16n,
    23n,
    24n,
    25n,
    31n,
    32n,
    52n,
    53n,
    54n,
    62n,
    63n,
    64n,
  ];
  const whole = powers.flatMap((power) => [-1n, 0n, 1n].map((by) => 2n ** power + by));
  const halves = [2n ** 53n + 2n ** 29n + 1n, 2n ** 24n + 1n, 2n ** 60n + 2n ** 36n + 1n];
  const integers = [0n, 1n, 2n, 100n, ...whole, ...halves];
  const fractions = [
    0.1, 0.5, 1.5, 2.5, 127.9, 2049.5, 65504, 65519.99, 65520, 1e-8, 6e-8,
  ];
  const floats = [...fractions, 3.4028235677973366e38, 1e39, 1e-46, 1e300, 5e-324];
  return [...integers.flatMap((n) => [n, -n]), ...floats.flatMap((x) => [x, -x])];
}

function fits(format: string, value: number | bigint): boolean {
  const size = bytesOf(format) * 8;
  const isSigned = /[bhiq]/.test(format);
  const low = isSigned ? -(2n ** BigInt(size - 1)) : 0n;
  const high = isSigned ? -low - 1n : 2n ** BigInt(size) - 1n;
  return typeof value === 'bigint' && value >= low && value <= high;
}

function elementsOf(format: string, random: Random): unknown[] {
  if (format === '?') return [true, false];
  const values = boundaries();
  if (isComplex(format))
    return values.flatMap((value) => {
      const re = Number(value);
      const isHuge = format.endsWith('f') && !Number.isFinite(Math.fround(re));
      return isHuge ? [] : [{ re, im: random.pick([0, 1.5, -2]) }];
    });
  if (isFloat(format))
    return values.map(Number).filter((value) => {
      if (format.endsWith('e')) return Math.abs(value) < 65520;
      return format.endsWith('d') || Number.isFinite(Math.fround(value));
    });
  const wide = values.filter((value) => fits(format, value)) as bigint[];
  const more = Array.from({ length: 40 }, () => {
    const bits = Buffer.from(random.bytes(8)).readBigUInt64LE();
    const shifted = bits >> BigInt(random.int(0, 63));
    return BigInt[/[bhiq]/.test(format) ? 'asIntN' : 'asUintN'](
      bytesOf(format) * 8,
      shifted,
    );
  });
  const all = [...wide, ...more];
  return bytesOf(format) === 8 ? all : all.map(Number);
}

/** C leaves a float that the integer cannot hold undefined, and so does NumPy. */
function isDefined(value: unknown, to: string): boolean {
  const real = typeof value === 'object' ? (value as { re: number }).re : value;
  if (typeof real !== 'number' || isFloat(to) || to === '?') return true;
  return Number.isFinite(real) && fits(to, BigInt(Math.trunc(real)));
}

/** NumPy rounds int -> half and complex128 -> half twice, by way of float32; we round once. */
function isRoundedTwice(value: unknown, from: string, to: string): boolean {
  if (!to.endsWith('e')) return false;
  const real = typeof value === 'object' ? (value as { re: number }).re : value;
  return isComplex(from) || (!isFloat(from) && Math.abs(Number(real)) > 2048);
}

type Answer = { allowed: boolean; hex: string };
type Pair = { from: string; to: string; source: string };

function pairs(random: Random): Pair[] {
  return NUMBERS.flatMap((from) => {
    const elements = elementsOf(from, random);
    return NUMBERS.map((to) => {
      const isFloatToInteger = isFloat(from);
      const kept = elements.filter(
        (value) =>
          (!isFloatToInteger || isDefined(value, to)) && !isRoundedTwice(value, from, to),
      );
      using p = acquire(HostArray.from(kept, from));
      return { from, to, source: hexOf(p) };
    });
  });
}

describe('against NumPy', () => {
  const seed = firstSeed();
  const asked = hasNumpy ? pairs(createRandom(seed)) : [];
  const answers = asked.length === 0 ? [] : ask();

  function ask(): Answer[] {
    const questions = asked.map(({ from, to, source }) => [
      'cast',
      dtypeOf(from),
      dtypeOf(to),
      source,
    ]);
    return askNumpy<Answer>(questions);
  }

  test.runIf(hasNumpy)('same-kind allows what can_cast does; unsafe allows all', () => {
    asked.forEach(({ from, to }, k) => {
      using source = acquire(HostArray.allocate([2], from));
      using target = acquire(HostArray.allocate([2], to), { writable: true });
      const isAllowed = (answers[k] as Answer).allowed;
      const copy = () => target.copyFrom(source, { convert: 'same-kind' });
      if (isAllowed) expect(copy, `${from} to ${to}`).not.toThrow();
      else expect(copy, `${from} to ${to}`).toThrow(wrongFormat);
      target.copyFrom(source, { convert: 'unsafe' });
      const isEquivalent = from === to;
      const plain = () => target.copyFrom(source);
      if (isEquivalent) expect(plain).not.toThrow();
      else expect(plain, `${from} to ${to}`).toThrow(wrongFormat);
    });
  });

  test.runIf(hasNumpy)('values are what astype makes of them', () => {
    asked.forEach(({ from, to, source: hex }, k) => {
      const { hex: expected, allowed } = answers[k] as Answer;
      for (const mode of allowed ? MODES : (['unsafe'] as const)) {
        using source = ofHex(from, hex);
        const array = HostArray.allocate([source.size], to);
        using target = acquire(array, { writable: true });
        target.copyFrom(source, { convert: mode });
        if (hexOf(target) === expected) continue;
        using oracle = ofHex(to, expected);
        const message = `NBUF_SEED=${seed} ${from} to ${to}`;
        const [found, wanted] = [target, oracle].map((view) => view.toArray());
        const sources = source.toArray() as unknown[];
        sources.forEach((value, at) => {
          const says = `${message}: ${String(value)}`;
          expect((found as unknown[])[at], says).toEqual((wanted as unknown[])[at]);
        });
        expect(hexOf(target), message).toBe(expected);
      }
    });
  });
});
