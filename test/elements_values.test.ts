/** What each format takes and refuses, and what a refused write leaves behind: nothing. */

import { acquire, calcsize, type ElementValue, HostArray, type Provider } from 'nbuf';
import { describe, expect, test } from 'vitest';

const ORDERS = ['', '@', '=', '<', '>', '!'];
const wrongType = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
const outOfRange = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };
const refusedFormat = { name: 'BufferError', code: 'ERR_NBUF_FORMAT' };

/** Three elements of `format` in 0xaa bytes; each of `itemsize` bytes. */
function filled(format: string, itemsize: number = calcsize(format)): Provider {
  const bytes = new Uint8Array(3 * itemsize).fill(0xaa);
  const array = HostArray.fromBytes(bytes, { shape: [3], format, itemsize });
  return acquire(array, { writable: true });
}

function hex(view: Provider): string {
  return Buffer.from(view.toBytes()).toString('hex');
}

function expectRefused(format: string, value: unknown, error: object): void {
  const given = value as ElementValue;
  using p = filled(format);
  const before = hex(p);
  for (const write of [
    () => p.set(1, given),
    () => p.fill(given),
    () => p.copyFrom([given, given, given]),
    () => p.reshape([3, 1]).set(1, 0, given),
    () => HostArray.from([given], format),
  ])
    expect(write, `${format} ${typeof value} ${write}`).toThrow(
      expect.objectContaining(error),
    );
  expect(hex(p)).toBe(before);
}

const throwing = {
  valueOf() {
    throw new Error('nbuf converted a value');
  },
  toString() {
    throw new Error('nbuf converted a value');
  },
};

/** One value of each type; a format takes the ones of its own. */
const SAMPLES: Record<string, unknown> = {
  undefined: undefined,
  null: null,
  number: 1,
  bigint: 1n,
  boolean: true,
  string: 'x',
  bytes: Uint8Array.of(1),
  complex: { re: 1, im: 1 },
  symbol: Symbol('s'),
  function: () => 1,
  array: ['x'],
  wrapped: Object(1),
  throwing,
  date: new Date(1),
  otherBytes: new Int8Array(1),
  fakeBytes: Object.create(Uint8Array.prototype),
  arrayBuffer: new ArrayBuffer(1),
};

const TAKEN: readonly (readonly [string, string])[] = [
  ['bBhHiIefdg', 'number'],
  ['qQP', 'bigint'],
  ['?', 'boolean'],
  ['csp', 'bytes'],
  ['uw', 'string'],
];

describe('wrong types', () => {
  test.each(TAKEN)('%s takes a %s and nothing else', (types, kind) => {
    const formats = [...types].flatMap((type) =>
      (type === 'P' ? ['', '@'] : ORDERS).map(
        (order) => `${order}${type === 'p' ? '4p' : type}`,
      ),
    );
    const others = Object.keys(SAMPLES).filter(
      (name) => name !== kind && name !== 'array',
    );
    for (const format of formats) {
      using p = filled(format);
      p.set(0, SAMPLES[kind] as ElementValue);
      for (const name of others) expectRefused(format, SAMPLES[name], wrongType);
    }
  });

  test('l L n N take what q and Q take where they have 8 bytes', () => {
    for (const format of ['l', 'L', 'n', 'N', '<l', '>L'].map(String)) {
      const isBig = calcsize(format) === 8;
      expectRefused(format, isBig ? 1 : 1n, wrongType);
      using p = filled(format);
      p.set(0, isBig ? 1n : 1);
      expect(p.get(0)).toBe(isBig ? 1n : 1);
    }
  });

  test('complex numbers take {re, im} of numbers', () => {
    for (const type of ['Ze', 'Zf', 'Zd', 'Zg'])
      for (const value of [
        ...Object.values(SAMPLES).filter((sample) => sample !== SAMPLES.complex),
        {},
        { re: 1 },
        { im: 1 },
        { re: 1n, im: 0 },
        { re: '1', im: 0 },
      ])
        if (!Array.isArray(value)) expectRefused(type, value, wrongType);
    expectRefused('Zf', { re: 0, im: 1e39 }, outOfRange);
    expectRefused('Ze', { re: 65520, im: 0 }, outOfRange);
  });

  test('objects are never converted, so a value cannot run code', () => {
    for (const format of ['B', 'q', '?', 'w', 'd'])
      expectRefused(format, throwing, wrongType);
  });
});

describe('values out of range', () => {
  const ranges: readonly (readonly [string, readonly unknown[]])[] = [
    ['b', [128, -129, 1.5, Number.NaN, Infinity, -Infinity, 2 ** 53]],
    ['B', [256, -1, 0.1, Number.NaN]],
    ['h', [32768, -32769]],
    ['H', [65536, -1]],
    ['i', [2 ** 31, -(2 ** 31) - 1]],
    ['I', [2 ** 32, -1]],
    ['q', [2n ** 63n, -(2n ** 63n) - 1n, 1n << 100_000n]],
    ['Q', [2n ** 64n, -1n]],
    ['P', [2n ** 64n, -1n]],
    ['e', [65520, -65520, 1e300]],
    ['f', [3.4028235677973366e38, -1e39]],
    ['c', [new Uint8Array(0), new Uint8Array(2)]],
    ['3s', [new Uint8Array(4)]],
    ['4p', [new Uint8Array(4)]],
    ['p', [new Uint8Array(1)]],
    ['300p', [new Uint8Array(256)]],
    ['u', ['', 'xy', '\u{1f600}']],
    ['w', ['', 'xy']],
    ['2w', ['xyz']],
    ['2u', ['xyz', '\u{1f600}x']],
  ];
  test.each(ranges)('%s', (format, values) => {
    for (const value of values) expectRefused(format, value, outOfRange);
  });

  test('the last values that fit', () => {
    for (const [format, value] of [
      ['b', -128],
      ['B', 255],
      ['B', -0],
      ['h', -32768],
      ['I', 2 ** 32 - 1],
      ['e', 65519.99],
      ['f', 3.4028234663852886e38],
      ['2u', '\u{1f600}'],
      ['w', '\u{10ffff}'],
    ] as const) {
      using p = filled(format);
      p.set(1, value);
      expect(p.get(1)).toEqual(format === 'e' ? 65504 : value === 0 ? 0 : value);
    }
  });
});

describe('itemsize', () => {
  test('larger than the format: what follows is left alone', () => {
    for (const [format, value] of [
      ['B', 5],
      ['>H', 5],
      ['d', 5],
      ['q', 5n],
      ['Zf', { re: 5, im: 5 }],
      ['3w', 'abc'],
    ] as const) {
      const size = calcsize(format);
      for (const write of [
        (p: Provider) => p.set(1, value),
        (p: Provider) => p.slice([1, 2]).fill(value),
      ]) {
        using p = filled(format, size + 3);
        write(p);
        expect(p.get(1)).toEqual(value);
        const after = Buffer.from(p.toBytes());
        expect(after.subarray(0, size + 3).every((byte) => byte === 0xaa)).toBe(true);
        const rest = after.subarray(size + 3 + size);
        expect(
          rest.every((byte) => byte === 0xaa),
          format,
        ).toBe(true);
      }
    }
  });

  test('smaller than the format: refused', () => {
    expect(() => filled('d', 7)).toThrow(expect.objectContaining(refusedFormat));
  });
});
