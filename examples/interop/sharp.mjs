// sharp encodes pixels that nbuf holds, and nbuf sees pixels that sharp decoded.
import assert from 'node:assert/strict';
import { acquire, HostArray } from 'nbuf';
import { fromSharp, toSharp } from 'nbuf/interop';
import sharp from 'sharp';

// Out: sharp reads the memory in a thread of its own, so lend it; it is held until the promise
// settles, whatever happens to `p`.
const p = acquire(HostArray.allocate([480, 640, 3]), {
  writable: true,
  label: 'encoder',
});
p.slice([100, 200], [100, 300], 0).fill(255);
const encode = (view, options) => {
  const { data, raw } = toSharp(view, options);
  return sharp(data, { raw }).png().toBuffer();
};
const png = await p.lend(() => encode(p));

// In: the Buffer that sharp made, with its shape; the provider keeps it.
const output = await sharp(png).raw().toBuffer({ resolveWithObject: true });
const pixels = fromSharp(output);
assert.deepEqual(pixels.shape, [480, 640, 3]);
assert.deepEqual(pixels.slice(150, 150).toArray(), [255, 0, 0]);
assert.ok(pixels.equals(p));
pixels.release();

// A region has padding between its rows, which sharp cannot be told of: copy that part.
const region = p.slice([90, 110], [90, 110]);
assert.throws(() => toSharp(region), { code: 'ERR_NBUF_CONTIGUITY' });
const small = await encode(region, { copy: 'if-needed' });
assert.equal((await sharp(small).metadata()).width, 20);
p.release();
console.log('sharp: encoded from lent memory, and decoded into a view');
