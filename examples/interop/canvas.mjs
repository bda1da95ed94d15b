// ImageData over memory of nbuf, drawn on a canvas, and its pixels as views.
import assert from 'node:assert/strict';
import { createCanvas, ImageData } from '@napi-rs/canvas';
import { acquire, HostArray } from 'nbuf';
import { fromCanvas, fromImageData, toImageData } from 'nbuf/interop';

const p = acquire(HostArray.allocate([48, 64, 4]), { writable: true });
p.slice(null, null, 0).fill(200);
p.slice(null, null, 3).fill(255);

// Out: image.data is the view's memory; putImageData copies it to the canvas.
const image = toImageData(p, ImageData);
assert.equal(image.data.buffer, p.buffer);
const canvas = createCanvas(64, 48);
const context = canvas.getContext('2d');
context.putImageData(image, 0, 0);
context.clearRect(0, 0, 10, 10);

// In: what getImageData copied, as a view; and what the canvas stores, premultiplied.
const drawn = fromImageData(context.getImageData(0, 0, 64, 48));
assert.deepEqual(drawn.slice(5, 5).toArray(), [0, 0, 0, 0]);
assert.deepEqual(drawn.slice(20, 20).toArray(), [200, 0, 0, 255]);
drawn.release();
const stored = fromCanvas(canvas);
assert.deepEqual(stored.shape, [48, 64, 4]);
stored.release();

p.release();
assert.equal(image.data.length, 0); // released: drawing it throws
console.log('canvas: drawn from memory of nbuf');
