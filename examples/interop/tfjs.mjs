// tfjs computes on memory of nbuf, and nbuf reads what tfjs computed.
import assert from 'node:assert/strict';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { acquire, HostArray } from 'nbuf';
import { fromTfjs, toTfjs, toTfjsBuffer } from 'nbuf/interop';

tf.env().set('IS_TEST', true); // no advertisement for another backend

// Out: with the CPU backend the tensor is the view's memory. Hold the provider until the last
// tensor that shares it is disposed.
const p = acquire(
  HostArray.from(
    [
      [1, 2],
      [3, 4],
    ],
    'f',
  ),
  { writable: true },
);
const matrix = toTfjs(p, tf);
const sum = tf.matMul(matrix, matrix);
assert.equal(matrix.dataSync().buffer, p.buffer);

// In: what tfjs computed, without a copy, also after the tensor is disposed.
const result = fromTfjs(sum);
assert.deepEqual(result.toArray(), [
  [7, 10],
  [15, 22],
]);
tf.dispose([matrix, sum]);
assert.equal(result.get(1, 1), 22);
result.release();

// A TensorBuffer writes into the view.
toTfjsBuffer(p, tf).set(50, 0, 1);
assert.equal(p.get(0, 1), 50);

// tfjs has neither strides nor 8-bit integers: an error says so, a copy is made when asked.
assert.throws(() => toTfjs(p.transpose(), tf), { code: 'ERR_NBUF_CONTIGUITY' });
assert.equal(toTfjs(p.transpose(), tf, { copy: 'if-needed' }).dataSync()[1], 3);
const bytes = acquire(HostArray.from([1, 255], 'B'));
assert.equal(toTfjs(bytes, tf, { copy: 'if-needed' }).dtype, 'int32');
bytes.release();
p.release();
console.log('tfjs: computed in place, and read back');
