/** equals: shapes, then formats, then exact mathematical values. */

import { acquire, HostArray, type Provider } from 'nbuf';
import { describe, expect, test } from 'vitest';
import * as model from './model.ts';
import { forCases } from './random.ts';
import { derive, randomCase } from './view_case.ts';

function of(values: unknown, format: string): Provider {
  return acquire(HostArray.from(values, format), { writable: true });
}

/** Asked both ways. */
function expectEqual(a: Provider, b: Provider, expected: boolean, nan?: boolean): void {
  const options = nan === undefined ? {} : { nan };
  const message = `${a.format} ${b.format}`;
  expect(a.equals(b, options), message).toBe(expected);
  expect(b.equals(a, options), message).toBe(expected);
}

describe('equals', () => {
  test('numbers of any numeric format, by exact value', () => {
    const one = [
      of([1], 'B'),
      of([1], '>h'),
      of([1], 'd'),
      of([1], 'e'),
      of([1], 'g'),
      of([1n], 'q'),
      of([1n], '>Q'),
      of([1n], 'P'),
      of([{ re: 1, im: 0 }], 'Zd'),
      of([{ re: 1, im: -0 }], '>Zf'),
    ];
    for (const a of one) for (const b of one) expectEqual(a, b, true);
    for (const other of [of([2], 'B'), of([2n], 'q'), of([{ re: 1, im: 1 }], 'Zd')])
      for (const a of one) expectEqual(a, other, false);
  });

  test('a bigint and a number compare without rounding', () => {
    expectEqual(of([2n ** 53n], 'q'), of([2 ** 53], 'd'), true);
    expectEqual(of([2n ** 53n + 1n], 'q'), of([2 ** 53], 'd'), false);
    expectEqual(of([2n ** 64n - 1n], 'Q'), of([2 ** 64], 'd'), false);
    expectEqual(of([-1n], 'q'), of([2n ** 64n - 1n], 'Q'), false);
    expectEqual(of([0.1], 'd'), of([0.1], 'f'), false);
    expectEqual(of([0.5], 'd'), of([0.5], 'f'), true);
    expectEqual(of([0n], 'q'), of([Number.NaN], 'd'), false);
  });

  test('-0 is 0; NaN equals NaN only on request', () => {
    expectEqual(of([-0], 'd'), of([0], 'd'), true);
    expectEqual(of([-0], 'd'), of([0n], 'q'), true);
    const nan = of([Number.NaN], 'd');
    expect(nan.equals(nan)).toBe(false);
    expect(nan.equals(nan, { nan: true })).toBe(true);
    expect(nan.equals(nan, { nan: false })).toBe(false);
    expectEqual(nan, of([Number.NaN], 'e'), true, true);
    expectEqual(nan, of([1], 'd'), false, true);
    const pair = of([{ re: Number.NaN, im: 1 }], 'Zd');
    expectEqual(pair, pair, false);
    expectEqual(pair, pair, true, true);
    expectEqual(pair, of([{ re: Number.NaN, im: 2 }], 'Zd'), false, true);
  });

  test('other formats compare only with their equivalents', () => {
    expectEqual(of([true], '?'), of([1], 'B'), false);
    expectEqual(of([true], '?'), of([true], '>?'), true);
    expectEqual(of(['a'], 'w'), of(['a'], 'u'), false);
    expectEqual(of(['ab'], '3w'), of(['ab'], '3w'), true);
    expectEqual(of(['ab'], '3w'), of(['ac'], '3w'), false);
    expectEqual(of([Uint8Array.of(65)], 'c'), of([65], 'B'), false);
    expectEqual(of([Uint8Array.of(1, 2)], '2s'), of([Uint8Array.of(1, 2)], '2s'), true);
    expectEqual(of([Uint8Array.of(1, 2)], '2s'), of([Uint8Array.of(1, 3)], '2s'), false);
    expectEqual(of([Uint8Array.of(1)], '3p'), of([Uint8Array.of(1, 0)], '3p'), false);
    // Both are true, whatever byte says so.
    const [one, two] = [1, 2].map((byte) =>
      acquire(HostArray.fromBytes(Uint8Array.of(byte), { format: '?' })),
    ) as [Provider, Provider];
    expectEqual(one, two, true);
  });

  test('shapes first: then formats do not matter', () => {
    expectEqual(of([1, 2], 'B'), of([[1, 2]], 'B'), false);
    expectEqual(of([1, 2], 'B'), of([1, 2, 3], 'B'), false);
    expect(
      of([1], 'B')
        .slice(0)
        .equals(of([1], 'B')),
    ).toBe(false);
    expect(
      of([1], 'B')
        .slice(0)
        .equals(of([1], 'd').slice(0)),
    ).toBe(true);
    expectEqual(of([], 'B'), of([], 'd'), true);
    expectEqual(of([], 'B'), of([], '3s'), false);
    expectEqual(of([[], []], 'B'), of([[], []], 'B'), true);
    expectEqual(of([[], []], 'B'), of([[]], 'B'), false);
  });

  test('padding, readonly and strides do not count', () => {
    const bytes = Uint8Array.of(1, 9, 2, 8, 3, 7);
    using padded = acquire(
      HostArray.fromBytes(bytes, {
        shape: [3],
        itemsize: 2,
        format: 'B',
        readonly: true,
      }),
    );
    expectEqual(padded, of([1, 2, 3], 'B'), true);
    expect(padded.slice([null, null, -1]).equals(of([3, 2, 1], 'H'))).toBe(true);
  });

  test('with whatever can be acquired', () => {
    using p = of([1, 2, 3], 'B');
    const array = HostArray.from([1, 2, 3]);
    for (const other of [
      Uint8Array.of(1, 2, 3),
      Float32Array.of(1, 2, 3),
      BigInt64Array.of(1n, 2n, 3n),
      Buffer.of(1, 2, 3),
      Uint8Array.of(1, 2, 3).buffer,
      array,
      [1, 2, 3],
    ])
      expect(p.equals(other)).toBe(true);
    expect(p.equals([1, 2, 4])).toBe(false);
    expect(p.equals([1, 2])).toBe(false);
    expect(p.equals([[1, 2, 3]])).toBe(false);
    expect(array.locks).toEqual({ memory: 0, layout: 0 });
    expect(() => p.equals({})).toThrow(
      expect.objectContaining({ code: 'ERR_NBUF_NOT_EXPORTER' }),
    );
  });

  test('random views: equal to their copy, and not once one element differs', () => {
    forCases(500, (random) => {
      const { provider, ...whole } = randomCase(random);
      using _ = provider;
      const { view, array } = derive({ provider, ...whole }, random);
      using copy = acquire(view.toContiguous(), { writable: true });
      expect(view.equals(copy, { nan: true })).toBe(true);
      if (array.addresses.length === 0 || !/[BbhHiIqQ]$/.test(view.format ?? '')) return;
      const index = array.shape.map((extent) => random.int(0, extent - 1));
      const other = new Uint8Array(copy.bytes());
      const at = random.int(0, array.addresses.length - 1) * array.itemsize;
      other[at] = (other[at] ?? 0) ^ 1;
      copy.writeBytes(other);
      expect(view.equals(copy)).toBe(false);
      expect(model.addressOf(array, index)).toBeGreaterThanOrEqual(0);
    });
  });
});
