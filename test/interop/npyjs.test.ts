/** npyjs by its documented shape; the real package: examples/interop/tests. */

import { acquire, acquireAs, HostArray, type View } from 'nbuf';
import { fromNpyjs, type NpyjsArray, toNpyjs } from 'nbuf/interop';
import { expect, test } from 'vitest';
import { forCases } from '../random.ts';
import { codeOf, elementsOf, randomCase, type Value } from './cases.ts';

/** The element at an index of contiguous data, in C or Fortran order. */
function at(array: NpyjsArray, index: readonly number[]): Value {
  const data = array.data as ArrayLike<number>;
  const { shape, fortranOrder, dtype } = array;
  const axes = shape.map((_, axis) => axis);
  let place = 0;
  for (const axis of fortranOrder ? axes.reverse() : axes)
    place = place * (shape[axis] as number) + (index[axis] as number);
  if (!dtype.startsWith('c')) return data[place] as number;
  return { re: data[2 * place] as number, im: data[2 * place + 1] as number };
}

/** The view goes there and back; was it shared? */
function check(view: View, expected: readonly Value[], isTurned: boolean): boolean {
  const isSaid = view.isContiguous('A');
  expect(codeOf(() => toNpyjs(view))).toBe(isSaid ? '' : 'CONTIGUITY');
  const array = toNpyjs(view, { copy: isSaid ? 'never' : 'if-needed' });
  const shape = isTurned ? [...array.shape].reverse() : array.shape;
  const elements = elementsOf(shape, (index) =>
    at(array, isTurned ? [...index].reverse() : index),
  );
  expect(elements).toEqual(expected);
  using back = fromNpyjs(array);
  expect(back.toArray()).toEqual(view.toArray());
  if (isSaid && view.size > 0) expect(back.address).toBe(view.address);
  return isSaid;
}

test('random views, in both orders, there and back', () => {
  let shared = 0;
  forCases(500, (random) => {
    const { provider, shape, at: model } = randomCase(random, { isAligned: true });
    const expected = elementsOf(shape, model);
    shared += Number(check(provider, expected, false));
    shared += Number(check(provider.transpose(), expected, true));
  });
  expect(shared).toBeGreaterThan(100);
});

test('padded elements are no contiguous ones', () => {
  using p = acquireAs(new Uint8Array(12), { shape: [3], format: 'h', itemsize: 4 });
  expect(codeOf(() => toNpyjs(p))).toBe('CONTIGUITY');
  expect(toNpyjs(p, { copy: 'if-needed' }).data).toHaveLength(3);
});

test('ends with the release, a copy does not', () => {
  const p = acquire(HostArray.from([1, 2]));
  const own = toNpyjs(p);
  const copy = toNpyjs(p, { copy: 'always' });
  p.release();
  expect([own.data, copy.data].map((data) => (data as Float64Array).length)).toEqual([
    0, 2,
  ]);
});

test('what it is not is refused', () => {
  const good = {
    data: new Float32Array(4),
    shape: [2, 2],
    dtype: 'f4',
    fortranOrder: false,
  };
  const bad: [object, string][] = [
    [{ data: [true, false] }, 'ERR_INVALID_ARG_TYPE'],
    [{ shape: [5] }, 'BOUNDS'],
    [{ shape: 4 }, 'ERR_INVALID_ARG_TYPE'],
    [{ dtype: 'c16' }, 'FORMAT'],
    [{}, ''],
  ];
  for (const [change, code] of bad)
    expect(codeOf(() => fromNpyjs({ ...good, ...change } as never))).toBe(code);
});
