/** copyFrom with `convert` between any layouts, and what it refuses. */

import { acquire, HostArray, type Provider } from 'nbuf';
import { describe, expect, test } from 'vitest';

function of(format: string, values: unknown): Provider {
  return acquire(HostArray.from(values, format), { writable: true });
}

describe('any layout', () => {
  test('broadcasts, and follows strides', () => {
    using target = acquire(HostArray.allocate([2, 3], 'd'), { writable: true });
    using source = of('>h', [1, 2, 3]);
    target.copyFrom(source.slice([null, null, -1]), { convert: 'same-kind' });
    expect(target.toArray()).toEqual([
      [3, 2, 1],
      [3, 2, 1],
    ]);
    target
      .transpose()
      .slice([null, null, 2])
      .copyFrom(of('?', [[true], [false]]), { convert: 'same-kind' });
    expect(target.toArray()).toEqual([
      [1, 2, 0],
      [1, 2, 0],
    ]);
    target.copyFrom(of('b', [7]).slice(0), { convert: 'same-kind' });
    expect(target.get(1, 1)).toBe(7);
    expect(() => target.copyFrom(of('b', [1, 2]), { convert: 'same-kind' })).toThrow(
      expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }),
    );
    using empty = acquire(HostArray.allocate([0, 3], 'd'), { writable: true });
    empty.copyFrom(of('h', [1, 2, 3]), { convert: 'same-kind' });
    target
      .slice([0, 0])
      .copyFrom(of('h', [[1, 2, 3]]).slice([0, 0]), { convert: 'same-kind' });
  });

  test('overlapping views are copied as if through a temporary', () => {
    for (const [from, to, start] of [
      ['i', 'f', 0],
      ['i', 'f', 4],
      ['B', 'h', 3],
      ['f', 'B', 5],
    ] as const) {
      using p = acquire(HostArray.allocate([40]), { writable: true });
      const size = { i: 4, f: 4, B: 1, h: 2 };
      const source = p.slice([start, start + 8 * size[from]]).cast(from);
      const target = p
        .slice([0, 8 * size[to]])
        .cast(to)
        .slice([null, null, -1]);
      source.copyFrom([1, 2, 3, 4, 5, 6, 7, 8]);
      const expected = (source.toArray() as number[]).reverse();
      target.copyFrom(source.slice([null, null, -1]), { convert: 'unsafe' });
      expect(target.toArray(), `${from} ${to}`).toEqual(expected);
    }
  });

  test("from typed arrays and other exporters; nested arrays are of the target's format", () => {
    using target = acquire(HostArray.allocate([2], 'd'), { writable: true });
    target.copyFrom(Int16Array.of(1, -2), { convert: 'same-kind' });
    expect(target.toArray()).toEqual([1, -2]);
    target.copyFrom([3, 4], { convert: 'unsafe' });
    expect(target.toArray()).toEqual([3, 4]);
    expect(() => target.copyFrom(['3', 4], { convert: 'unsafe' })).toThrow(TypeError);
  });
});

describe('refuses', () => {
  test('readonly targets', () => {
    using target = of('d', [1, 2]);
    for (const convert of ['same-kind', 'unsafe'] as const)
      expect(() => target.toReadonly().copyFrom(of('i', [3, 4]), { convert })).toThrow(
        expect.objectContaining({ code: 'ERR_NBUF_READONLY' }),
      );
    expect(target.toArray()).toEqual([1, 2]);
  });

  test('what is released', () => {
    const [target, source] = [of('d', [1, 2]), of('i', [3, 4])];
    source.release();
    const released = expect.objectContaining({ code: 'ERR_NBUF_RELEASED' });
    expect(() => target.copyFrom(source, { convert: 'unsafe' })).toThrow(released);
    expect(target.toArray()).toEqual([1, 2]);
    target.release();
    expect(() => target.copyFrom(of('i', [3, 4]), { convert: 'unsafe' })).toThrow(
      released,
    );
  });

  test('other options', () => {
    using target = of('d', [1, 2]);
    const copy = (options: unknown) => () =>
      target.copyFrom(of('d', [3, 4]), options as never);
    for (const convert of ['safe', 'no', '', 'Unsafe', 'same_kind'])
      expect(copy({ convert })).toThrow(
        expect.objectContaining({ name: 'RangeError', code: 'ERR_OUT_OF_RANGE' }),
      );
    for (const options of [
      null,
      'unsafe',
      1,
      { convert: true },
      { convert: null },
      { convert: 1 },
    ])
      expect(copy(options)).toThrow(
        expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' }),
      );
    expect(target.toArray()).toEqual([1, 2]);
    for (const options of [undefined, {}, { convert: undefined }]) copy(options)();
    expect(target.toArray()).toEqual([3, 4]);
  });
});
