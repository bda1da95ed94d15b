/** copyFrom across formats: numbers, text and bytes, records. */

import { acquire, HostArray, type Provider } from 'nbuf';
import { describe, expect, test } from 'vitest';

type Mode = 'same-kind' | 'unsafe';

function of(format: string, values: unknown): Provider {
  return acquire(HostArray.from(values, format), { writable: true });
}

function ofBytes(format: string, hex: string): Provider {
  const bytes = Buffer.from(hex, 'hex');
  return acquire(HostArray.fromBytes(bytes, { format }), { writable: true });
}

function hexOf(p: Provider): string {
  return Buffer.from(p.toBytes()).toString('hex');
}

/** `values` of one format as another. */
function converted(from: string, values: unknown, to: string, mode: Mode): unknown {
  using source = of(from, values);
  const shape = source.shape as number[];
  using target = acquire(HostArray.allocate(shape, to), { writable: true });
  target.copyFrom(source, { convert: mode });
  return target.toArray();
}

const wrongFormat = expect.objectContaining({
  name: 'BufferError',
  code: 'ERR_NBUF_FORMAT',
});

const u8 = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));

describe('numbers', () => {
  test.each([
    // int -> half is rounded once: NumPy goes by way of float32 and says 2048 here.
    [
      '<q',
      [2n ** 11n + 1n, 2n ** 12n + 2n, 2049n * 2n ** 2n + 1n],
      '<e',
      [2048, 4096, 8200],
    ],
    ['<Q', [2n ** 64n - 1n], '<e', [Infinity]],
    ['<i', [65519, 65520, -65520], '<e', [65504, Infinity, -Infinity]],
    ['<Zd', [{ re: 1 + 2 ** -11 + 2 ** -40, im: 3 }], '<e', [1 + 2 ** -10]],
    ['d', [NaN, Infinity, -Infinity, -0], 'f', [NaN, Infinity, -Infinity, -0]],
    // C leaves these open; here they wrap, and what is not finite is 0.
    [
      'd',
      [NaN, Infinity, -Infinity, 300, -129.9, 2 ** 40 + 3],
      'b',
      [0, 0, 0, 44, 127, 3],
    ],
    ['d', [NaN, -Infinity, 2 ** 64 + 2 ** 12, -1], 'Q', [0n, 0n, 4096n, 2n ** 64n - 1n]],
    ['f', [NaN, 0, -0, 1e-30], '?', [true, false, false, true]],
    [
      'Zd',
      [
        { re: 0, im: 1 },
        { re: 0, im: 0 },
        { re: NaN, im: 0 },
      ],
      '?',
      [true, false, true],
    ],
    [
      'd',
      [448, 464, 465, -1e9, NaN, 2 ** -10],
      '[x$float8_e4m3fn]',
      [448, 448, NaN, NaN, NaN, 0],
    ],
    ['d', [1e9, -1e9, 1.0625], '[x$float8_e5m2]', [Infinity, -Infinity, 1]],
    [
      'd',
      [3.39e38, 3.4e38, 1.00390625, 1.01171875],
      '[x$bfloat16]',
      [2 ** 128 * (1 - 2 ** -8), Infinity, 1, 1.015625],
    ],
    ['<q', [2n ** 60n + 2n ** 52n + 1n], '[x$bfloat16]', [2 ** 60 + 2 ** 53]],
    ['d', [0, -1, 3, 1e-60], '[x$float8_e8m0fnu]', [NaN, NaN, 4, NaN]],
    ['[x$float8_e5m2]', [1.5, -Infinity], 'i', [1, 0]],
  ] as const)('%s %o as %s', (from, values, to, expected) => {
    expect(converted(from, values, to, 'unsafe')).toEqual(expected);
  });

  test.runIf(new Uint8Array(Uint16Array.of(1).buffer)[0] === 1)(
    'of equal kind and size keep their bits',
    () => {
      for (const [from, hex, to, expected] of [
        ['>f', '7f800001ffffffff', '<f', '0100807fffffffff'],
        ['<e', '017c', '>e', '7c01'],
        ['>d', '7ff0000000000001', '<d', '010000000000f07f'],
        ['>Zf', '7f8000010000ff80', '<Zf', '0100807f80ff0000'],
        ['>P', '0102030405060708', '<P', '0807060504030201'],
      ] as const) {
        using source = ofBytes(from, hex);
        using target = acquire(HostArray.allocate([source.size], to), { writable: true });
        target.copyFrom(source, { convert: 'same-kind' });
        expect(hexOf(target), from).toBe(expected);
      }
    },
  );

  test('long doubles inside records keep their bits, where a double has too few', () => {
    using target = acquire(HostArray.allocate([1], 'T{g:a:q:b:}'), { writable: true });
    using source = acquire(HostArray.allocate([1], 'T{g:a:i:b:}'), { writable: true });
    source.set(0, { a: 1, b: 7 });
    const bytes = source.toBytes();
    bytes[0] = 1;
    source.writeBytes(bytes);
    target.copyFrom(source, { convert: 'same-kind' });
    expect(target.field('b').get(0)).toBe(7n);
    const size = target.field('a').itemsize;
    expect(target.toBytes().subarray(0, size)).toEqual(bytes.subarray(0, size));
  });
});

describe('text and bytes', () => {
  test.each([
    ['3s', [u8('abc')], '5s', [u8('abc\0\0')]],
    ['5s', [u8('abcde'), u8('ab')], '3s', [u8('abc'), u8('ab\0')]],
    ['c', [u8('a')], '2s', [u8('a\0')]],
    ['2s', [u8('ab')], 'c', [u8('a')]],
    ['<3w', ['abc', 'a'], '>2w', ['ab', 'a']],
    ['<2w', ['\u{1f600}€'], '<3u', ['\u{1f600}€']],
    ['<3u', ['\u{1f600}€'], '>2w', ['\u{1f600}€']],
    ['<2u', ['€'], '<1w', ['€']],
    ['<2w', [''], '<u', ['\0']],
  ])('%s %o as %s', (from, values, to, expected) => {
    for (const mode of ['same-kind', 'unsafe'] as const)
      expect(converted(from, values, to, mode)).toEqual(expected);
  });

  // NumPy prints numbers as text, and takes ASCII for characters; nothing here does.
  test.each([
    ...[
      ['3s', '3w'],
      ['3w', '3s'],
      ['4s', 'i'],
      ['i', '4s'],
      ['?', 's'],
      ['4p', '4s'],
    ],
    ...[
      ['4p', '5p'],
      ['s', 'B'],
      ['P', 'Q'],
      ['q', 'P'],
      ['w', 'I'],
      ['&i', '&d'],
      ['O', 'P'],
    ],
    ...[
      ['T{i:a:}', 'i'],
      ['i', 'T{i:a:}'],
      ['2i', '3i'],
      ['2i', '(2,1)i'],
      ['2i', 'i'],
      ['4t', 'B'],
    ],
    ...[
      ['T{O:a:i:b:}', 'T{O:a:q:b:}'],
      ['T{i:a:}', 'T{i:a:i:b:}'],
      ['T{2i:a:}', 'T{3i:a:}'],
    ],
    ...[
      ['T{d:a:3s:b:}', 'T{f:a:i:b:}'],
      ['k', 'i'],
    ],
  ])('not %s as %s', (from, to) => {
    const bytes = Uint8Array.from({ length: 48 }, (_, k) => k);
    const make = (format: string) =>
      acquire(HostArray.fromBytes(bytes, { format, shape: [2], itemsize: 24 }), {
        writable: true,
      });
    using source = make(from);
    using target = make(to);
    for (const options of [{}, { convert: 'same-kind' }, { convert: 'unsafe' }] as const)
      expect(() => target.copyFrom(source, options)).toThrow(wrongFormat);
    expect(target.toBytes()).toEqual(bytes);
    expect(() => target.copyFrom(source, { convert: 'unsafe' })).toThrow(/'unsafe'/);
  });
});

describe('records', () => {
  test('field by field in their order, whatever the names', () => {
    const from = '>T{i:a:(2)H:v:T{d:x:2u:t:}:in:Zf:z:}';
    const to = '<T{2xq:n:(2)d:v:3xT{f:y:4w:u:}:rec:Zd:w:5x}';
    const value = { a: -5, v: [1, 65535], in: { x: 0.1, t: 'ab' }, z: { re: 1, im: -2 } };
    expect(converted(from, [value], to, 'same-kind')).toEqual([
      {
        n: -5n,
        v: [1, 65535],
        rec: { y: Math.fround(0.1), u: 'ab' },
        w: { re: 1, im: -2 },
      },
    ]);
  });

  test('one field that is not allowed refuses all', () => {
    expect(() =>
      converted('<T{i:a:d:b:}', [{ a: 1, b: 2 }], '<T{d:a:i:b:}', 'same-kind'),
    ).toThrow(wrongFormat);
    expect(
      converted('<T{i:a:d:b:}', [{ a: 1, b: 2.5 }], '<T{d:a:i:b:}', 'unsafe'),
    ).toEqual([{ a: 1, b: 2 }]);
  });

  test('lists, and lists spelled otherwise', () => {
    expect(converted('<2ih', [[1, 2, 3]], '<ddd', 'same-kind')).toEqual([[1, 2, 3]]);
    expect(converted('<3i', [[1, 2, 3]], '>(3)d', 'same-kind')).toEqual([[1, 2, 3]]);
    expect(
      converted('<T{2iT{3h}}', [[1, 2, [3, 4, 5]]], '<iiT{hhh}', 'same-kind'),
    ).toEqual([[1, 2, [3, 4, 5]]]);
    expect(
      converted(
        '<(2,2)B',
        [
          [
            [1, 2],
            [3, 4],
          ],
        ],
        '<(2,2)d',
        'same-kind',
      ),
    ).toEqual([
      [
        [1, 2],
        [3, 4],
      ],
    ]);
  });

  test('padding stays', () => {
    using target = ofBytes('<T{B:a:3xB:b:x}', '010203040506');
    using source = of('<T{i:x:i:y:}', [{ x: 258, y: -1 }]);
    target.copyFrom(source, { convert: 'unsafe' });
    expect(hexOf(target)).toBe('02020304ff06');
  });
});
