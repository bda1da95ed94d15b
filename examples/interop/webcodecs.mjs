// The planes of a VideoFrame as views: chroma subsampling, padding and all.
import assert from 'node:assert/strict';
import { acquire, HostArray } from 'nbuf';
import { fromPlanes, toPlanes } from 'nbuf/interop';

const found = await import('@napi-rs/webcodecs').catch(() => null);
if (found === null) {
  console.log('webcodecs: @napi-rs/webcodecs has no build for this platform');
  process.exit();
}
const { VideoFrame } = found;

// One block for an NV12 image whose rows are padded to 64 bytes, as decoders give them.
const size = { codedWidth: 48, codedHeight: 32 };
const layout = [
  { offset: 0, stride: 64 },
  { offset: 64 * 32, stride: 64 },
];
const memory = HostArray.allocate([64 * 48]);
const [luma, chroma] = fromPlanes({ data: memory, format: 'NV12', ...size, layout });
assert.deepEqual(
  [luma.shape, chroma.shape],
  [
    [32, 48],
    [16, 24, 2],
  ],
);
luma.fill(120);
chroma.slice('...', 0).fill(90);
chroma.slice('...', 1).fill(240);

// Out: views of planes in one block go as they are; VideoFrame copies them.
const { data, ...init } = toPlanes([luma, chroma], 'NV12');
assert.equal(data.buffer, luma.buffer);
const frame = new VideoFrame(data, { ...init, timestamp: 0 });
luma.release();
chroma.release();

// In: what copyTo wrote, by the layout that it returned.
const target = acquire(HostArray.allocate([frame.allocationSize()]), { writable: true });
const copied = await target.lend((bytes) => frame.copyTo(bytes));
frame.close();
const planes = fromPlanes({ data: target, format: 'NV12', ...size, layout: copied });
assert.equal(planes[0].get(31, 47), 120);
assert.deepEqual(planes[1].slice(15, 23).toArray(), [90, 240]);

// Planes of their own memory are no VideoFrame's data: copied when asked.
const apart = planes.map((plane) => acquire(plane.toContiguous()));
assert.throws(() => toPlanes(apart, 'NV12'), { code: 'ERR_NBUF_UNSUPPORTED' });
assert.equal(toPlanes(apart, 'NV12', { copy: 'if-needed' }).data.length, 48 * 32 * 1.5);
for (const provider of [...planes, ...apart, target]) provider.release();
console.log('webcodecs: planes in and out');
