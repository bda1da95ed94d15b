// @stdlib/ndarray: any strides, a readonly flag, and arrays of complex numbers and booleans.
import assert from 'node:assert/strict';
import Complex128Array from '@stdlib/array-complex128';
import ndarray from '@stdlib/ndarray-ctor';
import { acquire, HostArray } from 'nbuf';
import { fromStdlib, toStdlib } from 'nbuf/interop';

// Out: the transpose of a matrix is column-major there.
const matrix = acquire(
  HostArray.from([
    [1, 2, 3],
    [4, 5, 6],
  ]),
  { writable: true },
);
const turned = toStdlib(matrix.transpose(), ndarray);
assert.deepEqual(
  [turned.shape, turned.strides],
  [
    [3, 2],
    [1, 3],
  ],
);
assert.equal(turned.order, 'column-major');
turned.set(2, 0, 33);
assert.equal(matrix.get(0, 2), 33);
matrix.release();

// Complex numbers need stdlib's own array of them.
const signal = acquire(HostArray.allocate([4], 'Zd'), { writable: true });
signal.set(1, { re: 1, im: -1 });
const spectrum = toStdlib(signal, ndarray, { Complex128Array });
assert.equal(String(spectrum.get(1)), '1 - 1i');
signal.release();

// In: a readonly ndarray gives a readonly provider.
const data = Float64Array.of(1, 2, 3, 4);
const frozen = ndarray('float64', data, [2, 2], [-2, 1], 2, 'row-major', {
  readonly: true,
});
const rows = fromStdlib(frozen);
assert.deepEqual(rows.toArray(), [
  [3, 4],
  [1, 2],
]);
assert.throws(() => rows.set(0, 0, 9), { code: 'ERR_NBUF_READONLY' });
rows.release(); // the ndarray and its data stay as they are
assert.equal(frozen.get(0, 0), 3);
console.log('@stdlib/ndarray: a transpose, complex numbers, and a readonly matrix');
