/** setLayout, resize and dispose: what they keep, and whom they ask. */

import { acquire, HostArray, type LayoutChange } from 'nbuf';
import { describe, expect, test } from 'vitest';
import { forCases } from './random.ts';

function code(value: string): unknown {
  return expect.objectContaining({ code: value });
}

function layoutOf(array: HostArray): unknown[] {
  return [array.shape, array.strides, array.format];
}

/** All bytes in memory order. */
function memoryOf(array: HostArray): number[] {
  using p = acquire(array);
  return [...p.toBytes('A')];
}

function write(array: HostArray, bytes: readonly number[]): void {
  using p = acquire(array, { writable: true });
  p.writeBytes(Uint8Array.from(bytes), 'A');
}

/** A list that runs `act` when its entry is read. */
function listThat(act: () => void, entry: number): number[] {
  return Object.defineProperty([0], 0, {
    get: () => {
      act();
      return entry;
    },
  });
}

describe('arguments that change the array while they are read', () => {
  test('count from then on for setLayout', () => {
    const array = HostArray.allocate([16]);
    const change = () => array.setLayout({ shape: [4], format: 'i' });
    array.setLayout({ strides: listThat(change, 4) });
    expect(layoutOf(array)).toEqual([[4], [4], 'i']);
    const back = () => array.setLayout({ shape: [8, 2], format: 'B' });
    expect(() => array.setLayout({ strides: listThat(back, 4) })).toThrow(
      code('ERR_OUT_OF_RANGE'),
    );
    expect(layoutOf(array)).toEqual([[8, 2], [2, 1], 'B']);
  });

  test('count from then on for resize', () => {
    const array = HostArray.allocate([2]);
    const change = () => array.setLayout({ shape: [0], format: '8s' });
    expect(() => array.resize(listThat(change, 2 ** 51))).toThrow(
      code('ERR_OUT_OF_RANGE'),
    );
    expect(array.format).toBe('8s');
    array.resize(listThat(() => array.setLayout({ shape: [0], format: 'H' }), 3));
    expect([array.byteLength, array.capacity]).toEqual([6, 6]);
    expect(() => array.resize(listThat(() => array.dispose(), 3))).toThrow(
      code('ERR_NBUF_RELEASED'),
    );
  });
});

describe('setLayout', () => {
  test('keeps an omitted shape and format; omitted strides are C, an omitted offset is 0', () => {
    const bytes = new Uint8Array(24);
    const make = (): HostArray =>
      HostArray.fromBytes(bytes, {
        shape: [2, 3],
        strides: [2, 4],
        offset: 8,
        format: 'h',
      });
    const table: readonly (readonly [LayoutChange, unknown[]])[] = [
      [{}, [[2, 3], [6, 2], 'h']],
      [{ shape: [4] }, [[4], [2], 'h']],
      [{ format: 'i' }, [[2, 3], [12, 4], 'i']],
      [{ strides: [2, 4] }, [[2, 3], [2, 4], 'h']],
      [{ shape: [6], format: 'B', strides: [4], offset: 3 }, [[6], [4], 'B']],
      [{ offset: 12 }, [[2, 3], [6, 2], 'h']],
    ];
    for (const [change, expected] of table) {
      const array = make();
      array.setLayout(change);
      expect(layoutOf(array), JSON.stringify(change)).toEqual(expected);
      expect(acquire(array).byteOffset).toBe(change.offset ?? 0);
    }
  });

  test('checks against the block, and a refusal changes nothing', () => {
    const array = HostArray.allocate([2, 3], 'h');
    const before = layoutOf(array);
    const table: readonly (readonly [object, string])[] = [
      [{ shape: [7] }, 'ERR_NBUF_BOUNDS'],
      [{ offset: 1 }, 'ERR_NBUF_BOUNDS'],
      [{ offset: 13, shape: [0] }, 'ERR_NBUF_BOUNDS'],
      [{ strides: [6, -2] }, 'ERR_NBUF_BOUNDS'],
      [{ format: 'd' }, 'ERR_NBUF_BOUNDS'],
      [{ format: 'T{i' }, 'ERR_NBUF_FORMAT'],
      [{ strides: [1] }, 'ERR_OUT_OF_RANGE'],
      [{ shape: [-1] }, 'ERR_OUT_OF_RANGE'],
      [{ shape: 5 }, 'ERR_INVALID_ARG_TYPE'],
      [{ shape: null }, 'ERR_INVALID_ARG_TYPE'],
      [{ format: null }, 'ERR_INVALID_ARG_TYPE'],
    ];
    for (const [change, expected] of table) {
      expect(() => array.setLayout(change), JSON.stringify(change)).toThrow(
        code(expected),
      );
      expect(layoutOf(array)).toEqual(before);
    }
    expect(() => array.setLayout(null as never)).toThrow(code('ERR_INVALID_ARG_TYPE'));
    array.setLayout({ offset: 12, shape: [0] });
    expect(array.shape).toEqual([0]);
  });

  test('needs the layout lock free, and only that', () => {
    const array = HostArray.allocate([4]);
    const locking = acquire(array);
    const snapshot = acquire(array, { layout: 'snapshot' });
    expect(() => array.setLayout({ shape: [2] })).toThrow(code('ERR_NBUF_LOCKED'));
    expect(array.shape).toEqual([4]);
    locking.release();
    array.setLayout({ shape: [2, 2] });
    expect([snapshot.shape, acquire(array).shape]).toEqual([[4], [2, 2]]);
  });

  test('on readonly memory is no write', () => {
    const array = HostArray.fromBytes(Uint8Array.of(1, 2), { readonly: true });
    array.setLayout({ shape: [1], format: '<H' });
    using p = acquire(array);
    expect([p.get(0), p.readonly]).toEqual([0x201, true]);
  });
});

describe('resize', () => {
  test('keeps the common prefix of bytes in memory order, zero-fills the rest', () => {
    const array = HostArray.from([1, 2, 3, 4, 5, 6], 'B');
    array.resize([2, 4]);
    expect(memoryOf(array)).toEqual([1, 2, 3, 4, 5, 6, 0, 0]);
    array.resize([3]);
    expect(memoryOf(array)).toEqual([1, 2, 3]);
    array.resize([5]);
    expect(memoryOf(array)).toEqual([1, 2, 3, 0, 0]);
    expect(array.capacity).toBe(5);
    array.resize([0, 7]);
    expect([array.shape, array.capacity]).toEqual([[0, 7], 0]);
    array.resize([]);
    expect(memoryOf(array)).toEqual([0]);
  });

  test('keeps the order', () => {
    const array = HostArray.allocate([2, 3], 'h', { order: 'F' });
    array.resize([4, 5]);
    expect(array.strides).toEqual([2, 8]);
    array.resize([2, 2, 2]);
    expect(array.strides).toEqual([2, 4, 8]);
    const c = HostArray.allocate([2, 3], 'h');
    c.resize([4, 5]);
    expect(c.strides).toEqual([10, 2]);
  });

  test('keeps the alignment', () => {
    for (const align of [undefined, 4096, 2 ** 21]) {
      const array = HostArray.allocate([3], 'B', { align });
      for (const size of [10, 5000, 100_000, 7]) {
        array.resize([size]);
        using p = acquire(array);
        expect(p.address % BigInt(align ?? 64)).toBe(0n);
      }
    }
  });

  test('refuses to change a readonly array', () => {
    const array = HostArray.fromBytes(Uint8Array.of(1, 2, 3), { readonly: true });
    for (const shape of [[4], [2], [3]])
      expect(() => array.resize(shape)).toThrow(code('ERR_NBUF_READONLY'));
    expect(memoryOf(array)).toEqual([1, 2, 3]);
    array.setLayout({ shape: [1] }); // says what is looked at, not what is there
    expect(memoryOf(array)).toEqual([1]);
  });

  test('random resizes against plain bytes', () => {
    forCases(300, (random) => {
      const order = random.pick(['C', 'F'] as const);
      const array = HostArray.allocate([3, random.int(1, 5)], 'H', { order });
      let expected = [...random.bytes(array.byteLength)];
      write(array, expected);
      for (let step = 0; step < 4; step++) {
        const shape = [random.int(0, 5), random.int(0, 5)];
        array.resize(shape);
        const size = shape.reduce((a, b) => a * b, 2);
        expected = Array.from({ length: size }, (_, k) => expected[k] ?? 0);
        expect(memoryOf(array)).toEqual(expected);
      }
    });
  });

  test('needs both locks free', () => {
    const array = HostArray.allocate([4]);
    for (const layout of ['lock', 'snapshot'] as const) {
      using _ = acquire(array, { layout });
      expect(() => array.resize([8])).toThrow(code('ERR_NBUF_LOCKED'));
    }
    array.resize([8]);
    expect(array.shape).toEqual([8]);
  });

  test('refuses layouts that are not contiguous from the start of the block', () => {
    const array = HostArray.allocate([8]);
    for (const layout of [
      { shape: [4], strides: [2] },
      { shape: [4], offset: 4 },
      { shape: [4], strides: [-1], offset: 3 },
    ]) {
      array.setLayout(layout);
      expect(() => array.resize([2])).toThrow(code('ERR_NBUF_CONTIGUITY'));
    }
    array.setLayout({ shape: [4] });
    array.resize([6]);
    expect(array.capacity).toBe(6);
  });

  test('refuses shapes that cannot be, and stays as it was', () => {
    const array = HostArray.from([1, 2], 'B');
    for (const shape of [[-1], [2 ** 53], [2 ** 30, 2 ** 30]])
      expect(() => array.resize(shape)).toThrow(code('ERR_OUT_OF_RANGE'));
    expect(() => array.resize([2 ** 50])).toThrow(code('ERR_NBUF_NOMEM'));
    expect(() => array.resize(3 as never)).toThrow(code('ERR_INVALID_ARG_TYPE'));
    expect(memoryOf(array)).toEqual([1, 2]);
    expect(array.locks).toEqual({ memory: 0, layout: 0 });
  });

  test('takes a new block: old providers are impossible, new ones see the new bytes', () => {
    const array = HostArray.from([1, 2], 'B');
    const p = acquire(array);
    const stale = p.bytes();
    p.release();
    array.resize([3]);
    expect(stale.length).toBe(0);
    using q = acquire(array, { writable: true });
    expect([...q.bytes()]).toEqual([1, 2, 0]);
  });
});

describe('dispose', () => {
  test('never throws; later acquires fail, changes too, questions do not', () => {
    const array = HostArray.from([1, 2], 'B');
    using p = acquire(array);
    array.dispose();
    array.dispose();
    array[Symbol.dispose]();
    const released = code('ERR_NBUF_RELEASED');
    expect(() => acquire(array)).toThrow(released);
    expect(() => acquire(array, { label: 'late' })).toThrow(released);
    expect(() => array.resize([3])).toThrow(released);
    expect(() => array.setLayout({ shape: [1] })).toThrow(released);
    expect(() => p.copyFrom(array)).toThrow(released);
    expect(layoutOf(array)).toEqual([[2], [1], 'B']);
    expect([array.capacity, array.locks.memory]).toEqual([2, 1]);
    expect([...p]).toEqual([1, 2]);
    p.release();
    expect([array.capacity, array.locks.memory]).toEqual([0, 0]);
    expect(array.byteLength).toBe(2);
  });

  test('leaves views exported before to their providers', () => {
    const array = HostArray.from([1, 2, 3], 'B');
    const p = acquire(array);
    array.dispose();
    using q = acquire(p.slice([1, 3]));
    p.release();
    expect([...q]).toEqual([2, 3]);
    expect(array.capacity).toBe(3);
    q.release();
    expect(array.capacity).toBe(0);
  });

  test('using disposes', () => {
    let kept: HostArray;
    {
      using array = HostArray.allocate([4]);
      kept = array;
    }
    expect(() => acquire(kept)).toThrow(code('ERR_NBUF_RELEASED'));
  });
});
