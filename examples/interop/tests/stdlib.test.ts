/** @stdlib/ndarray, the real constructor and arrays. */
import BooleanArray from '@stdlib/array-bool';
import Complex64Array from '@stdlib/array-complex64';
import Complex128Array from '@stdlib/array-complex128';
import ndarray from '@stdlib/ndarray-ctor';
import { acquire, acquireAs, HostArray, IndirectArray } from 'nbuf';
import { fromStdlib, type StdlibLike, type StdlibOptions, toStdlib } from 'nbuf/interop';
import { describe, expect, test } from 'vitest';
import { forCases } from '../../../test/random.ts';
import {
  type Case,
  codeOf,
  collect,
  elementsOf,
  isSayable,
  randomCase,
} from './cases.ts';

type Any = StdlibLike & {
  data: ArrayLike<unknown> & { buffer: ArrayBuffer };
  dtype: string;
  order: string;
  flags: { READONLY: boolean; ROW_MAJOR_CONTIGUOUS: boolean };
  get(...index: number[]): unknown;
  set(...indexAndValue: unknown[]): unknown;
};
const make = ndarray as unknown as (...args: unknown[]) => Any;
const arrays = { BooleanArray, Complex64Array, Complex128Array } as StdlibOptions;
const NAMES = [
  'int8',
  'uint8',
  'int16',
  'uint16',
  'int32',
  'uint32',
  'float32',
  'float64',
  'complex64',
  'complex128',
];

/** stdlib's complex numbers as plain objects. */
function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const { re, im } = value as { re: number; im: number };
  return { re, im };
}

function at(array: Any): (index: readonly number[]) => unknown {
  return (index) => plain(array.get(...index));
}

/** Its complex numbers lie at multiples of a whole one. */
function canSay(one: Case): boolean {
  return isSayable(one, one.kind.itemsize);
}

describe('a view as an ndarray', () => {
  test('shows every element of random layouts where it can say them, without a copy', () => {
    let said = 0;
    forCases(600, (random) => {
      const one = randomCase(random, { names: NAMES, isAligned: random.chance(0.7) });
      const { provider, shape, name } = one;
      const expected = elementsOf(shape, one.at);
      if (canSay(one)) {
        said++;
        const array = toStdlib(provider, make, arrays);
        expect([array.dtype, array.shape]).toEqual([name, shape]);
        expect(elementsOf(shape, at(array))).toEqual(expected);
        if (provider.size > 0) expect(array.data.buffer).toBe(provider.buffer);
      } else {
        expect(codeOf(() => toStdlib(provider, make, arrays))).toBe('STRIDES');
        const copy = toStdlib(provider, make, { ...arrays, copy: 'if-needed' });
        expect(elementsOf(shape, at(copy))).toEqual(expected);
        const access = toStdlib(provider, make, { ...arrays, accessor: true });
        expect(access.dtype).toBe('generic');
        expect(elementsOf(shape, at(access))).toEqual(expected);
      }
      provider.release();
    });
    expect(said).toBeGreaterThan(150);
  });

  test('order and flags say the contiguity', () => {
    using p = acquire(HostArray.allocate([2, 3], 'f'));
    const rows = toStdlib(p, make);
    expect([rows.order, rows.flags.ROW_MAJOR_CONTIGUOUS]).toEqual(['row-major', true]);
    const columns = toStdlib(p.transpose(), make);
    expect([columns.order, columns.flags.ROW_MAJOR_CONTIGUOUS]).toEqual([
      'column-major',
      false,
    ]);
  });

  test('booleans and complex numbers have its own arrays, where those are given', () => {
    using flags = acquire(HostArray.from([true, false]));
    expect(toStdlib(flags, make).dtype).toBe('uint8');
    const own = toStdlib(flags, make, arrays);
    expect([own.dtype, own.get(0), own.get(1)]).toEqual(['bool', true, false]);
    own.set(1, true);
    expect(flags.get(1)).toBe(true);
    using complex = acquire(HostArray.from([{ re: 1, im: 2 }] as never, 'Zf'));
    expect(() => toStdlib(complex, make)).toThrow(/options\.Complex64Array/);
    expect(plain(toStdlib(complex, make, arrays).get(0))).toEqual({ re: 1, im: 2 });
  });

  test('int64 and records are refused, or shown by an accessor', () => {
    using p = acquire(HostArray.from([1n, 2n]));
    for (const copy of ['never', 'if-needed'] as const)
      expect(codeOf(() => toStdlib(p, make, { copy }))).toBe('FORMAT');
    expect(toStdlib(p, make, { accessor: true }).get(1)).toBe(2n);
  });

  test('an accessor of a readonly view is a readonly ndarray', () => {
    using p = acquire(HostArray.from([1, 2]), { writable: true });
    const array = toStdlib(p.toReadonly(), make, { accessor: true });
    expect([array.flags.READONLY, array.get(1)]).toEqual([true, 2]);
    expect(() => array.set(0, 5)).toThrow();
    expect(p.get(0)).toBe(1);
  });

  test('a writable accessor writes through', () => {
    using p = acquire(HostArray.from([1, 2, 3, 4], '>d'), { writable: true });
    const array = toStdlib(p.reshape([2, 2]).transpose(), make, { accessor: true });
    array.set(0, 1, 9);
    expect(p.toArray()).toEqual([1, 2, 9, 4]);
  });

  test('refusals name the reason and the remedy', () => {
    using p = acquire(HostArray.allocate([4, 4], 'i'));
    const cases = {
      READONLY: p.toReadonly(),
      FORMAT: acquire(HostArray.allocate([2], '>i')),
      SUBOFFSETS: acquire(IndirectArray.fromRows([p.slice(0), p.slice(1)])),
    };
    for (const [code, view] of Object.entries(cases)) {
      expect(codeOf(() => toStdlib(view, make))).toBe(code);
      expect(() => toStdlib(view, make)).toThrow(/pass \{ copy: 'if-needed' \}/);
      expect(toStdlib(view, make, { copy: 'if-needed' }).dtype).toBe('int32');
    }
  });

  test('0-d, empty, and broadcast', () => {
    using zero = acquire(HostArray.from([7]));
    const scalar = toStdlib(zero.slice(0), make);
    expect([scalar.shape, scalar.get()]).toEqual([[], 7]);
    using empty = acquire(HostArray.allocate([2, 0, 3], 'd'));
    expect(toStdlib(empty, make).shape).toEqual([2, 0, 3]);
    using wide = acquireAs(Uint8Array.of(4, 5), { shape: [3, 2], strides: [0, 1] });
    const array = toStdlib(wide, make);
    expect([array.strides, array.get(2, 1)]).toEqual([[0, 1], 5]);
  });

  test('is the same memory, and ends with the release', () => {
    const p = acquire(HostArray.allocate([3, 4], 'd'), { writable: true });
    const array = toStdlib(p.slice([null, null, -1], [1, null, 2]), make);
    array.set(0, 1, 9);
    expect(p.get(2, 3)).toBe(9);
    p.set(0, 1, 8);
    expect(array.get(2, 0)).toBe(8);
    p.release();
    expect(array.data.length).toBe(0);
  });
});

describe('an ndarray as a provider', () => {
  test('in random layouts, of all its types', () => {
    const TYPES = {
      float64: Float64Array,
      float32: Float32Array,
      int16: Int16Array,
      uint8c: Uint8ClampedArray,
      bool: BooleanArray,
      complex64: Complex64Array,
      complex128: Complex128Array,
    } as unknown as Record<string, new (values: number[]) => unknown>;
    forCases(300, (random) => {
      const name = random.pick(Object.keys(TYPES));
      const length = name.startsWith('complex') ? 80 : 40;
      const values = Array.from({ length }, (_, k) => (name === 'bool' ? k % 3 : k));
      const Type = TYPES[name] as new (values: number[]) => unknown;
      const shape = random.chance(0.1) ? [] : [random.int(0, 4), random.int(1, 3)];
      const strides =
        shape.length === 0 ? [0] : [random.int(-4, 4), random.pick([1, -1, 2, 0])];
      const order = random.pick(['row-major', 'column-major']);
      const array = make(name, new Type(values), shape, strides, 18, order);
      using p = fromStdlib(array);
      expect(p.shape).toEqual(shape);
      expect([...p]).toEqual(elementsOf(shape, at(array)));
    });
  });

  test('its readonly flag is respected', () => {
    const data = Float64Array.of(1, 2);
    const array = make('float64', data, [2], [1], 0, 'row-major', { readonly: true });
    using p = fromStdlib(array);
    expect(p.readonly).toBe(true);
    expect(codeOf(() => p.set(0, 5))).toBe('READONLY');
    expect(codeOf(() => fromStdlib(array, { writable: true }))).toBe('READONLY');
  });

  test('writes reach its buffers, complex ones too', () => {
    const array = make('complex128', new Complex128Array(4), [2], [-2], 3, 'row-major');
    using p = fromStdlib(array, { writable: true });
    p.set(1, { re: 5, im: 6 });
    expect(plain(array.get(1))).toEqual({ re: 5, im: 6 });
    array.set(0, new Complex128Array([7, 8]).get(0));
    expect(p.get(0)).toEqual({ re: 7, im: 8 });
  });

  test('back and forth is the same memory, and its lock', () => {
    const host = HostArray.allocate([2, 3], 'Zd');
    const p = acquire(host, { writable: true });
    const array = toStdlib(p.transpose(), make, arrays);
    const q = fromStdlib(array, { label: 'back' });
    expect([q.address, q.strides]).toEqual([p.address, p.transpose().strides]);
    p.release();
    expect(() => host.resize([9, 9])).toThrow(/'back/);
    q.release();
    host.resize([9, 9]);
  });

  test('generic arrays are refused, or a readonly copy', () => {
    const array = make('generic', [1, 2, 3, 4], [2, 2], [1, 2], 0, 'column-major');
    expect(codeOf(() => fromStdlib(array))).toBe('ERR_INVALID_ARG_TYPE');
    using p = fromStdlib(array, { copy: 'if-needed' });
    expect([p.readonly, p.toArray()]).toEqual([
      true,
      [
        [1, 3],
        [2, 4],
      ],
    ]);
  });

  test('stays alive without its owner', async () => {
    const p = fromStdlib(make('int32', Int32Array.of(3, 4), [2], [1], 0, 'row-major'));
    await collect(() => false);
    expect(p.toArray()).toEqual([3, 4]);
  });

  test('hostile data is refused', () => {
    const data = { buffer: new ArrayBuffer(8), byteOffset: 4, byteLength: 8, length: 8 };
    const base = { dtype: 'bool', shape: [8], strides: [1], offset: 0 };
    expect(codeOf(() => fromStdlib({ ...base, data }))).toBe('BOUNDS');
    expect(codeOf(() => fromStdlib({ ...base, data: { buffer: 5 } }))).toBe(
      'ERR_INVALID_ARG_TYPE',
    );
    expect(codeOf(() => fromStdlib({ ...base, data: new Uint8Array(4) }))).toBe('BOUNDS');
    expect(codeOf(() => fromStdlib(null as never))).toBe('ERR_INVALID_ARG_TYPE');
  });
});
