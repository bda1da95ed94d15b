// onnxruntime runs on memory of nbuf, and its output comes back without another copy.
import assert from 'node:assert/strict';
import { acquire, HostArray } from 'nbuf';
import { fromOnnx, toOnnx } from 'nbuf/interop';
import { InferenceSession, Tensor } from 'onnxruntime-node';

// A model of one node, y = -x, of any number of rows and columns of float32.
const model =
  'CAg6QgoLCgF4EgF5IgNOZWcSAWdaFwoBeBISChAIARIMCgQSAngwCgQSAngxYhcKAXkSEgoQCAESDAoEEgJ5MAoEEgJ5MUIECgAQEQ==';
const session = await InferenceSession.create(Buffer.from(model, 'base64'));

// Out: run() reads the memory in a later turn of the event loop, so lend it: it is held until the
// promise settles, whatever happens to `p`.
const image = HostArray.from(new Float32Array([1, 2, 3, 4, 5, 6]));
const p = acquire(image).reshape([2, 3]);
const { y } = await p.lend(() => session.run({ x: toOnnx(p, Tensor) }));

// In: the output's own memory, with its shape.
const result = fromOnnx(y);
assert.deepEqual(result.toArray(), [
  [-1, -2, -3],
  [-4, -5, -6],
]);

// Or the output goes where you want it.
const out = acquire(HostArray.allocate([2, 3], 'f'), { writable: true });
await out.lend(() =>
  p.lend(() => session.run({ x: toOnnx(p, Tensor) }, { y: toOnnx(out, Tensor) })),
);
assert.ok(out.equals(result));

// onnxruntime has no strides: an error says so, and a copy is made when asked.
assert.throws(() => toOnnx(p.transpose(), Tensor), { code: 'ERR_NBUF_CONTIGUITY' });
const turned = toOnnx(p.transpose(), Tensor, { copy: 'if-needed' });
assert.deepEqual(turned.dims, [3, 2]);
out.release();
result.release();
await session.release();
console.log('onnxruntime: ran on lent memory, and into memory of ours');
