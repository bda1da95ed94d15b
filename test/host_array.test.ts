/** HostArray: how arrays are made, and what they say about themselves. */

import { inspect } from 'node:util';
import { acquire, HostArray, type LayoutOptions } from 'nbuf';
import { describe, expect, test } from 'vitest';

function code(value: string): unknown {
  return expect.objectContaining({ code: value });
}

describe('allocate', () => {
  test('zeroed memory, C-contiguous unless F is asked for', () => {
    const array = HostArray.allocate([2, 3], 'h');
    expect([array.shape, array.strides, array.format]).toEqual([[2, 3], [6, 2], 'h']);
    expect([array.itemsize, array.byteLength, array.capacity]).toEqual([2, 12, 12]);
    expect(array.locks).toEqual({ memory: 0, layout: 0 });
    expect(HostArray.allocate([2, 3], 'h', { order: 'F' }).strides).toEqual([2, 4]);
    expect(HostArray.allocate([]).shape).toEqual([]);
    expect(HostArray.allocate([4]).format).toBe('B');
    using p = acquire(HostArray.allocate([1000], 'd'));
    expect([...p].every((value) => value === 0)).toBe(true);
    expect([array.shape, array.strides].every(Object.isFrozen)).toBe(true);
  });

  test('at aligned addresses', () => {
    for (const align of [undefined, 1, 2, 64, 128, 4096, 2 ** 21]) {
      using p = acquire(HostArray.allocate([3], 'B', { align }));
      expect(p.address % BigInt(Math.max(align ?? 64, 64))).toBe(0n);
    }
    for (const align of [0, 3, -64, 2 ** 22, 96])
      expect(() => HostArray.allocate([3], 'B', { align })).toThrow(
        code('ERR_OUT_OF_RANGE'),
      );
    for (const align of [1.5, '64', 64n, null, Number.NaN])
      expect(() => HostArray.allocate([3], 'B', { align: align as number })).toThrow(
        code('ERR_INVALID_ARG_TYPE'),
      );
  });

  test('refuses what cannot be', () => {
    for (const shape of [[-1], [2 ** 53], [2 ** 27, 2 ** 27], [0, 2 ** 52, 2 ** 52]])
      expect(() => HostArray.allocate(shape), `[${shape}]`).toThrow(
        code('ERR_OUT_OF_RANGE'),
      );
    for (const shape of [5, '5', null, undefined, {}, [1.5], ['1'], [1n], [undefined]])
      expect(() => HostArray.allocate(shape as number[])).toThrow(
        code('ERR_INVALID_ARG_TYPE'),
      );
    expect(() => HostArray.allocate([2 ** 50])).toThrow(code('ERR_NBUF_NOMEM'));
    expect(() => HostArray.allocate([2], 'i}')).toThrow(code('ERR_NBUF_FORMAT'));
    expect(() => HostArray.allocate([2], 'B', { order: 'A' as 'C' })).toThrow(
      code('ERR_OUT_OF_RANGE'),
    );
  });
});

describe('from', () => {
  test('nested arrays: the first leaf chooses a format', () => {
    const cases: readonly (readonly [unknown, string, number[]])[] = [
      [[1, 2], 'd', [2]],
      [[1n], 'q', [1]],
      [[[true], [false]], '?', [2, 1]],
      [[], 'd', [0]],
      [[[], []], 'd', [2, 0]],
      [[[[1.5]]], 'd', [1, 1, 1]],
    ];
    for (const [source, format, shape] of cases) {
      using p = acquire(HostArray.from(source));
      expect([p.format, p.shape]).toEqual([format, shape]);
      expect(p.toArray()).toEqual(source);
    }
    expect(HostArray.from([1, 2], '>H').format).toBe('>H');
    expect(acquire(HostArray.from(['ab', 'c'], '3w')).toArray()).toEqual(['ab', 'c']);
    expect(acquire(HostArray.from([Uint8Array.of(7)], 's')).toArray()).toEqual([
      Uint8Array.of(7),
    ]);
  });

  test('rows of one axis have one length', () => {
    for (const ragged of [
      [[1], [1, 2]],
      [[1], 1],
      [1, [1]],
      [[[1]], [[]]],
      [[], [1]],
    ])
      expect(() => HostArray.from(ragged, 'B'), JSON.stringify(ragged)).toThrow(
        code('ERR_OUT_OF_RANGE'),
      );
    for (const mixed of [
      [1, '2'],
      [1, 2n],
      [1, undefined],
      [1, null],
    ])
      expect(() => HostArray.from(mixed)).toThrow(code('ERR_INVALID_ARG_TYPE'));
    for (const odd of [['a'], [null], [{}], [Symbol('s')]])
      expect(() => HostArray.from(odd)).toThrow(code('ERR_INVALID_ARG_TYPE'));
  });

  test('typed arrays, buffers and views are copied, with their order', () => {
    const source = Float32Array.of(1, 2, 3);
    const array = HostArray.from(source);
    source[0] = 9;
    using p = acquire(array);
    expect([p.format, [...p]]).toEqual(['f', [1, 2, 3]]);
    expect(HostArray.from(new Uint8Array(3).buffer).shape).toEqual([3]);
    expect(HostArray.from(new DataView(new ArrayBuffer(3))).format).toBe('B');
    using f = acquire(HostArray.allocate([2, 3], 'h', { order: 'F' }));
    expect(HostArray.from(f).strides).toEqual([2, 4]);
    expect(HostArray.from(f.slice([0, 1])).strides).toEqual([6, 2]);
    expect(HostArray.from(array).format).toBe('f');
  });

  test('another format converts element by element, exactly or not at all', () => {
    expect([...acquire(HostArray.from(Uint8Array.of(1, 2), 'd'))]).toEqual([1, 2]);
    expect(() => HostArray.from(Int16Array.of(256), 'B')).toThrow(
      code('ERR_OUT_OF_RANGE'),
    );
    expect(() => HostArray.from(Uint8Array.of(1), 'q')).toThrow(
      code('ERR_INVALID_ARG_TYPE'),
    );
    using empty = acquire(HostArray.allocate([2, 0, 3]));
    expect(HostArray.from(empty, 'd').shape).toEqual([2, 0, 3]);
    const source = HostArray.allocate([2]);
    expect(() => HostArray.from(source, 'q')).toThrow(code('ERR_INVALID_ARG_TYPE'));
    expect(source.locks).toEqual({ memory: 0, layout: 0 });
  });
});

describe('fromBytes', () => {
  const bytes = Uint8Array.from({ length: 12 }, (_, k) => k);
  const of = (options: LayoutOptions) => HostArray.fromBytes(bytes, options);

  test('copies, with any layout inside the bytes', () => {
    const given = Uint8Array.of(1, 2);
    const array = HostArray.fromBytes(given, {});
    given.fill(9);
    expect([...acquire(array)]).toEqual([1, 2]);
    expect(of({}).shape).toEqual([12]);
    expect(of({ format: '<H' }).shape).toEqual([6]);
    expect(of({ format: '<H', offset: 1 }).shape).toEqual([5]);
    expect(of({ shape: [2], offset: 10 }).capacity).toBe(12);
    using p = acquire(of({ shape: [3, 2], strides: [-4, 1], offset: 8 }));
    expect(p.toArray()).toEqual([
      [8, 9],
      [4, 5],
      [0, 1],
    ]);
    expect(acquire(of({ shape: [100], strides: [0], offset: 11 })).get(99)).toBe(11);
    expect(acquire(of({ readonly: true })).readonly).toBe(true);
    expect(() => acquire(of({ readonly: true }), { writable: true })).toThrow(
      code('ERR_NBUF_READONLY'),
    );
    expect(of({ itemsize: 5 }).shape).toEqual([2]);
    expect(of({ shape: [0], offset: 12 }).shape).toEqual([0]);
  });

  test('refuses elements outside', () => {
    const outside: LayoutOptions[] = [
      { shape: [13] },
      { shape: [12], offset: 1 },
      { shape: [2], strides: [12] },
      { shape: [2], strides: [-1] },
      { shape: [3, 2], strides: [-4, 1], offset: 7 },
      { shape: [1], offset: 12 },
      { shape: [0], offset: 13 },
      { shape: [2, 2], format: 'i' },
      { shape: [2], strides: [2 ** 52] },
      { shape: [3], strides: [-(2 ** 52)], offset: 2 ** 53 - 1 },
      { shape: [1], itemsize: 13 },
    ];
    for (const options of outside)
      expect(() => of(options), JSON.stringify(options)).toThrow(code('ERR_NBUF_BOUNDS'));
    expect(of({ shape: [1], strides: [2 ** 53 - 1] }).shape).toEqual([1]);
  });

  test('refuses wrong options', () => {
    const table: readonly (readonly [object, string])[] = [
      [{ shape: [1], strides: [1, 1] }, 'ERR_OUT_OF_RANGE'],
      [{ itemsize: 0 }, 'ERR_OUT_OF_RANGE'],
      [{ offset: -1 }, 'ERR_OUT_OF_RANGE'],
      [{ offset: 2 ** 53 }, 'ERR_OUT_OF_RANGE'],
      [{ offset: 1.5 }, 'ERR_INVALID_ARG_TYPE'],
      [{ format: 5 }, 'ERR_INVALID_ARG_TYPE'],
      [{ format: 'd', itemsize: 4 }, 'ERR_NBUF_FORMAT'],
      [{ format: 'T{i:a:' }, 'ERR_NBUF_FORMAT'],
      [{ shape: '1' }, 'ERR_INVALID_ARG_TYPE'],
    ];
    for (const [options, expected] of table)
      expect(() => of(options), JSON.stringify(options)).toThrow(code(expected));
    for (const options of [undefined, null, 5, 'x'])
      expect(() => of(options as never)).toThrow(code('ERR_INVALID_ARG_TYPE'));
    for (const source of [[1, 2], {}, 5, 'ab', null, HostArray.allocate([1])])
      expect(() => HostArray.fromBytes(source as Uint8Array, {})).toThrow(
        code('ERR_INVALID_ARG_TYPE'),
      );
  });
});

describe('unsafeFromAddress', () => {
  test('memory of somebody else, checked against its size', () => {
    const owner = HostArray.from([1, 2, 3, 4], 'B');
    using p = acquire(owner, { writable: true });
    const array = HostArray.unsafeFromAddress(p.address, 4, {
      shape: [2],
      format: '<H',
      owner,
    });
    using q = acquire(array, { writable: true });
    q.set(1, 0x0506);
    expect([...p]).toEqual([1, 2, 6, 5]);
    expect(() => HostArray.unsafeFromAddress(p.address, 4, { shape: [5] })).toThrow(
      code('ERR_NBUF_BOUNDS'),
    );
    q.release();
    expect(() => array.resize([1])).toThrow(code('ERR_NBUF_UNSUPPORTED'));
    expect(HostArray.unsafeFromAddress(0n, 0).shape).toEqual([0]);
  });

  test('free is called once nobody uses it any more', async () => {
    using p = acquire(HostArray.allocate([4]));
    let freed = 0;
    const array = HostArray.unsafeFromAddress(p.address, 4, { free: () => freed++ });
    const q = acquire(array);
    array.dispose();
    await Promise.resolve();
    expect(freed).toBe(0);
    q.release();
    array.dispose();
    HostArray.allocate([1]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(freed).toBe(1);
  });

  test('a refused layout frees nothing', async () => {
    using p = acquire(HostArray.allocate([4]));
    let freed = 0;
    const make = (): HostArray =>
      HostArray.unsafeFromAddress(p.address, 4, { shape: [5], free: () => freed++ });
    expect(make).toThrow(code('ERR_NBUF_BOUNDS'));
    HostArray.allocate([1]).dispose();
    await new Promise((resolve) => setImmediate(resolve));
    expect(freed).toBe(0);
  });

  test('refuses what is no address', () => {
    for (const address of [-1n, 2n ** 64n, 1n << 99n])
      expect(() => HostArray.unsafeFromAddress(address, 4)).toThrow(
        code('ERR_OUT_OF_RANGE'),
      );
    expect(() => HostArray.unsafeFromAddress(0n, 4)).toThrow(code('ERR_OUT_OF_RANGE'));
    for (const address of [0, '0', null, undefined, {}])
      expect(() => HostArray.unsafeFromAddress(address as bigint, 0)).toThrow(
        code('ERR_INVALID_ARG_TYPE'),
      );
    expect(() => HostArray.unsafeFromAddress(4096n, 4, { free: 5 as never })).toThrow(
      code('ERR_INVALID_ARG_TYPE'),
    );
  });
});

describe('util.inspect', () => {
  test('says layout, capacity and locks', () => {
    const array = HostArray.allocate([2, 3], 'h');
    using _ = acquire(array);
    expect(inspect(array)).toBe(
      "HostArray 2×3 'h' strides [6, 2] 12 bytes, locks: memory 1, layout 1",
    );
    array.dispose();
    expect(inspect(array)).toBe('HostArray <disposed>');
  });
});
