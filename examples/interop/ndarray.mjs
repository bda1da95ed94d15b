// scijs ndarray: any strides, so every slice of a view goes over without a copy, and comes back.
import assert from 'node:assert/strict';
import { acquire, HostArray } from 'nbuf';
import { fromNdarray, toNdarray } from 'nbuf/interop';
import ndarray from 'ndarray';

const image = acquire(HostArray.allocate([480, 640, 3], 'B'), { writable: true });

// Out: the green channel, upside down. Strides and offset count elements there.
const green = toNdarray(image.slice([null, null, -1], ':', 1), ndarray);
assert.deepEqual(green.shape, [480, 640]);
assert.deepEqual(green.stride, [-640 * 3, 3]);
green.set(0, 0, 255);
assert.equal(image.get(479, 0, 1), 255);

// In: what scijs made of it is still the same memory, and locked as such.
const part = fromNdarray(green.lo(0, 100).hi(10, 20), { label: 'part' });
assert.deepEqual(part.shape, [10, 20]);
assert.equal(part.address, image.address + BigInt((479 * 640 + 100) * 3 + 1));
part.release();

// Big-endian elements have no typed array: an accessor reads and writes them one by one.
const big = acquire(HostArray.from([1.5, 2.5], '>d'), { writable: true });
assert.throws(() => toNdarray(big, ndarray), { code: 'ERR_NBUF_FORMAT' });
toNdarray(big, ndarray, { accessor: true }).set(1, 7);
assert.equal(big.get(1), 7);
assert.equal(toNdarray(big, ndarray, { copy: 'if-needed' }).dtype, 'float64');
big.release();

// The release of the provider ends the ndarray.
image.release();
assert.equal(green.data.length, 0);
console.log('ndarray: the green channel, upside down, and back');
