/** The packages' own types go in and out without casts. */

import BooleanArray from '@stdlib/array-bool';
import Complex128Array from '@stdlib/array-complex128';
import stdlib from '@stdlib/ndarray-ctor';
import koffi from 'koffi';
import { acquire, HostArray } from 'nbuf';
import {
  fromNdarray,
  fromNpyjs,
  fromStdlib,
  fromZarrita,
  toNdarray,
  toNpyjs,
  toStdlib,
  toZarrita,
  unsafeFromPointer,
} from 'nbuf/interop';
import ndarray from 'ndarray';
import { dump, parse } from 'npyjs';
import { expect, test } from 'vitest';
import * as zarr from 'zarrita';

test('scijs', () => {
  using p = acquire(HostArray.from([1, 2], 'f'));
  const array = toNdarray(p, ndarray);
  const shape: number[] = array.shape;
  using back = fromNdarray(array);
  using typed = fromNdarray(ndarray(new Float32Array(2)));
  const element: number = typed.get(0);
  using big = fromNdarray(ndarray(new BigInt64Array(2)), { label: 'x' });
  const bigint: bigint = big.get(0);
  expect([shape, back.shape, element, bigint]).toEqual([[2], [2], 0, 0n]);
});

test('stdlib', () => {
  using p = acquire(HostArray.from([1, 2], 'd'));
  const array = toStdlib(p, stdlib, { Complex128Array, BooleanArray });
  using back = fromStdlib(array);
  expect([array.get(1), back.get(1)]).toEqual([2, 2]);
});

test('zarrita', async () => {
  const array = await zarr.create(new Map(), {
    shape: [2],
    chunkShape: [2],
    dtype: 'float32',
  });
  using p = acquire(HostArray.from([1, 2], 'f'));
  await zarr.set(array, null, toZarrita(p));
  using back = fromZarrita(await zarr.get(array));
  const element: number = back.get(1);
  expect(element).toBe(2);
});

test('npyjs', () => {
  using p = acquire(HostArray.from([1, 2], 'f'));
  const { data, shape, dtype } = toNpyjs(p);
  using back = fromNpyjs(parse(dump(data, shape, { dtype })));
  expect(back.get(1)).toBe(2);
});

test('koffi', () => {
  const memory = koffi.alloc('int', 4);
  using p = unsafeFromPointer(memory, 16, {
    shape: [4],
    format: 'i',
    koffi,
    free: () => koffi.free(memory),
  });
  const shape: readonly number[] = p.shape;
  const element: number = p.get(0);
  expect([shape, typeof element]).toEqual([[4], 'number']);
});
