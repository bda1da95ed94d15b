/**
 * Dawn, the WebGPU of Chrome, from the package `webgpu`: its null backend validates everything
 * and needs no GPU. (It has no texels: what is in a texture is left to test/interop/webgpu.test.ts.)
 */

import { acquire, HostArray } from 'nbuf';
import { fromWebGpu, toWebGpu } from 'nbuf/interop';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeOf } from '../../../test/interop/elements.ts';
import { createRandom } from '../../../test/random.ts';

const copying = { copy: 'if-needed' } as const;
type Dawn = { create(options: string[]): GPU; globals: object };
let dawn: Dawn | null = null;
try {
  dawn = (await import('webgpu')) as never;
} catch {
  // no build for this platform
}

describe.runIf(dawn !== null)('a real WebGPU', () => {
  let device: GPUDevice;
  /** Dawn dies with its device when this is collected. */
  let gpu: GPU;
  beforeAll(async () => {
    const { create, globals } = dawn as unknown as Dawn;
    Object.assign(globalThis, globals);
    gpu = create(['backend=null']);
    const adapter = await gpu.requestAdapter();
    device = (await (adapter as GPUAdapter).requestDevice()) as GPUDevice;
  });
  afterAll(() => {
    device.destroy();
    expect(gpu).toBeDefined();
  });

  /** What Dawn says against it; null if nothing. */
  async function complaint(use: () => void): Promise<string | null> {
    device.pushErrorScope('validation');
    let thrown: string | null = null;
    try {
      use();
    } catch (error) {
      thrown = String(error);
    }
    return thrown ?? (await device.popErrorScope())?.message ?? null;
  }

  function textureOf(size: GPUExtent3DStrict): GPUTexture {
    const usage = GPUTextureUsage.COPY_DST | GPUTextureUsage.COPY_SRC;
    return device.createTexture({ size, format: 'rgba8unorm', usage });
  }

  test('writeTexture takes views with padded rows and layers', async () => {
    const random = createRandom(9);
    for (let round = 0; round < 40; round++) {
      const [layers, height, width] = [
        random.int(1, 3),
        random.int(1, 5),
        random.int(1, 5),
      ];
      const row = 4 * width + random.int(0, 9);
      const image = row * (height + random.int(0, 2));
      const array = HostArray.fromBytes(new Uint8Array(image * layers + 64), {
        shape: [layers, height, width, 4],
        strides: [image, row, 4, 1],
        offset: random.int(0, 7),
      });
      const p = acquire(array);
      const { data, layout, size } = toWebGpu(p);
      const texture = textureOf(size);
      expect(
        await complaint(() =>
          device.queue.writeTexture({ texture }, data as never, layout, size),
        ),
      ).toBe(null);
      // With one byte less it is too little: the data is as long as WebGPU asks for.
      const less = data.subarray(0, -1);
      expect(
        await complaint(() =>
          device.queue.writeTexture({ texture }, less as never, layout, size),
        ),
      ).not.toBe(null);
      texture.destroy();
      p.release();
    }
  });

  test('copyBufferToTexture wants rows of 256 bytes, as align has it', async () => {
    const p = acquire(HostArray.from(createRandom(4).bytes(3 * 5 * 4))).reshape([
      3, 5, 4,
    ]);
    expect(codeOf(() => toWebGpu(p, { align: 256 }))).toBe('ERR_NBUF_STRIDES');
    const { data, layout, size } = toWebGpu(p, { align: 256, ...copying });
    const texture = textureOf(size);
    const usage = GPUBufferUsage.COPY_SRC;
    const copy = async (from: { data: Uint8Array; layout: { bytesPerRow: number } }) => {
      const { length } = from.data;
      const buffer = device.createBuffer({
        size: Math.ceil(length / 4) * 4,
        usage,
        mappedAtCreation: true,
      });
      new Uint8Array(buffer.getMappedRange()).set(from.data);
      buffer.unmap();
      return await complaint(() => {
        const encoder = device.createCommandEncoder();
        encoder.copyBufferToTexture({ buffer, ...from.layout }, { texture }, size);
        encoder.finish();
      });
    };
    expect(await copy({ data, layout })).toBe(null);
    const tight = toWebGpu(p);
    expect(await copy(tight)).toContain('not a multiple of 256');
  });

  test('a mapped buffer is filled in place, until it is unmapped', async () => {
    const usage = GPUBufferUsage.COPY_SRC;
    const buffer = device.createBuffer({ size: 3 * 256, usage, mappedAtCreation: true });
    const range = buffer.getMappedRange();
    const size = { width: 5, height: 3 };
    const p = fromWebGpu({ data: range, bytesPerRow: 256, size, components: 4 });
    const image = acquire(HostArray.from(createRandom(2).bytes(60))).reshape([3, 5, 4]);
    p.copyFrom(image);
    expect(Buffer.from(range, 256, 20)).toEqual(Buffer.from(image.slice(1).toBytes()));
    buffer.unmap();
    expect(codeOf(() => p.get(0, 0, 0))).toBe('ERR_NBUF_DETACHED');
    p.release();
    const texture = textureOf(size);
    expect(
      await complaint(() => {
        const encoder = device.createCommandEncoder();
        encoder.copyBufferToTexture({ buffer, bytesPerRow: 256 }, { texture }, size);
        device.queue.submit([encoder.finish()]);
      }),
    ).toBe(null);
    texture.destroy();
    buffer.destroy();
  });

  test('what comes back in a mapped range', async () => {
    const usage = GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ;
    const buffer = device.createBuffer({ size: 512, usage });
    const bytes = createRandom(8).bytes(512);
    device.queue.writeBuffer(buffer, 0, bytes as never);
    await buffer.mapAsync(GPUMapMode.READ);
    const size = [2, 2] as const;
    const p = fromWebGpu({
      data: buffer.getMappedRange(),
      bytesPerRow: 256,
      size,
      components: 4,
    });
    expect(p.slice(1).toArray()).toEqual([
      [...bytes.subarray(256, 260)],
      [...bytes.subarray(260, 264)],
    ]);
    p.release();
    buffer.unmap();
    buffer.destroy();
  });
});
