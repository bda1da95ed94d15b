/** @napi-rs/canvas, the real package. */

import { type Canvas, createCanvas, ImageData } from '@napi-rs/canvas';
import { acquire, HostArray } from 'nbuf';
import { fromCanvas, fromImageData, toImageData } from 'nbuf/interop';
import { describe, expect, test } from 'vitest';
import { codeOf, randomElements } from '../../../test/interop/elements.ts';
import { forCases } from '../../../test/random.ts';
import { collect } from './cases.ts';

const copying = { copy: 'if-needed' } as const;

describe('ImageData', () => {
  test('put on a canvas and got back: random layouts', () => {
    forCases(60, (random) => {
      const shape = [random.int(1, 9), random.int(1, 9), 4];
      const { view, provider, isPlain } = randomElements(random, { types: ['B'], shape });
      const opaque = acquire(view.toContiguous(), { writable: true });
      opaque.slice(null, null, 3).fill(255 as never); // canvases premultiply: other alphas round
      const source = isPlain ? opaque : opaque.slice([null, null, -1]);
      const image = toImageData(source as never, ImageData, copying);
      const [height = 0, width = 0] = shape;
      const context = createCanvas(width, height).getContext('2d');
      context.putImageData(image, 0, 0);
      const back = fromImageData(context.getImageData(0, 0, width, height));
      expect([back.shape, back.format]).toEqual([shape, 'B']);
      expect(back.toArray()).toEqual(source.toArray());
      for (const each of [back, opaque, provider]) each.release();
    });
  });

  test('is the same memory both ways', () => {
    const p = acquire(HostArray.allocate([2, 3, 4]), { writable: true });
    const image = toImageData(p, ImageData);
    p.set(0, 0, 0, 42);
    image.data[5] = 7;
    expect([image.data[0], p.get(0, 1, 1)]).toEqual([42, 7]);
    const window = acquire(HostArray.allocate([4, 3, 4]), { writable: true });
    const part = toImageData(window.slice([1, 3]), ImageData);
    expect([part.height, part.data.byteOffset]).toEqual([
      2,
      part.data.buffer.byteLength - 36,
    ]);
    const made = new ImageData(3, 2);
    const back = fromImageData(made, { writable: true });
    back.set(1, 2, 3, 9);
    expect(made.data[23]).toBe(9);
    for (const each of [p, window, back]) each.release();
  });

  test('after the release drawing throws', () => {
    const context = createCanvas(3, 2).getContext('2d');
    const p = acquire(HostArray.allocate([2, 3, 4]));
    const image = toImageData(p, ImageData);
    context.putImageData(image, 0, 0);
    p.release();
    expect(() => context.putImageData(image, 0, 0)).toThrow('detached');
  });

  test('floats', () => {
    const p = acquire(HostArray.allocate([1, 2, 4], 'f'), { writable: true });
    p.fill(0.5);
    const image = toImageData(p, ImageData as never) as ImageData<Float32Array>;
    expect(image.pixelFormat).toBe('rgba-float32');
    expect(image.data.buffer).toBe(p.buffer);
    const back = fromImageData(image);
    expect([back.format, back.get(0, 1, 3)]).toEqual(['f', 0.5]);
  });

  test('shared memory is refused before the class does', () => {
    const shared = new Uint8ClampedArray(new SharedArrayBuffer(16));
    expect(() => new ImageData(shared, 2, 2)).toThrow('shared');
    const view = acquire(shared).reshape([2, 2, 4]);
    expect(codeOf(() => toImageData(view, ImageData))).toBe('ERR_NBUF_UNSUPPORTED');
    expect(toImageData(view, ImageData, copying).width).toBe(2);
  });
});

describe('a canvas', () => {
  test('its pixels, premultiplied, as of now', async () => {
    let canvas: Canvas | null = createCanvas(5, 3) as Canvas;
    const context = canvas.getContext('2d');
    context.fillStyle = 'rgba(200, 100, 50, 0.5)';
    context.fillRect(0, 0, 2, 2);
    const p = fromCanvas(canvas, { writable: true });
    expect([p.shape, p.format]).toEqual([[3, 5, 4], 'B']);
    expect([p.slice(1, 1).toArray(), p.get(2, 4, 3)]).toEqual([[100, 50, 25, 128], 0]);
    // A copy: drawing does not show in it, nor writing on the canvas.
    context.fillStyle = 'rgb(1, 2, 3)';
    context.fillRect(0, 0, 5, 3);
    p.set(0, 0, 0, 99);
    expect(p.get(1, 1, 0)).toBe(100);
    const later = fromCanvas(canvas);
    expect(later.slice(0, 0).toArray()).toEqual([1, 2, 3, 255]);
    expect(later.address).not.toBe(p.address);
    canvas.width = 1;
    canvas = null;
    await collect(() => false);
    expect(p.slice(0, 0).toArray()).toEqual([99, 50, 25, 128]);
    for (const each of [p, later]) each.release();
  });

  test('odd sizes, and half floats', () => {
    for (const [width, height] of [
      [1, 1],
      [7, 3],
      [513, 2],
    ] as const)
      expect(fromCanvas(createCanvas(width, height)).shape).toEqual([height, width, 4]);
    const canvas = createCanvas(2, 2);
    const context = canvas.getContext('2d', { colorType: 'float16' });
    context.fillStyle = 'rgba(255, 0, 0, 0.5)';
    context.fillRect(0, 0, 2, 2);
    const p = fromCanvas(canvas);
    expect(p.format).toBe('e');
    const [red, green, , alpha] = p.slice(1, 1).toArray() as number[];
    expect(green).toBe(0);
    expect(red).toBeCloseTo(0.5, 2);
    expect(alpha).toBeCloseTo(0.5, 2);
    p.release();
  });
});
