// A column of apache-arrow over memory of nbuf, and a view over a column of apache-arrow.
import assert from 'node:assert/strict';
import * as arrow from 'apache-arrow';
import { acquire, HostArray } from 'nbuf';
import { fromArrow, toArrow } from 'nbuf/interop';

// Out: the first axis is the rows, each other one a fixed-size list. Nothing is copied.
const points = acquire(
  HostArray.from(
    [
      [1, 2],
      [3, 4],
      [5, 6],
    ],
    'f',
  ),
  { writable: true },
);
const { vector } = toArrow(points, arrow);
assert.equal(String(vector.type), 'FixedSizeList[2]<Float32>');
points.set(1, 0, 42);
assert.equal(vector.get(1).get(0), 42);

// Arrow has no strides. What it cannot say is refused, with the reason, or copied when asked.
const every2nd = points.slice([null, null, 2]);
assert.throws(() => toArrow(every2nd, arrow), { code: 'ERR_NBUF_CONTIGUITY' });
const copy = toArrow(every2nd, arrow, { copy: 'if-needed' });

// But it has an extension type for images and the like, which may be transposed in place: here
// channels come first for whoever reads the column, while in memory they are the last axis.
const pixels = acquire(HostArray.allocate([4, 8, 8, 3], 'B'), { writable: true });
const images = toArrow(pixels.transpose(0, 3, 1, 2), arrow, {
  name: 'images',
  as: 'fixed_shape_tensor',
  dimNames: ['C', 'H', 'W'],
});
assert.equal(
  images.field.metadata.get('ARROW:extension:metadata'),
  '{"shape":[8,8,3],"dim_names":["H","W","C"],"permutation":[2,0,1]}',
);

// In: a view of the column's memory. Its field says the shape.
const back = fromArrow(images, { writable: true });
assert.deepEqual(back.shape, [4, 3, 8, 8]);
back.set(0, 2, 7, 7, 255);
assert.equal(pixels.get(0, 7, 7, 2), 255);
back.release();

// The release of the provider ends the column; a copy stays.
points.release();
pixels.release();
assert.equal(vector.data[0].children[0].values.length, 0);
assert.equal(copy.vector.get(1).get(0), 5);

// Columns of Arrow's own: nulls need a value, and with that a copy.
const column = arrow.vectorFromArray([1, null, 3], new arrow.Float64());
assert.throws(() => fromArrow(column), /1 nulls/);
const filled = fromArrow(column, { copy: 'if-needed', fill: Number.NaN });
assert.deepEqual(filled.toArray(), [1, Number.NaN, 3]);
filled.release();
console.log('arrow: ok');
