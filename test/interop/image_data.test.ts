/**
 * Against stand-ins: Node.js has no ImageData and no canvas; node-canvas is tested by its
 * documented shape alone. @napi-rs/canvas: examples/interop/tests.
 */

import { acquire, HostArray } from 'nbuf';
import { type CanvasLike, fromCanvas, fromImageData, toImageData } from 'nbuf/interop';
import { describe, expect, test } from 'vitest';
import { forCases } from '../random.ts';
import { codeOf, randomElements } from './elements.ts';

const copying = { copy: 'if-needed' } as const;
const Float16 = (globalThis as { Float16Array?: typeof Uint16Array }).Float16Array;

type Settings = { colorSpace?: string; pixelFormat?: string };
type Pixels = Uint8ClampedArray | Float32Array | Uint16Array;

/** HTML's ImageData, with the pixel formats that @napi-rs/canvas adds to it. */
class ImageData {
  readonly data: Pixels;
  readonly width: number;
  readonly height: number;
  readonly settings: Settings;
  constructor(data: Pixels, width: number, height: number, settings: Settings = {}) {
    const { pixelFormat = 'rgba-unorm8' } = settings;
    const Class = {
      'rgba-unorm8': Uint8ClampedArray,
      'rgba-float16': Float16,
      'rgba-float32': Float32Array,
    }[pixelFormat];
    if (Class === undefined || data.constructor !== Class)
      throw new TypeError(pixelFormat);
    if (data.buffer instanceof SharedArrayBuffer)
      throw new TypeError('must not be shared');
    if (width === 0 || height === 0) throw new RangeError('empty');
    if (data.length !== 4 * width * height) throw new RangeError('length');
    this.data = data;
    this.width = width;
    this.height = height;
    this.settings = settings;
  }
}

describe('toImageData', () => {
  test('shared exactly where rows are packed, else copied', () => {
    const types = Float16 === undefined ? ['B', 'f'] : ['B', 'f', 'e'];
    forCases(300, (random) => {
      const shape = [random.int(1, 5), random.int(1, 5), 4];
      const given = randomElements(random, { types, shape });
      const { view, values, isPlain, provider } = given;
      expect(codeOf(() => toImageData(view, ImageData)) === 'none').toBe(isPlain);
      const image = toImageData(view, ImageData, copying);
      expect([image.height, image.width]).toEqual(shape.slice(0, 2));
      expect([...image.data]).toEqual(values);
      expect(image.data.buffer === provider.buffer).toBe(isPlain);
      const back = fromImageData(image);
      expect([...back]).toEqual(values);
      expect(back.shape).toEqual(shape);
      back.release();
      provider.release();
      expect(image.data.length).toBe(isPlain ? 0 : values.length);
    });
  });

  test('is the same memory both ways', () => {
    const p = acquire(HostArray.allocate([2, 3, 4]), { writable: true });
    const image = toImageData(p, ImageData, { colorSpace: 'display-p3' });
    expect(image.settings.colorSpace).toBe('display-p3');
    p.set(1, 2, 3, 200);
    expect(image.data[23]).toBe(200);
    image.data[0] = 7;
    expect(p.get(0, 0, 0)).toBe(7);
    p.release();
    expect(image.data.length).toBe(0);
  });

  test('says why not', () => {
    const p = acquire(HostArray.allocate([2, 3, 4]));
    const cases: [string, () => unknown][] = [
      [
        'ERR_OUT_OF_RANGE',
        () => toImageData(p.slice(null, null, [0, 3]), ImageData, copying),
      ],
      ['ERR_OUT_OF_RANGE', () => toImageData(p.slice(0), ImageData, copying)],
      ['ERR_OUT_OF_RANGE', () => toImageData(p.slice([0, 0]), ImageData, copying)],
      ['ERR_NBUF_CONTIGUITY', () => toImageData(p.slice(null, [0, 2]), ImageData)],
      ['ERR_NBUF_READONLY', () => toImageData(p.toReadonly(), ImageData)],
      [
        'ERR_NBUF_FORMAT',
        () =>
          toImageData(p.cast('i', [2, 3, 1]).broadcastTo([2, 3, 4]), ImageData, copying),
      ],
      [
        'ERR_NBUF_UNSUPPORTED',
        () =>
          toImageData(
            acquire(new Uint8Array(new SharedArrayBuffer(16))).reshape([2, 2, 4]),
            ImageData,
          ),
      ],
      ['ERR_INVALID_ARG_TYPE', () => toImageData(p, {} as never)],
      ['ERR_INVALID_ARG_TYPE', () => toImageData(new Uint8Array(4) as never, ImageData)],
    ];
    for (const [index, [code, run]] of cases.entries())
      expect([index, codeOf(run)]).toEqual([index, code]);
    const shared = acquire(new Uint8Array(new SharedArrayBuffer(16))).reshape([2, 2, 4]);
    expect(toImageData(shared, ImageData, copying).data.length).toBe(16);
  });
});

describe('fromImageData', () => {
  test('refuses what is none', () => {
    const data = new Uint8ClampedArray(24);
    const cases: [string, unknown][] = [
      ['ERR_NBUF_BOUNDS', { data, width: 3, height: 3 }],
      ['ERR_OUT_OF_RANGE', { data, width: 3, height: 0 }],
      ['ERR_INVALID_ARG_TYPE', { data: [1], width: 3, height: 2 }],
      ['ERR_INVALID_ARG_TYPE', { data, width: undefined, height: 2 }],
      ['ERR_INVALID_ARG_TYPE', 'image'],
    ];
    for (const [index, [code, image]] of cases.entries())
      expect([index, codeOf(() => fromImageData(image as ImageData))]).toEqual([
        index,
        code,
      ]);
  });
});

describe('fromCanvas', () => {
  test('@napi-rs/canvas: packed RGBA, or half floats', () => {
    const bytes = new Uint8Array(24).map((_, k) => k);
    const p = fromCanvas({ width: 3, height: 2, data: () => bytes });
    expect([p.shape, p.format, p.get(1, 2, 3)]).toEqual([[2, 3, 4], 'B', 23]);
    const half = fromCanvas({ width: 3, height: 1, data: () => bytes });
    expect([half.shape, half.format]).toEqual([[1, 3, 4], 'e']);
  });

  test('node-canvas, its documented shape: BGRA with padded rows', () => {
    const raw = Buffer.from(new Uint8Array(32).map((_, k) => k));
    const p = fromCanvas({ width: 3, height: 2, stride: 16, toBuffer: () => raw });
    expect([p.shape, p.strides]).toEqual([
      [2, 3, 4],
      [16, 4, 1],
    ]);
    expect(p.get(1, 0, 0)).toBe(16);
    p.release();
  });

  test('refuses other pixels', () => {
    const bytes = new Uint8Array(24);
    const cases: [string, unknown][] = [
      ['ERR_NBUF_FORMAT', { width: 3, height: 2, stride: 8, toBuffer: () => bytes }],
      ['ERR_NBUF_FORMAT', { width: 5, height: 2, data: () => bytes }],
      ['ERR_NBUF_BOUNDS', { width: 3, height: 2, stride: 16, toBuffer: () => bytes }],
      ['ERR_OUT_OF_RANGE', { width: 0, height: 2, data: () => bytes }],
      ['ERR_INVALID_ARG_TYPE', { width: 3, height: 2, data: () => null }],
      ['ERR_INVALID_ARG_TYPE', { width: 3, height: 2 }],
      ['ERR_INVALID_ARG_TYPE', { width: 3, height: 2, toBuffer: () => bytes }],
    ];
    for (const [index, [code, canvas]] of cases.entries())
      expect([index, codeOf(() => fromCanvas(canvas as CanvasLike))]).toEqual([
        index,
        code,
      ]);
  });
});
