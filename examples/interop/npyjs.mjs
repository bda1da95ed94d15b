// npyjs: contiguous arrays of .npy files. (nbuf reads and writes .npy itself: openNpy, saveNpy.)
import assert from 'node:assert/strict';
import { acquire, HostArray } from 'nbuf';
import { fromNpyjs, toNpyjs } from 'nbuf/interop';
import { dump, parse } from 'npyjs';

// Out: the view's own memory is written.
const matrix = acquire(
  HostArray.from(
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
    'f',
  ),
);
const { data, shape, dtype } = toNpyjs(matrix);
assert.equal(data.buffer, matrix.buffer);
const file = dump(data, shape, { dtype });

// npyjs' dump knows C order only; a copy brings a slice into it.
const column = matrix.slice(':', 1);
assert.throws(() => toNpyjs(column), { code: 'ERR_NBUF_CONTIGUITY' });
assert.deepEqual([...toNpyjs(column, { copy: 'if-needed' }).data], [2, 5]);
matrix.release();

// In: what it parsed, also in Fortran order, without a copy.
const loaded = fromNpyjs(parse(file));
assert.deepEqual(loaded.toArray(), [
  [1, 2, 3],
  [4, 5, 6],
]);
loaded.release();
console.log('npyjs: a matrix dumped and parsed');
