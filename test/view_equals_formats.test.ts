/** equals and formatsEqual across spellings: records, lists, sub-arrays, opaque formats. */

import { acquire, formatsEqual, HostArray, type Provider, parseFormat } from 'nbuf';
import { describe, expect, test } from 'vitest';
import { createRandom, firstSeed } from './random.ts';
import { askNumpy, hasNumpy, randomRecord } from './record_case.ts';

function of(format: string, values: unknown): Provider {
  return acquire(HostArray.from(values, format), { writable: true });
}

function ofBytes(format: string, bytes: readonly number[], itemsize?: number): Provider {
  const size = itemsize ?? parseFormat(format).itemsize;
  return acquire(
    HostArray.fromBytes(Uint8Array.from(bytes), { format, itemsize: size }),
    { writable: true },
  );
}

/** Asked both ways, and of each by itself. */
function expectEqual(a: Provider, b: Provider, expected: boolean, nan = false): void {
  const message = `${a.format} ${b.format}`;
  expect(a.equals(b, { nan }), message).toBe(expected);
  expect(b.equals(a, { nan }), message).toBe(expected);
}

const counted = (count: number) => Array.from({ length: count }, (_, k) => (k * 7) % 256);

/** Formats of one line describe the same elements. */
const SAME: readonly (readonly string[])[] = [
  ['<ii', '<2i', '<(2)i', '<T{ii}', '<T{2i}', '<i:a:i:b:', '<T{i:x:i:y:}'],
  ['<(2)T{i}', '<T{i}T{i}', '<T{T{i}T{i}}'],
  ['<3h', '<hhh', '<h2h', '<2hh', '<(3)h'],
  ['<(2,3)B', '(2)3B', '<(2,3)B'],
  ['<T{b:a:i:b:}', '<T{b:c:<i:d:}', '=T{b=i}', '<bi', '<b:a:i:b:', '^bi'],
  ['@T{b:a:i:b:}', '<T{b:a:3xi:b:}', '@bi', '<bxxxi', '<b:x:3xi:y:'],
  ['<T{(2)h:a:T{b:c:}:d:}', '<T{(2)hT{b}}', '<T{2h:x:T{b:y:}:z:}', '<(2)hT{b}'],
  ['<q', '=q', '@q'],
  ['>T{h:a:Zf:b:}', '>hZf', '>T{>h:p:>Zf:q:}'],
  ['<T{3s:a:2w:b:}', '<3s2w', '<T{3s2w}'],
];

const DIFFERENT: readonly (readonly [string, string])[] = [
  ['<ii', '<iii'],
  ['<ii', '<(2,1)i'],
  ['<2i', '<q'],
  ['<T{i}', '<i'],
  ['<i:a:', '<i'],
  ['<T{T{i}}', '<T{i}'],
  ['<T{(2)i}', '<2i'],
  ['<bi', '<bxi'],
  ['<bi', '@bi'],
  ['<hB', '<Bh'],
  ['<3s', '<3B'],
  ['<T{3s:a:}', '<T{4s:a:}'],
  ['<T{&i:a:}', '<T{&d:a:}'],
  ['<T{>i:a:}', '<T{i:a:}'],
];

describe('formatsEqual', () => {
  test.each(SAME.map((formats) => ({ formats })))('$formats', ({ formats }) => {
    for (const a of formats)
      for (const b of formats) expect(formatsEqual(a, b), `${a} ${b}`).toBe(true);
    for (const other of SAME.filter((line) => line !== formats).flat())
      expect(formatsEqual(formats[0] as string, other), other).toBe(false);
  });

  test.each(DIFFERENT)('%s is not %s', (a, b) => {
    expect(formatsEqual(a, b)).toBe(false);
    expect(formatsEqual(b, a)).toBe(false);
  });

  test.each([
    ['<T{i:a:i:b:}', '<i:a:i:b:', true],
    ['<T{i:a:i:b:}', '<T{i:a:i:c:}', false],
    ['<T{i:a:i:b:}', '<T{i:b:i:a:}', false],
    ['<T{i:a:i:b:}', '<ii', false],
    ['<T{i:a:T{h:x:}:b:}', '<T{i:a:T{h:x:}:b:}', true],
    ['<T{i:a:T{h:x:}:b:}', '<T{i:a:T{h:y:}:b:}', false],
    ['<T{i:a:xh:b:}', '=T{i:a:x=h:b:xx}', true],
    ['<2i', '<ii', true],
    ['<i:__proto__:', '<i:constructor:', false],
    ['<2i:a:', '<(2)i:a:', true],
  ])('with names: %s and %s', (a, b, expected) => {
    expect(formatsEqual(a, b, { names: true })).toBe(expected);
    expect(formatsEqual(b, a, { names: true })).toBe(expected);
    expect(formatsEqual(a, b, { names: false })).toBe(true);
    expect(formatsEqual(a, b, {})).toBe(true);
  });

  test('refuses other arguments', () => {
    for (const [a, b, options] of [
      [1, 'i'],
      ['i', null],
      ['i', 'i', null],
      ['i', 'i', 1],
    ])
      expect(() => formatsEqual(a as never, b as never, options as never)).toThrow(
        expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' }),
      );
    expect(() => formatsEqual('i', 'T{')).toThrow(
      expect.objectContaining({ code: 'ERR_NBUF_FORMAT' }),
    );
  });
});

describe('equals', () => {
  test.each(SAME.map((formats) => ({ formats })))('$formats', ({ formats }) => {
    const { itemsize } = parseFormat(formats[0] as string);
    // Text must be characters, and halves of numbers no NaN: small bytes are neither.
    const bytes = counted(2 * itemsize).map((byte) =>
      formats[0]?.includes('w') ? 0 : byte % 64,
    );
    for (const a of formats)
      for (const b of formats) {
        using left = ofBytes(a, bytes, itemsize);
        using right = ofBytes(b, bytes, itemsize);
        expectEqual(left, right, true);
        // Every byte of the last item counts.
        const last = (bytes.at(-1) as number) ^ 1;
        right.writeBytes(Uint8Array.from([...bytes.slice(0, -1), last]));
        expectEqual(left, right, false);
      }
  });

  test('numbers in the same places, by exact value', () => {
    const value = [
      [1, 2],
      [3, 4],
    ];
    for (const a of ['<2i', '>hd', 'T{Be}', '(2)f', '<bH'])
      for (const b of ['<2i', '>hd', 'T{Be}', '(2)f', '<bH'])
        expectEqual(of(a, value), of(b, value), true);
    expectEqual(of('<2q', [[2n ** 53n + 1n, 1n]]), of('<2d', [[2 ** 53, 1]]), false);
    expectEqual(
      of('<T{q:a:}', [{ a: 1n }]),
      of('>T{Zf:b:}', [{ b: { re: 1, im: 0 } }]),
      true,
    );
    expectEqual(
      of('<T{q:a:}', [{ a: 1n }]),
      of('>T{Zf:b:}', [{ b: { re: 1, im: 1 } }]),
      false,
    );
    expectEqual(
      of('T{[x$bfloat16]:a:}', [{ a: 1.5 }]),
      of('T{d:a:}', [{ a: 1.5 }]),
      true,
    );
    expectEqual(of('T{?:a:}', [{ a: true }]), of('T{B:a:}', [{ a: 1 }]), false);
    expectEqual(of('<T{2w:a:}', [{ a: 'ab' }]), of('<T{2u:a:}', [{ a: 'ab' }]), false);
    expectEqual(of('<T{2w:a:}', [{ a: 'ab' }]), of('<T{>2w:a:}', [{ a: 'ab' }]), false);
    expectEqual(
      of('<T{(2)i:a:}', [{ a: [1, 2] }]),
      of('<T{(2)h:a:}', [{ a: [1, 2] }]),
      true,
    );
    expectEqual(
      of('<T{(2)i:a:}', [{ a: [1, 2] }]),
      of('<T{(2,1)i:a:}', [{ a: [[1], [2]] }]),
      false,
    );
  });

  test('NaN in a field, and -0', () => {
    const a = of('<T{d:a:Zf:b:}', [{ a: NaN, b: { re: 1, im: NaN } }]);
    const b = of('>T{f:x:Zd:y:}', [{ x: NaN, y: { re: 1, im: NaN } }]);
    for (const [left, right] of [
      [a, a],
      [a, b],
    ] as const) {
      expectEqual(left, right, false);
      expectEqual(left, right, true, true);
    }
    b.field('y').set(0, { re: 2, im: NaN } as never);
    expectEqual(a, b, false, true);
    expectEqual(of('<T{d:a:}', [{ a: -0 }]), of('<T{i:a:}', [{ a: 0 }]), true);
    expectEqual(
      of('<T{2d:a:}', [{ a: [NaN, 1] }]),
      of('<T{2f:a:}', [{ a: [NaN, 1] }]),
      true,
      true,
    );
  });

  test('padding does not count, fields do', () => {
    const a = ofBytes('<T{B:a:2xB:b:x}', [1, 8, 8, 2, 8, 3, 8, 8, 4, 8]);
    const b = ofBytes('<T{B:p:2xB:q:x}', [1, 9, 0, 2, 9, 3, 9, 0, 4, 9]);
    expectEqual(a, b, true);
    expectEqual(
      a,
      of('<T{BB}', [
        [1, 2],
        [3, 4],
      ]),
      true,
    );
    expectEqual(
      a.slice([null, null, -1]) as Provider,
      of('<2i', [
        [3, 4],
        [1, 2],
      ]),
      true,
    );
    b.field('q').set(1, 5 as never);
    expectEqual(a, b, false);
  });

  test('pointers and bytes', () => {
    expectEqual(ofBytes('&i', counted(8)), ofBytes('&i', counted(8)), true);
    expectEqual(ofBytes('T{&i:a:}', counted(8)), ofBytes('T{&d:a:}', counted(8)), false);
    expectEqual(
      ofBytes('T{4p:a:}', [1, 2, 3, 4]),
      ofBytes('T{4p:b:}', [1, 2, 9, 9]),
      true,
    );
    expectEqual(
      ofBytes('T{4p:a:}', [1, 2, 3, 4]),
      ofBytes('T{4p:b:}', [2, 2, 3, 4]),
      false,
    );
    expectEqual(ofBytes('T{3s:a:}', [1, 2, 3]), ofBytes('T{3s:a:}', [1, 2, 0]), false);
    expectEqual(ofBytes('T{3s:a:}', [1, 2, 3]), ofBytes('T{3x:a:}', [1, 2, 3]), false);
  });

  test.each(['k', 'T{i', '', 'O', 'T{O:a:i:b:}', 'X{}', '4t4t', 'T{3t:a:B:b:}', '3x'])(
    '%j, which has no value, equals itself by its bytes',
    (format) => {
      const bytes = counted(32);
      const [a, b] = [ofBytes(format, bytes, 16), ofBytes(format, bytes, 16)];
      expectEqual(a, a, true);
      expectEqual(a, b, true);
      const other = [...bytes];
      other[16] = 255;
      expectEqual(a, ofBytes(format, other, 16), false);
      expectEqual(a, ofBytes('16s', bytes), false);
      expect(a.equals(b.slice([0, 1]))).toBe(false);
    },
  );

  test.runIf(hasNumpy)('random records equal themselves, and what NumPy assigned', () => {
    const seed = firstSeed();
    const random = createRandom(seed);
    const cases = Array.from({ length: 60 }, () => randomRecord(random));
    type Answer = { hex: string; other: string; assigned: string };
    const answers = askNumpy<Answer>(
      cases.map(({ dtype }, k) => ['views', dtype, [3], seed + k, [], []]),
    );
    cases.forEach(({ format, size }, k) => {
      const { hex, other, assigned } = answers[k] as Answer;
      const [a, b, c] = [hex, other, assigned].map((text) =>
        ofBytes(format, [...Buffer.from(text, 'hex')], size),
      ) as [Provider, Provider, Provider];
      const message = `NBUF_SEED=${seed} ${format}`;
      expect(a.equals(a), message).toBe(true);
      expect(b.equals(c), message).toBe(true);
      expect(a.equals(b), message).toBe(
        JSON.stringify(a.toArray(), exact) === JSON.stringify(b.toArray(), exact),
      );
    });
  });
});

function exact(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : Object.is(value, -0) ? 0 : value;
}
