// Images with padded rows for WebGPU. Dawn's null backend checks everything and needs no GPU.
import assert from 'node:assert/strict';
import { acquire, HostArray } from 'nbuf';
import { fromWebGpu, toWebGpu } from 'nbuf/interop';

const found = await import('webgpu').catch(() => null);
if (found === null) {
  console.log('webgpu: the package has no build for this platform');
  process.exit();
}
Object.assign(globalThis, found.globals);
const gpu = found.create(['backend=null']);
const device = await (await gpu.requestAdapter()).requestDevice();
const usage = GPUTextureUsage.COPY_DST;

// A frame of 100 × 50 RGBA pixels whose rows begin every 512 bytes.
const frame = HostArray.fromBytes(new Uint8Array(512 * 50), {
  shape: [50, 100, 4],
  strides: [512, 4, 1],
});
const p = acquire(frame, { writable: true });
p.slice('...', 3).fill(255);

// Out: the padding stays where it is, bytesPerRow says it. writeTexture copies at once.
const { data, layout, size } = toWebGpu(p);
assert.deepEqual(layout, { offset: 0, bytesPerRow: 512, rowsPerImage: 50 });
const texture = device.createTexture({ size, format: 'rgba8unorm', usage });
device.pushErrorScope('validation');
device.queue.writeTexture({ texture }, data, layout, size);

// Into a mapped buffer: rows of 256 bytes, or a multiple, for copies from buffers.
const part = p.slice([10, 20], [10, 30]);
const staging = device.createBuffer({
  size: 10 * 256,
  usage: GPUBufferUsage.COPY_SRC,
  mappedAtCreation: true,
});
const mapped = fromWebGpu({
  data: staging.getMappedRange(),
  bytesPerRow: 256,
  size: [20, 10],
  components: 4,
});
mapped.copyFrom(part);
staging.unmap();
assert.throws(() => mapped.get(0, 0, 0), { code: 'ERR_NBUF_DETACHED' });
mapped.release();
const encoder = device.createCommandEncoder();
encoder.copyBufferToTexture({ buffer: staging, bytesPerRow: 256 }, { texture }, [20, 10]);
device.queue.submit([encoder.finish()]);
assert.equal(await device.popErrorScope(), null);
p.release();
device.destroy();
assert.ok(gpu); // Dawn needs it as long as its device
console.log('webgpu: written from padded rows, and into a mapped buffer');
