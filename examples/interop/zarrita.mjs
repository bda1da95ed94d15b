// zarrita: a strided view is written as a Zarr array, and chunks are read where they lie.
import assert from 'node:assert/strict';
import { acquire, HostArray } from 'nbuf';
import { fromZarrita, toZarrita } from 'nbuf/interop';
import * as zarr from 'zarrita';

const volume = acquire(HostArray.allocate([4, 6, 8], 'f'), { writable: true });
volume.set(1, 2, 3, 42);

// Out: every other plane; chunks take positive strides.
const array = await zarr.create(new Map(), {
  shape: [2, 6, 8],
  chunkShape: [1, 3, 8],
  dtype: 'float32',
});
await zarr.set(array, null, toZarrita(volume.slice([1, null, 2])));

// A chunk has no offset, so flipped axes need a copy.
const flipped = volume.slice([null, null, -2]);
assert.throws(() => toZarrita(flipped), { code: 'ERR_NBUF_CONTIGUITY' });
assert.deepEqual(toZarrita(flipped, { copy: 'if-needed' }).shape, [2, 6, 8]);

// In: what zarrita read, without a copy. It owns the memory; release ends the provider only.
const chunk = await zarr.get(array, [0, null, null]);
const plane = fromZarrita(chunk);
assert.deepEqual([plane.shape, plane.get(2, 3)], [[6, 8], 42]);
plane.release();
assert.equal(chunk.data[2 * 8 + 3], 42);
volume.release();
console.log('zarrita: every other plane of a volume, written and read');
