/** Formats that once hung, lied, or reached too far. */

import { acquire, formatsEqual, HostArray, parseFormat, writeFormat } from 'nbuf';
import { describe, expect, test } from 'vitest';

const refused = expect.objectContaining({ code: 'ERR_NBUF_FORMAT' });

describe('values that no bytes stand for', () => {
  for (const format of [
    'B(65536,65536)0s',
    'B(4096,4096)0s',
    'B:a:(65536,65536,0)i:b:',
    'B65535T{65535T{65535T{}}}',
    'B(4294967296)0s',
  ])
    test(`${format} is refused at once`, () => {
      const array = HostArray.allocate([1], format);
      using p = acquire(array, { writable: true });
      expect(() => p.get(0)).toThrow(refused);
      expect(() => p.toArray()).toThrow(refused);
      expect(p.equals(p)).toBe(true);
      p.copyFrom(p, { convert: 'unsafe' });
    });

  test('some are values', () => {
    using p = acquire(HostArray.allocate([1], 'B(2,3)0s'));
    expect(p.get(0)).toEqual([0, Array(2).fill(Array(3).fill(new Uint8Array(0)))]);
  });
});

describe('a format that leaves open what its writer meant', () => {
  test('is opaque', () => {
    const format = 'T{B:u:<i:c:<i:d:}'; // a union of four bytes, as ctypes writes it
    const bytes = Uint8Array.from({ length: 12 }, (_, k) => k);
    using p = acquire(HostArray.fromBytes(bytes, { format, itemsize: 12 }));
    expect(p.toBytes()).toEqual(bytes);
    expect(() => p.get(0)).toThrow(/ctypes writes a union/);
    expect(() => p.field('c')).toThrow(refused);
  });
});

describe('formatsEqual', () => {
  for (const [a, b] of [
    ['2T{dB}', '<2T{dB}'],
    ['(2)T{dB}', '<2T{dB}'],
    ['i:a:', 'xT{i}'],
    ['(2)t', 't0Bt'],
  ] as const)
    test(`'${a}' and '${b}' differ`, () => {
      expect(formatsEqual(a, b)).toBe(false);
      expect(formatsEqual(b, a)).toBe(false);
    });
});

describe('a last record without its padding', () => {
  const array = HostArray.fromBytes(new Uint8Array(9), {
    format: 'T{T{d:x:B:y:}:b:}',
    itemsize: 9,
    shape: [1],
  });

  test('has a field that ends with it', () => {
    using p = acquire(array, { writable: true });
    const field = p.field('b');
    expect([field.itemsize, field.byteLength, field.format]).toEqual([
      9,
      9,
      'T{<d:x:B:y:}',
    ]);
    expect([field.toBytes().length, field.bytes().length]).toEqual([9, 9]);
    field.set(0, { x: 1.5, y: 7 });
    expect(p.get(0)).toEqual({ b: { x: 1.5, y: 7 } });
  });

  test('can be written', () => {
    for (const [format, itemsize] of [
      ['T{d:a:B:b:}', 9],
      ['T{i:a:T{d:x:B:y:}:b:}', 17],
    ] as const) {
      const text = writeFormat(format, itemsize);
      expect(parseFormat(text).itemsize).toBe(itemsize);
      expect(formatsEqual(text, format)).toBe(true);
    }
  });
});

describe('writeFormat', () => {
  for (const format of ['Zg(3,0)s', '^O0[a$bfloat16]:n1:', '&x', '3&xhdxx', 'P', 'g'])
    test(`keeps all of '${format}'`, () => {
      expect(formatsEqual(writeFormat(format), format)).toBe(true);
    });

  test("says ctypes' wide characters", () => {
    expect(writeFormat('T{<B:a:<u:b:}', 8)).toBe('T{<B:a:3xw:b:}');
  });
});

test('long names of nested records do not multiply', () => {
  const inner = Array.from({ length: 8500 }, (_, k) => `T{B:a:}:${k.toString(36)}:`);
  const format = `T{T{${inner.join('')}}:${'n'.repeat(130_000)}:}`;
  const before = process.memoryUsage().rss;
  using p = acquire(HostArray.allocate([1], format));
  expect(p.itemsize).toBe(8500);
  expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 29);
});

test('an axis of 2^33 has no negative indices', () => {
  using p = acquire(HostArray.from([5]));
  const wide = p.broadcastTo([2 ** 33]);
  for (const index of [-1, -(2 ** 31), 2 ** 33])
    expect(() => wide.get(index)).toThrow(
      expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }),
    );
  expect(wide.get(2 ** 33 - 1)).toBe(5);
});

test("what Object.prototype has does not count in a record's fields", () => {
  using p = acquire(HostArray.from([{ toString: 1, i: 2 }], 'T{i:toString:i:i:}'));
  const prototype = Object.prototype as { get?: unknown; i?: unknown };
  prototype.get = () => 1;
  prototype.i = 'x';
  let value: { toString?: unknown; i?: unknown };
  try {
    value = p.get(0);
  } finally {
    delete prototype.get;
    delete prototype.i;
  }
  expect([value.toString, value.i]).toEqual([1, 2]);
});
