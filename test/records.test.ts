/** Records, lists and sub-arrays as values: what get returns and set takes. */

import { acquire, HostArray, type Provider } from 'nbuf';
import { describe, expect, test } from 'vitest';
import { indexVectors } from './model.ts';
import { createRandom, firstSeed } from './random.ts';
import { askNumpy, hasNumpy, randomRecord } from './record_case.ts';

function ofBytes(format: string, bytes: readonly number[], itemsize?: number): Provider {
  const data = Uint8Array.from(bytes);
  const array = HostArray.fromBytes(data, {
    format,
    shape: [],
    itemsize: itemsize ?? data.length,
  });
  return acquire(array, { writable: true });
}

const u8 = (...bytes: number[]) => Uint8Array.from(bytes);
const text = (bytes: string) => [...Buffer.from(bytes, 'latin1')];

/** Format, the bytes, what they mean. Every format is packed, or says its padding. */
const TABLE: readonly (readonly [string, number[], unknown])[] = [
  ['<i:a:h:b:', [1, 0, 0, 0, 2, 0], { a: 1, b: 2 }],
  ['<T{i:a:h:b:}', [1, 0, 0, 0, 254, 255], { a: 1, b: -2 }],
  ['@T{b:a:i:b:}', [1, 9, 9, 9, 2, 0, 0, 0], { a: 1, b: 2 }],
  ['<T{b:a:2xh:b:x}', [1, 9, 9, 2, 0, 9], { a: 1, b: 2 }],
  ['<T{B:a:T{>H:x:<H:y:}:p:}', [1, 0, 2, 2, 0], { a: 1, p: { x: 2, y: 2 } }],
  ['<T{3H:v:B:n:}', [1, 0, 2, 0, 3, 0, 4], { v: [1, 2, 3], n: 4 }],
  [
    '<T{(2,3)B:m:}',
    [1, 2, 3, 4, 5, 6],
    {
      m: [
        [1, 2, 3],
        [4, 5, 6],
      ],
    },
  ],
  [
    '<T{(2)2B:m:}',
    [1, 2, 3, 4],
    {
      m: [
        [1, 2],
        [3, 4],
      ],
    },
  ],
  [
    '<T{(2)T{B:x:B:y:}:p:}',
    [1, 2, 3, 4],
    {
      p: [
        { x: 1, y: 2 },
        { x: 3, y: 4 },
      ],
    },
  ],
  ['<T{(1)B:a:(0)H:b:}', [7], { a: [7], b: [] }],
  ['<2BHB', [1, 2, 3, 0, 4], [1, 2, 3, 4]],
  ['<T{BH}', [1, 2, 0], [1, 2]],
  ['<T{B}', [1], [1]],
  ['<3B', [1, 2, 3], [1, 2, 3]],
  [
    '<(2,2)B',
    [1, 2, 3, 4],
    [
      [1, 2],
      [3, 4],
    ],
  ],
  ['<B(2)BT{B:a:}', [1, 2, 3, 4], [1, [2, 3], { a: 4 }]],
  ['<BB:f0:BB:b:', [1, 2, 3, 4], { f1: 1, f0: 2, f2: 3, b: 4 }],
  [
    '>T{H:a:Zf:z:}',
    [1, 2, 63, 128, 0, 0, 192, 0, 0, 0],
    { a: 258, z: { re: 1, im: -2 } },
  ],
  [
    '<T{q:a:>Q:b:}',
    [255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 1, 0],
    { a: -1n, b: 256n },
  ],
  [
    '<T{?:t:c:c:3s:s:3x:v:4p:p:}',
    [1, 65, ...text('ab\0'), 1, 2, 3, 2, ...text('xy\0')],
    { t: true, c: u8(65), s: u8(97, 98, 0), v: u8(1, 2, 3), p: u8(120, 121) },
  ],
  [
    '<T{2u:u:>2w:w:}',
    [172, 32, 0, 0, 0, 1, 246, 0, 0, 0, 0, 97],
    { u: '€', w: '\u{1f600}a' },
  ],
  [
    '^T{P:p:&i:q:}',
    [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 128],
    { p: 1n, q: 2n ** 63n },
  ],
  [
    '<T{[x$bfloat16]:a:[x$float8_e4m3fn]:b:e:c:}',
    [128, 63, 60, 0, 188],
    { a: 1, b: 1.5, c: -1 },
  ],
  [
    '<T{B:__proto__:B:constructor:B:toString:B:0:B:a.b:B: :B:é中\u{1f600}:}',
    [1, 2, 3, 4, 5, 6, 7],
    Object.fromEntries([
      ['__proto__', 1],
      ['constructor', 2],
      ['toString', 3],
      ['0', 4],
      ['a.b', 5],
      [' ', 6],
      ['é中\u{1f600}', 7],
    ]),
  ],
];

describe('values', () => {
  test.each(TABLE)('%s', (format, bytes, value) => {
    using p = ofBytes(format, bytes);
    expect(p.get()).toEqual(value);
    expect(p.at()).toEqual(value);
    expect(p.toArray()).toEqual(value);
    expect([...p]).toEqual([value]);
    expect(Object.keys(p.get() as object).sort()).toEqual(
      Object.keys(value as object).sort(),
    );
    // Padding stays as it was, also where a value is written to other memory.
    p.set(value as never);
    expect([...p.toBytes()]).toEqual(bytes);
    using zeros = ofBytes(format, Array(bytes.length).fill(0));
    zeros.set(p.get());
    expect(zeros.get()).toEqual(value);
    expect(zeros.equals(p)).toBe(true);
  });

  test.runIf(hasNumpy)('are assigned where NumPy puts them', () => {
    const seed = firstSeed();
    const random = createRandom(seed);
    const cases = Array.from({ length: 100 }, () => {
      return { ...randomRecord(random), shape: random.pick([[], [2], [2, 3]]) };
    });
    type Answer = { hex: string; other: string; assigned: string };
    const answers = askNumpy<Answer>(
      cases.map(({ dtype, shape }, k) => ['views', dtype, shape, seed + k, [], []]),
    );
    cases.forEach(({ format, shape, size: itemsize }, k) => {
      const { hex, other, assigned } = answers[k] as Answer;
      const of = (bytes: string): Provider =>
        acquire(
          HostArray.fromBytes(Buffer.from(bytes, 'hex'), { format, shape, itemsize }),
          { writable: true },
        );
      using to = of(hex);
      using from = of(other);
      for (const index of indexVectors(shape)) to.set(...index, from.get(...index));
      expect(
        Buffer.from(to.toBytes()).toString('hex'),
        `NBUF_SEED=${seed} ${format}`,
      ).toBe(assigned);
    });
  });

  test('are plain objects with properties of their own', () => {
    using p = ofBytes('<T{B:__proto__:B:constructor:B:b:}', [1, 2, 3]);
    const value = p.get() as object;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor', 'b']);
    for (const name of Object.keys(value))
      expect(Object.getOwnPropertyDescriptor(value, name)).toMatchObject({
        writable: true,
        enumerable: true,
        configurable: true,
      });
    expect(p.get()).not.toBe(value);
    p.set(JSON.parse('{"__proto__": 7, "constructor": 8, "b": 9}'));
    expect([...p.toBytes()]).toEqual([7, 8, 9]);
    p.set(
      Object.assign(Object.create(null), JSON.parse('{"constructor": 1, "b": 1}'), {
        ['__proto__']: 1,
      }),
    );
    expect([...p.toBytes()]).toEqual([1, 1, 1]);
  });

  test('setters on Object.prototype do not see them', () => {
    const seen: unknown[] = [];
    Object.defineProperty(Object.prototype, 'trap', {
      set: (value) => seen.push(value),
      configurable: true,
    });
    try {
      using p = ofBytes('<T{B:trap:}', [5]);
      expect(Object.getOwnPropertyDescriptor(p.get() as object, 'trap')?.value).toBe(5);
      expect(seen).toEqual([]);
    } finally {
      delete (Object.prototype as { trap?: unknown }).trap;
    }
  });

  test('are copies', () => {
    using p = ofBytes('<T{3s:s:2B:v:}', [1, 2, 3, 4, 5]);
    const value = p.get() as { s: Uint8Array; v: number[] };
    value.s[0] = value.v[0] = 99;
    expect([...p.toBytes()]).toEqual([1, 2, 3, 4, 5]);
  });
});
