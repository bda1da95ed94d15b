import { describe, expect, test } from 'vitest';
import { contiguousStrides, index, makeLayout, transpose } from '../lib/layout.ts';
import {
  checkItemsize,
  checkOrder,
  checkShape,
  checkStrides,
  MAX_NDIM,
} from '../lib/layout_check.ts';
import { broadcastTo, cast, reshape } from '../lib/reshape.ts';
import { slice } from '../lib/selection.ts';

const layout = makeLayout([2, 3], [3, 1], 0, 1);
const wrongType = expect.objectContaining({
  name: 'TypeError',
  code: 'ERR_INVALID_ARG_TYPE',
});
const outOfRange = expect.objectContaining({
  name: 'RangeError',
  code: 'ERR_OUT_OF_RANGE',
});

function revokedArray(): unknown {
  const { proxy, revoke } = Proxy.revocable([1], {});
  revoke();
  return proxy;
}

/** Not integers, though some would convert to one. */
const NOT_INTEGERS: readonly (readonly [string, unknown])[] = [
  ['undefined', undefined],
  ['true', true],
  ['a numeric string', '1'],
  ['a bigint', 1n],
  ['a symbol', Symbol('1')],
  ['1.5', 1.5],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['an object with valueOf', { valueOf: () => 1 }],
  ['a Number object', Object(1)],
  ['a function', () => 1],
  ['a hostile Proxy', new Proxy({}, { get: () => expect.unreachable() })],
  ['a revoked Proxy', revokedArray()],
];

describe.each(NOT_INTEGERS)('%s', (_, value) => {
  test('is no index', () => {
    expect(() => index(layout, [value, 0], false)).toThrow(wrongType);
    expect(() => index(layout, [0, value], true)).toThrow(wrongType);
    expect(() => slice(layout, [0, value])).toThrow(wrongType);
    expect(() => slice(layout, [99, value])).toThrow(wrongType);
    expect(() => index(layout, [99, value], false)).toThrow(wrongType);
    expect(() => transpose(layout, [0, value])).toThrow(wrongType);
  });

  test('is no part of a range, but undefined is', () => {
    for (let k = 0; k < 3; k++) {
      const range: unknown[] = [null, null, null];
      range[k] = value;
      if (value === undefined) expect(slice(layout, [range])).toEqual(layout);
      else expect(() => slice(layout, [range])).toThrow(wrongType);
    }
  });

  test('is no extent, stride, itemsize or shape', () => {
    expect(() => checkShape([2, value])).toThrow(wrongType);
    expect(() => checkShape(value)).toThrow(wrongType);
    expect(() => checkStrides([value], 1)).toThrow(wrongType);
    expect(() => checkItemsize(value)).toThrow(wrongType);
    expect(() => reshape(layout, [value])).toThrow(wrongType);
    expect(() => broadcastTo(layout, [value])).toThrow(wrongType);
    expect(() => cast(layout, 1, [value])).toThrow(wrongType);
    expect(() => contiguousStrides(value as never, 1)).toThrow(wrongType);
  });
});

describe('shapes and strides', () => {
  test('come as arrays or typed arrays, and are copied', () => {
    const shape = [2, -0, 3];
    const checked = checkShape(shape);
    expect(checked).toEqual([2, 0, 3]);
    expect(checked).not.toBe(shape);
    expect(checkShape(Float64Array.of(2, 3))).toEqual([2, 3]);
    expect(checkStrides(Int8Array.of(-2, 3), 2)).toEqual([-2, 3]);
    expect(checkShape(new Proxy([4, 5], {}))).toEqual([4, 5]);
    for (const list of [
      { length: 1, 0: 1 },
      new Set([1]),
      new DataView(new ArrayBuffer(8)),
    ])
      expect(() => checkShape(list)).toThrow(wrongType);
    expect(() => checkShape(BigInt64Array.of(2n))).toThrow(wrongType);
    const holes = new Array<number>(2);
    expect(() => checkShape(holes)).toThrow(wrongType);
  });

  test('have 0 to 64 entries that can be counted in bytes', () => {
    expect(checkShape(new Array(MAX_NDIM).fill(1)).length).toBe(64);
    for (const shape of [
      new Array(MAX_NDIM + 1).fill(1),
      new Array(2 ** 32 - 1),
      [-1],
      [2 ** 53],
      [1e300],
      [2 ** 27, 2 ** 27],
      [2 ** 27, 2 ** 27, 0],
    ])
      expect(() => checkShape(shape)).toThrow(outOfRange);
    expect(() => checkShape([2 ** 51], 4)).toThrow(outOfRange);
    expect(() => checkStrides([1, 2], 1)).toThrow(outOfRange);
    expect(() => checkStrides([2 ** 53], 1)).toThrow(outOfRange);
    expect(() => checkItemsize(0)).toThrow(outOfRange);
  });

  test('whose length lies', () => {
    for (const length of [
      65,
      1e300,
      -1,
      Number.NaN,
      '2',
      2n,
      null,
      { valueOf: () => 2 },
    ]) {
      const list = new Proxy([1, 2], {
        get: (target, key) => (key === 'length' ? length : Reflect.get(target, key)),
      });
      expect(() => checkShape(list)).toThrow(outOfRange);
      expect(() => slice(layout, [list])).toThrow(outOfRange);
    }
  });
});

describe('orders', () => {
  test('are one of the letters', () => {
    expect(checkOrder('F', ['C', 'F'])).toBe('F');
    expect(() => checkOrder('A', ['C', 'F'])).toThrow(outOfRange);
    expect(() => checkOrder('c', ['C', 'F'])).toThrow(/expected "C" or "F", found "c"/);
    for (const order of [undefined, null, 0, ['C'], new String('C'), revokedArray()])
      expect(() => checkOrder(order, ['C', 'F'])).toThrow(wrongType);
  });
});

describe("the caller's code", () => {
  test('may throw what it likes', () => {
    const own = new Error('mine');
    const list = [1, 2];
    Object.defineProperty(list, 1, {
      get: () => {
        throw own;
      },
    });
    expect(() => checkShape(list)).toThrow(own);
    expect(() => slice(layout, [list])).toThrow(own);
  });

  test('runs once for each value, before anything is computed', () => {
    const seen: string[] = [];
    const spy = (name: string, values: unknown[]): unknown =>
      new Proxy(values, {
        get: (target, key) => {
          seen.push(`${name}.${String(key)}`);
          return Reflect.get(target, key);
        },
      });
    expect(checkShape(spy('s', [2, 3]))).toEqual([2, 3]);
    expect(seen.splice(0)).toEqual(['s.length', 's.0', 's.1']);
    expect(slice(layout, [spy('a', [1]), spy('b', [0, 2, 1])]).shape).toEqual([1, 2]);
    expect(seen.splice(0)).toEqual(['a.length', 'a.0', 'b.length', 'b.0', 'b.1', 'b.2']);
    expect(() => slice(layout, [99, spy('c', [1]), spy('d', [])])).toThrow(outOfRange);
    expect(seen).toEqual(['c.length', 'c.0', 'd.length']);
  });

  test('may call the same function again', () => {
    const inner = [1, 2, 1];
    Object.defineProperty(inner, 0, {
      get: () =>
        slice(layout, [
          [0, 1],
          [1, 3],
        ]).shape[0],
    });
    expect(slice(layout, [':', inner])).toEqual(slice(layout, [':', [1, 2, 1]]));
  });
});
