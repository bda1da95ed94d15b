/** Addresses in and out; C functions that use them: examples/interop/tests. */

import { acquire, HostArray } from 'nbuf';
import { toPointer, unsafeFromPointer } from 'nbuf/interop';
import { expect, test } from 'vitest';
import { forCases } from '../random.ts';
import { codeOf, collect, elementsOf, randomCase } from './cases.ts';

test('random layouts go out as an address, and come back from it', () => {
  forCases(300, (random) => {
    const one = randomCase(random);
    const out = toPointer(one.provider, { strides: true });
    const { pointer, before, byteLength, shape, strides, format, readonly } = out;
    const options = { shape, strides, offset: before, format, owner: one.provider };
    using back = unsafeFromPointer(
      pointer - BigInt(before),
      before + byteLength,
      options,
    );
    expect([back.address, readonly]).toEqual([pointer, false]);
    expect([...back]).toEqual(elementsOf(one.shape, one.at));
    const outside = { ...options, offset: before + 1 };
    if (one.provider.size > 0)
      expect(codeOf(() => unsafeFromPointer(pointer, before + byteLength, outside))).toBe(
        'BOUNDS',
      );
  });
});

test('free is called once, after the last view of the memory', async () => {
  const memory = acquire(HostArray.allocate([16]));
  let freed = 0;
  const p = unsafeFromPointer(memory.address, 16, { free: () => void freed++ });
  const other = acquire(p.slice([4, 8]));
  p.release();
  await collect(() => freed > 0);
  expect(freed).toBe(0);
  other.release();
  await collect(() => freed > 0);
  await collect(() => freed > 1);
  expect(freed).toBe(1);
});

test('refusals', () => {
  using p = acquire(HostArray.allocate([2, 2]));
  expect(codeOf(() => toPointer(p.transpose()))).toBe('CONTIGUITY');
  expect(codeOf(() => toPointer(p.toReadonly()))).toBe('READONLY');
  const at = toPointer(p.toReadonly(), { readonly: true });
  expect([at.readonly, at.pointer]).toEqual([true, p.address]);
  expect(codeOf(() => unsafeFromPointer(0n, 4))).toBe('ERR_OUT_OF_RANGE');
  expect(codeOf(() => unsafeFromPointer(-1n, 4))).toBe('ERR_OUT_OF_RANGE');
  expect(codeOf(() => unsafeFromPointer('5', 4))).toBe('ERR_INVALID_ARG_TYPE');
});
