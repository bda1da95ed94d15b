/** scijs ndarray, the real package. */

import { acquire, acquireAs, HostArray, IndirectArray } from 'nbuf';
import { fromNdarray, toNdarray } from 'nbuf/interop';
import ndarray from 'ndarray';
import { describe, expect, test } from 'vitest';
import { forCases } from '../../../test/random.ts';
import {
  codeOf,
  collect,
  elementsOf,
  indicesOf,
  isSayable,
  kinds,
  randomCase,
  type Value,
} from './cases.ts';

type Any = {
  data: ArrayLike<number> & { buffer: ArrayBuffer };
  shape: number[];
  stride: number[];
  offset: number;
  dtype: string;
  get(...index: number[]): number;
  set(...indexAndValue: number[]): number;
  step(...steps: number[]): Any;
  transpose(...axes: number[]): Any;
};
const make = ndarray as unknown as (
  data: never,
  shape: number[],
  stride: number[],
  offset: number,
) => Any;

/** Elements as scijs finds them; pairs of its last axis where they are complex. */
function at(array: Any, isPair: boolean): (index: readonly number[]) => Value {
  return (index) =>
    isPair
      ? { re: array.get(...index, 0), im: array.get(...index, 1) }
      : array.get(...index);
}

describe('a view as an ndarray', () => {
  test('shows every element of random layouts where it can say them, without a copy', () => {
    let said = 0;
    forCases(600, (random) => {
      const one = randomCase(random, { isAligned: random.chance(0.7) });
      const { provider, shape, kind } = one;
      if (!isSayable(one)) {
        expect(codeOf(() => toNdarray(provider, make))).toBe('STRIDES');
        const copy = toNdarray(provider, make, { copy: 'if-needed' });
        const isPair = kind.itemsize !== kind.unit;
        expect(elementsOf(shape, at(copy, isPair))).toEqual(elementsOf(shape, one.at));
        const access = toNdarray(provider, make, { accessor: true });
        expect(access.dtype).toBe('generic');
        expect(elementsOf(shape, (index) => access.get(...index))).toEqual(
          elementsOf(shape, one.at),
        );
      } else {
        said++;
        const array = toNdarray(provider, make);
        const isPair = kind.itemsize !== kind.unit;
        expect(array.shape).toEqual(isPair ? [...shape, 2] : shape);
        expect(elementsOf(shape, at(array, isPair))).toEqual(elementsOf(shape, one.at));
        if (provider.size > 0) expect(array.data.buffer).toBe(provider.buffer);
      }
      provider.release();
    });
    expect(said).toBeGreaterThan(200);
  });

  test.each([
    ['b', 'int8'],
    ['B', 'uint8'],
    ['h', 'int16'],
    ['H', 'uint16'],
    ['i', 'int32'],
    ['I', 'uint32'],
    ['q', 'bigint64'],
    ['Q', 'biguint64'],
    ['f', 'float32'],
    ['d', 'float64'],
    ['?', 'uint8'],
    ['Zd', 'float64'],
    ['c', 'uint8'],
  ])('format %s is its %s', (format, dtype) => {
    using p = acquire(HostArray.allocate([2], format));
    expect(toNdarray(p, make).dtype).toBe(dtype);
  });

  test('float16 is its float16 where the runtime has that, else a copy as float32', () => {
    using p = acquire(HostArray.from([1.5, -2], 'e'));
    const isThere = 'Float16Array' in globalThis;
    expect(codeOf(() => toNdarray(p, make))).toBe(isThere ? '' : 'FORMAT');
    const array = toNdarray(p, make, { copy: 'if-needed' });
    expect(array.dtype).toBe(isThere ? 'float16' : 'float32');
    expect([array.get(0), array.get(1)]).toEqual([1.5, -2]);
  });

  test('is the same memory in both directions, also after slices on both sides', () => {
    forCases(200, (random) => {
      const shape = [random.int(2, 5), random.int(2, 5)] as [number, number];
      using p = acquire(HostArray.allocate(shape, 'i'), { writable: true });
      const flips = [random.chance(0.5), random.chance(0.5)];
      const view = p
        .slice(...flips.map((flip) => [null, null, flip ? -2 : 1]))
        .transpose();
      const array = toNdarray(view, make);
      const turned = array.step(-1, 2).transpose(1, 0);
      const [rows = 0, columns = 0] = turned.shape;
      const i = random.int(0, rows - 1);
      const j = random.int(0, columns - 1);
      turned.set(i, j, 77);
      // Back through both steps by hand.
      const [a, b] = [array.shape[0] as number, 0];
      const inView = [a - 1 - j, 2 * i + b] as [number, number];
      const place = [inView[1], inView[0]].map((k, axis) =>
        flips[axis] ? (shape[axis] as number) - 1 - 2 * k : k,
      );
      expect(p.get(...place)).toBe(77);
      p.set(...place, -5);
      expect(turned.get(i, j)).toBe(-5);
      // And the turned one comes back as the same elements.
      using back = fromNdarray(turned);
      expect(back.shape).toEqual([rows, columns]);
      expect(back.address).toBe(
        p.address +
          BigInt((Number(place[0]) * shape[1] + Number(place[1])) * 4) -
          BigInt(i * (back.strides[0] as number) + j * (back.strides[1] as number)),
      );
    });
  });

  test('broadcast, overlapping, one-element, empty and 0-d layouts', () => {
    const bytes = Uint8Array.of(1, 2, 3, 4);
    const layouts = [
      { shape: [3, 2], strides: [0, 1] },
      { shape: [3, 2], strides: [1, 1] },
      { shape: [1, 4], strides: [-77, 1] },
      { shape: [2, 0, 3], strides: [5, 5, 5] },
      { shape: [], strides: [], offset: 2 },
    ];
    for (const layout of layouts) {
      using p = acquireAs(bytes, layout);
      const array = toNdarray(p, make);
      const expected = elementsOf(layout.shape, (index) =>
        index.reduce(
          (sum, i, axis) => sum + i * (layout.strides[axis] as number),
          1 + (layout.offset ?? 0),
        ),
      );
      expect(elementsOf(layout.shape, (index) => array.get(...index))).toEqual(expected);
    }
  });

  test('refuses with the reason and the remedy', () => {
    using p = acquire(HostArray.allocate([4, 4], 'i'), { writable: true });
    const rows = IndirectArray.fromRows([p.slice(0), p.slice(1)]);
    const cases = {
      READONLY: p.toReadonly(),
      FORMAT: acquire(HostArray.allocate([2], '>i')),
      SUBOFFSETS: acquire(rows),
      STRIDES: acquireAs(new Uint8Array(16), {
        shape: [2],
        strides: [6],
        format: 'i',
      }),
    };
    for (const [code, view] of Object.entries(cases)) {
      expect(codeOf(() => toNdarray(view, make))).toBe(code);
      expect(() => toNdarray(view, make)).toThrow(/pass \{ copy: 'if-needed' \}/);
      expect(toNdarray(view, make, { copy: 'if-needed' }).dtype).toBe('int32');
    }
    using record = acquire(HostArray.allocate([2], 'T{i:a:h:b:}'));
    for (const copy of ['never', 'if-needed', 'always'] as const)
      expect(codeOf(() => toNdarray(record, make, { copy }))).toBe('FORMAT');
    const access = toNdarray(record, make, { accessor: true });
    expect(access.get(1)).toEqual({ a: 0, b: 0 });
  });

  test('an accessor writes through, refuses to write readonly memory, and ends with it', () => {
    const p = acquire(HostArray.from([1, 2, 3], '>d'), { writable: true });
    const array = toNdarray(p, make, { accessor: true });
    array.step(-1).set(0, 9);
    expect(p.toArray()).toEqual([1, 2, 9]);
    const readonly = toNdarray(p.toReadonly(), make, { accessor: true });
    expect(readonly.get(2)).toBe(9);
    expect(codeOf(() => readonly.set(0, 1))).toBe('READONLY');
    p.release();
    expect(codeOf(() => array.get(0))).toBe('RELEASED');
    expect(codeOf(() => toNdarray(p, make, { accessor: true }))).toBe('RELEASED');
  });

  test('ends with the release; a copy does not', () => {
    const p = acquire(HostArray.from([1, 2, 3]));
    const array = toNdarray(p, make);
    const copy = toNdarray(p, make, { copy: 'always' });
    p.release();
    expect(array.data.length).toBe(0);
    expect(array.get(0)).toBeUndefined();
    expect(copy.get(2)).toBe(3);
  });

  test('stays where its provider was collected instead of released', async () => {
    let isGone = false;
    const registry = new FinalizationRegistry(() => {
      isGone = true;
    });
    const array = (() => {
      const p = acquire(HostArray.from([1, 2, 3]));
      registry.register(p, 0);
      return toNdarray(p, make);
    })();
    expect(await collect(() => isGone)).toBe(true);
    expect(array.get(2)).toBe(3);
  });

  test('a wrong argument is a TypeError', () => {
    using p = acquire(HostArray.allocate([2]));
    expect(codeOf(() => toNdarray(p, {} as never))).toBe('ERR_INVALID_ARG_TYPE');
    expect(codeOf(() => toNdarray([] as never, make))).toBe('ERR_INVALID_ARG_TYPE');
    expect(codeOf(() => toNdarray(p, make, { copy: 'yes' } as never))).toBe(
      'ERR_OUT_OF_RANGE',
    );
  });
});

describe('an ndarray as a provider', () => {
  const TYPED = {
    int8: Int8Array,
    uint8: Uint8Array,
    uint8_clamped: Uint8ClampedArray,
    int16: Int16Array,
    uint16: Uint16Array,
    int32: Int32Array,
    uint32: Uint32Array,
    float32: Float32Array,
    float64: Float64Array,
  };
  test.each(Object.entries(TYPED))('%s, any strides', (name, Type) => {
    forCases(60, (random) => {
      const rows = random.int(0, 4);
      const array = make(
        new Type(40).map((_, k) => k) as never,
        [rows, 3],
        [random.pick([0, 3, -3, 1]), random.pick([1, -1, 2])],
        12,
      );
      expect(array.dtype).toBe(name);
      using p = fromNdarray(array as never) as unknown as {
        shape: number[];
        get(...index: number[]): number;
        [Symbol.dispose](): void;
      };
      expect(p.shape).toEqual([rows, 3]);
      for (const index of indicesOf([rows, 3]))
        expect(p.get(...index)).toBe(array.get(...index));
    });
  });

  test('bigints, Buffers, and 0-d', () => {
    using big = fromNdarray(ndarray(BigInt64Array.of(1n, -2n)));
    expect(big.toArray()).toEqual([1n, -2n]);
    using bytes = fromNdarray(make(Buffer.from('abc') as never, [3], [-1], 2));
    expect(bytes.toArray()).toEqual([99, 98, 97]);
    using one = fromNdarray(make(Float32Array.of(1, 2) as never, [], [], 1));
    expect([one.ndim, one.get()]).toEqual([0, 2]);
  });

  test('writes reach it; it stays alive; a transfer is seen', async () => {
    const data = new Float64Array(6);
    const array = make(data as never, [2, 3], [3, 1], 0);
    using p = fromNdarray(array, { writable: true });
    p.set(1, 2, 5);
    expect(array.get(1, 2)).toBe(5);
    const alone = fromNdarray(make(Float64Array.of(7, 8) as never, [2], [1], 0));
    await collect(() => false);
    expect(alone.toArray()).toEqual([7, 8]);
    structuredClone(data.buffer, { transfer: [data.buffer] });
    expect(codeOf(() => p.get(0, 0))).toBe('DETACHED');
    expect(codeOf(() => fromNdarray(array))).toBe('DETACHED');
  });

  test('of nbuf’s own memory it is a provider of that memory, and locks it', () => {
    const host = HostArray.allocate([4, 4], 'd');
    const p = acquire(host);
    const array = toNdarray(p, make).transpose(1, 0);
    const q = fromNdarray(array, { label: 'again' });
    expect(q.address).toBe(p.address);
    p.release();
    expect(() => host.resize([5, 5])).toThrow(/'again/);
    q.release();
    host.resize([5, 5]);
  });

  test('pinned memory needs a copy', () => {
    const array = make(Float32Array.of(1, 2, 3) as never, [3], [-1], 2);
    expect(codeOf(() => fromNdarray(array, { pin: true }))).toBe('UNSUPPORTED');
    using p = fromNdarray(array, { pin: true, copy: 'if-needed' });
    expect([p.copied, p.toArray()]).toEqual([true, [3, 2, 1]]);
  });

  test('plain arrays and accessors have no memory: refused, or a readonly copy', () => {
    const plain = make([1, 2, 3, 4, 5, 6] as never, [2, 3], [3, -1], 2);
    const accessor = { length: 6, get: (k: number) => BigInt(k), set: () => {} };
    const generic = make(accessor as never, [2, 2], [1, 2], 1);
    for (const array of [plain, generic]) {
      expect(codeOf(() => fromNdarray(array))).toBe('ERR_INVALID_ARG_TYPE');
      expect(() => fromNdarray(array)).toThrow(/pass \{ copy: 'if-needed' \}/);
      using p = fromNdarray(array, { copy: 'if-needed' });
      expect(p.readonly).toBe(true);
      expect([...p]).toEqual(elementsOf(array.shape, (index) => array.get(...index)));
      expect(
        codeOf(() => fromNdarray(array, { copy: 'if-needed', writable: true })),
      ).toBe('READONLY');
    }
    const outside = make([1, 2] as never, [3], [1], 0);
    expect(codeOf(() => fromNdarray(outside, { copy: 'if-needed' }))).toBe('BOUNDS');
    const nested = make([[1, 2], [3]] as never, [2], [1], 0);
    expect(codeOf(() => fromNdarray(nested, { copy: 'if-needed' }))).toBe(
      'ERR_INVALID_ARG_TYPE',
    );
  });

  test('a layout that leaves its data is refused', () => {
    const data = new Float64Array(new ArrayBuffer(800), 80, 6);
    for (const [shape, stride, offset] of [
      [[7], [1], 0],
      [[2], [-1], 0],
      [[1], [1], 6],
      [[2, 2], [5, 1], 0],
    ] as const)
      expect(
        codeOf(() => fromNdarray(make(data as never, [...shape], [...stride], offset))),
      ).toBe('BOUNDS');
  });
});

test('every kind of the cases is tried', () => {
  expect(Object.keys(kinds)).toHaveLength(12);
});
