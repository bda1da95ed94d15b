/**
 * scijs ndarray, @stdlib/ndarray and zarrita chunks by their documented shapes: stand-ins that do
 * what those do with `data`, strides and offset. The real packages: examples/interop/tests.
 */

import { acquire, HostArray } from 'nbuf';
import {
  fromNdarray,
  fromStdlib,
  fromZarrita,
  type NdarrayLike,
  type StdlibLike,
  toNdarray,
  toStdlib,
  toZarrita,
  type ZarritaChunk,
} from 'nbuf/interop';
import { describe, expect, test } from 'vitest';
import { forCases } from '../random.ts';
import {
  type Case,
  codeOf,
  elementsOf,
  isSayable,
  kinds,
  randomCase,
  type Value,
} from './cases.ts';

type Data = { get?(k: number): Value } & ArrayLike<number>;
type Standing = { data: Data; shape: number[]; strides: number[]; offset: number };

/** ndarray(data, shape, stride, offset): as the function of the package stores them. */
const ndarray = (data: never, shape: number[], stride: number[], offset: number) => ({
  data,
  shape,
  stride,
  offset,
});

/** The constructor of stdlib: dtype first, 0-d arrays have strides [0]. */
const stdlib = (
  dtype: never,
  data: never,
  shape: number[],
  strides: number[],
  offset: number,
  order: string,
  { readonly }: { readonly: boolean },
) => ({ data, dtype, shape, strides, offset, order, flags: { READONLY: readonly } });

/** data[offset + Σ index·stride], through `get` where there is one. */
function at({ data, strides, offset }: Standing, index: readonly number[]): unknown {
  const place = index.reduce(
    (sum, i, axis) => sum + i * (strides[axis] as number),
    offset,
  );
  return typeof data.get === 'function' ? data.get(place) : data[place];
}

class Complex128 {
  readonly #data: Float64Array;
  readonly length: number;
  readonly buffer: ArrayBuffer;
  readonly byteOffset: number;
  readonly byteLength: number;
  constructor(buffer: ArrayBuffer, byteOffset: number, length: number) {
    this.#data = new Float64Array(buffer, byteOffset, 2 * length);
    this.length = length;
    this.buffer = buffer;
    this.byteOffset = byteOffset;
    this.byteLength = 16 * length;
  }
  get(k: number): Value {
    return { re: this.#data[2 * k] as number, im: this.#data[2 * k + 1] as number };
  }
  set(_value: never, _k: number): void {}
}

type Neighbour = {
  readonly name: string;
  readonly names: readonly string[];
  readonly to: (one: Case, copy: 'never' | 'if-needed') => Standing;
  readonly from: (array: Standing) => ReturnType<typeof fromStdlib>;
  readonly canSay: (one: Case) => boolean;
};

const reals = Object.keys(kinds).filter((name) => !name.startsWith('complex'));
const isForward = ({ shape, strides }: Case): boolean =>
  shape.includes(0) || strides.every((step, k) => step >= 0 || shape[k] === 1);

const NEIGHBOURS: readonly Neighbour[] = [
  {
    name: 'ndarray',
    names: reals,
    to: ({ provider }, copy) => {
      const { stride, ...rest } = toNdarray(provider, ndarray, { copy });
      return { ...rest, strides: stride };
    },
    from: ({ strides, ...rest }) =>
      fromNdarray({ ...rest, stride: strides } as NdarrayLike) as never,
    canSay: isSayable,
  },
  {
    name: '@stdlib/ndarray',
    names: [...reals.filter((name) => !name.endsWith('int64')), 'complex128'],
    to: ({ provider }, copy) =>
      toStdlib(provider, stdlib, { copy, Complex128Array: Complex128 }),
    from: (array) => fromStdlib(array as unknown as StdlibLike),
    canSay: (one) => isSayable(one, one.kind.itemsize),
  },
  {
    name: 'zarrita',
    names: reals,
    to: ({ provider }, copy) => {
      const { stride, ...rest } = toZarrita(provider, { copy }) as ZarritaChunk<Data>;
      return { ...rest, strides: stride, offset: 0 };
    },
    from: ({ data, shape, strides }) =>
      fromZarrita({ data, shape, stride: strides }) as never,
    canSay: (one) => isSayable(one) && isForward(one),
  },
];

/** Refused without leave to copy. */
function copyOf(to: Neighbour['to'], one: Case): Standing {
  expect(['STRIDES', 'CONTIGUITY']).toContain(codeOf(() => to(one, 'never')));
  return to(one, 'if-needed');
}

/** Its provider was released: nothing is left of memory that a typed array showed. */
function expectEnd({ data }: Standing, { provider, name }: Case): void {
  expect(provider.released).toBe(true);
  if (!name.startsWith('complex')) expect(data).toHaveLength(0);
}

describe.each(NEIGHBOURS)('$name', ({ names, to, from, canSay }) => {
  test('every element of random layouts, there and back, the same memory', () => {
    let said = 0;
    forCases(500, (random) => {
      const one = randomCase(random, { names, isAligned: random.chance(0.7) });
      const { provider, shape } = one;
      const isSaid = canSay(one);
      const array = isSaid ? to(one, 'never') : copyOf(to, one);
      expect(array.shape).toEqual(shape);
      const expected = elementsOf(shape, one.at);
      expect(elementsOf(shape, (index) => at(array, index))).toEqual(expected);
      using back = from(array);
      expect([...back]).toEqual(expected);
      if (isSaid && provider.size > 0) expect(back.address).toBe(provider.address);
      said += Number(isSaid);
      back.release();
      provider.release();
      if (isSaid) expectEnd(array, one);
    });
    expect(said).toBeGreaterThan(60);
  });

  test('another byte order is refused, or copied', () => {
    forCases(60, (random) => {
      const names16 = names.filter((name) => !name.endsWith('int8'));
      const one = randomCase(random, { names: names16, isSwapped: true });
      expect(codeOf(() => to(one, 'never'))).toBe('FORMAT');
      const array = to(one, 'if-needed');
      expect(elementsOf(one.shape, (index) => at(array, index))).toEqual(
        elementsOf(one.shape, one.at),
      );
    });
  });

  test('readonly memory is refused, or copied', () => {
    forCases(20, (random) => {
      const one = randomCase(random, { names, isAligned: true });
      const readonly = { ...one, provider: one.provider.toReadonly() as never };
      expect(codeOf(() => to(readonly, 'never'))).toBe('READONLY');
      const array = to(readonly, 'if-needed');
      expect(elementsOf(one.shape, (index) => at(array, index))).toEqual(
        elementsOf(one.shape, one.at),
      );
    });
  });
});

test('padded elements have strides that can be said', () => {
  const bytes = Int16Array.of(1, 9, 2, 9, 3, 9);
  const layout = { shape: [3], format: 'h', itemsize: 4 };
  using p = acquire(HostArray.fromBytes(bytes, layout));
  const array = toNdarray(p.slice([null, null, -1]), ndarray);
  expect([array.stride, array.offset]).toEqual([[-2], 4]);
  expect(toZarrita(p).stride).toEqual([2]);
});
