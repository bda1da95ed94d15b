/** The two example addons meet: one exports frames, the other computes on anything. */

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from './compiler.ts';
import { forCases, type Random, randomLayout } from './random.ts';

type Channel = { min: number; max: number; mean: number; histogram: number[] };
type Stats = { channels: Channel[] };
type Options = { bins?: number };
type StatsAddon = {
  stats(value: unknown, options?: unknown): Promise<Stats>;
  statsSync(value: unknown, options?: unknown): Stats;
};
type FrameAddon = {
  makeFrame(width: number, height: number, rowStride?: number): object;
  frameFrom(bytes: unknown, ...extents: unknown[]): object;
  liveFrames(): number;
};
type LenderAddon = {
  strided(
    bytes: Uint8Array,
    format: string,
    itemsize: number,
    shape: readonly number[],
    strides: readonly number[],
    offset: number,
  ): object;
};

function load(folder: string, name: string): unknown {
  const file = join(root, folder, `build/Release/${name}.node`);
  if (!existsSync(file))
    throw new Error(`expected ${name}.node; build it: npx node-gyp rebuild -C ${folder}`);
  return createRequire(import.meta.url)(file);
}

const { stats, statsSync } = load('examples/stats', 'stats') as StatsAddon;
const frames = load('examples/frame', 'frame') as FrameAddon;
const lender = load('test/addons/probe', 'lender') as LenderAddon;

/** The obvious statistics of a list of numbers; low and high only for single bytes. */
function model(
  values: readonly number[],
  bins: number,
  range?: [number, number],
): Channel {
  const finite = values.filter(Number.isFinite);
  const histogram: number[] = new Array(bins).fill(0);
  if (finite.length === 0) return { min: NaN, max: NaN, mean: NaN, histogram };
  const min = Math.min(...finite);
  const max = Math.max(...finite);
  const [low, high] = range ?? [min, max];
  for (const value of finite) {
    const bin = Math.floor(((value - low) / (high - low || 1)) * bins);
    const last = Math.min(bin, bins - 1);
    histogram[last] = (histogram[last] ?? 0) + 1;
  }
  const mean = finite.reduce((sum, value) => sum + value, 0) / finite.length;
  return { min, max, mean, histogram };
}

function expectChannel(found: Channel | undefined, expected: Channel): void {
  expect(found?.min).toBe(expected.min);
  expect(found?.max).toBe(expected.max);
  expect(found?.histogram).toEqual(expected.histogram);
  if (Number.isNaN(expected.mean)) expect(found?.mean).toBeNaN();
  else expect(found?.mean).toBeCloseTo(expected.mean, 6);
}

describe('frames', () => {
  test('are padded, and the padding is not seen', async () => {
    const frame = frames.makeFrame(300, 200);
    const { channels } = await stats(frame, { bins: 8 });
    const pixels = Array.from({ length: 300 * 200 }, (_, i) => [
      (i % 300) & 255,
      Math.floor(i / 300),
      ((i % 300) ^ Math.floor(i / 300)) & 255,
      255,
    ]);
    expect(channels.length).toBe(4);
    for (let c = 0; c < 4; c++) {
      const values = pixels.map((pixel) => pixel[c] ?? 0);
      expectChannel(channels[c], model(values, 8, [0, 256]));
    }
    expect(statsSync(frame, { bins: 8 })).toEqual({ channels });
  });

  test.each([
    [1, undefined],
    [3, 64],
    [4, 12],
  ])('of %i channels and row stride %s', (channels, rowStride) => {
    const bytes = Uint8Array.from({ length: 3 * 2 * channels }, (_, i) => 7 * i);
    const frame = frames.frameFrom(bytes, 3, 2, channels, rowStride);
    bytes.fill(0); // a copy was made
    const found = statsSync(frame).channels;
    expect(found.length).toBe(channels);
    found.forEach((channel, c) => {
      const values = Array.from({ length: 6 }, (_, i) => 7 * (i * channels + c));
      expectChannel(channel, model(values, 256, [0, 256]));
    });
  });

  test('live as long as something needs them', async () => {
    const before = frames.liveFrames();
    const pending = (() => stats(frames.makeFrame(2000, 1000)))();
    expect(frames.liveFrames()).toBe(before + 1);
    await pending;
    for (let i = 0; i < 50 && frames.liveFrames() > before; i++) {
      globalThis.gc?.();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(frames.liveFrames()).toBeLessThanOrEqual(before);
  });

  test.each([
    [[0, 1], 'ERR_OUT_OF_RANGE'],
    [[1.5, 1], 'ERR_OUT_OF_RANGE'],
    [[Number.NaN, 1], 'ERR_OUT_OF_RANGE'],
    [[1e300, 1], 'ERR_OUT_OF_RANGE'],
    [['1', 1], 'ERR_INVALID_ARG_TYPE'],
    [[], 'ERR_INVALID_ARG_TYPE'],
    [[4, 4, 15], 'ERR_OUT_OF_RANGE'],
  ])('refuse makeFrame(%j) with %s', (extents, code) => {
    const call = frames.makeFrame as (...extents: unknown[]) => object;
    expect(() => call(...extents)).toThrow(expect.objectContaining({ code }));
  });

  test.each([
    ['no bytes', [undefined, 1, 1, 1], 'ERR_INVALID_ARG_TYPE'],
    ['wider elements', [new Uint16Array(1), 1, 1, 2], 'ERR_INVALID_ARG_TYPE'],
    ['too few bytes', [new Uint8Array(2), 1, 1, 3], 'ERR_OUT_OF_RANGE'],
    ['a stride below a row', [new Uint8Array(12), 2, 2, 3, 5], 'ERR_OUT_OF_RANGE'],
  ])('refuse frameFrom with %s', (_, [bytes, ...rest], code) => {
    expect(() => frames.frameFrom(bytes, ...rest)).toThrow(
      expect.objectContaining({ code }),
    );
  });
});

type Kind = {
  format: string;
  itemsize: number;
  read(view: DataView, at: number): number;
  range?: [number, number];
};
const kinds: Kind[] = [
  { format: 'b', itemsize: 1, read: (v, at) => v.getInt8(at), range: [-128, 128] },
  { format: 'B', itemsize: 1, read: (v, at) => v.getUint8(at), range: [0, 256] },
  { format: '<h', itemsize: 2, read: (v, at) => v.getInt16(at, true) },
  { format: 'H', itemsize: 2, read: (v, at) => v.getUint16(at, true) },
  { format: '@i', itemsize: 4, read: (v, at) => v.getInt32(at, true) },
  { format: '=I', itemsize: 4, read: (v, at) => v.getUint32(at, true) },
  { format: 'd', itemsize: 8, read: (v, at) => v.getFloat64(at, true) },
  { format: 'f', itemsize: 4, read: (v, at) => v.getFloat32(at, true) },
];

/** All index vectors of a shape. */
function* indices(shape: readonly number[]): Generator<number[]> {
  const [first, ...rest] = shape;
  if (first === undefined) yield [];
  else
    for (let i = 0; i < first; i++) for (const more of indices(rest)) yield [i, ...more];
}

function fill(kind: Kind, random: Random, size: number): Uint8Array {
  const bytes = random.bytes(size);
  if (kind.format !== 'f' && kind.format !== 'd') return bytes;
  // Random bits are mostly absurd magnitudes, whose sums differ by the order of addition.
  const view = new DataView(bytes.buffer);
  for (let at = 0; at + 8 <= size; at += 8) {
    const value = random.pick([random.int(-999, 999) / 8, 0.5, Number.NaN, Infinity]);
    if (kind.format === 'd') view.setFloat64(at, value, true);
    else for (const half of [0, 4]) view.setFloat32(at + half, value / (half + 1), true);
  }
  return bytes;
}

/** Multiples of 8, so that random layouts meet whole floats. */
const evenly = (kind: Kind, n: number): number =>
  kind.format === 'f' || kind.format === 'd' ? n * 8 : n * kind.itemsize;

function checkRandomLayout(random: Random): void {
  const kind = random.pick(kinds);
  const { layout, blockSize } = randomLayout(random, { maxNdim: 4 });
  // In units of an item: the layout's own itemsize is left aside.
  const strides = layout.strides.map((stride) => evenly(kind, stride));
  const offset = evenly(kind, layout.offset);
  const bytes = fill(kind, random, evenly(kind, blockSize + 16));
  const source = lender.strided(
    bytes,
    kind.format,
    kind.itemsize,
    layout.shape,
    strides,
    offset,
  );
  const bins = random.int(1, 20);
  const { channels } = statsSync(source, { bins });
  const view = new DataView(bytes.buffer);
  const isPicture = layout.shape.length === 3;
  const expected = new Map<number, number[]>();
  for (let c = 0; c < (isPicture ? (layout.shape[2] ?? 0) : 1); c++) expected.set(c, []);
  for (const index of indices(layout.shape)) {
    const at = index.reduce((sum, i, axis) => sum + i * (strides[axis] ?? 0), offset);
    expected.get(isPicture ? (index[2] ?? 0) : 0)?.push(kind.read(view, at));
  }
  expect(channels.length).toBe(expected.size);
  for (const [c, values] of expected)
    expectChannel(channels[c], model(values, bins, kind.range));
}

describe('stats', () => {
  test('follow any strides', () => forCases(300, checkRandomLayout));

  test('take borrowed memory at once only', async () => {
    const values = new Float32Array([1, 2, 3, Number.NaN, Infinity, -4]);
    expectChannel(statsSync(values, { bins: 3 }).channels[0], model([...values], 3));
    for (const value of [values, values.buffer, Buffer.alloc(3)])
      await expect(stats(value)).rejects.toMatchObject({ code: 'ERR_NBUF_UNSUPPORTED' });
  });

  test('take shared memory at both times', async () => {
    const shared = new Int16Array(new SharedArrayBuffer(8));
    shared.set([1, -2, 3, 30000]);
    const expected = model([...shared], 16);
    expectChannel((await stats(shared, { bins: 16 })).channels[0], expected);
    expectChannel(statsSync(shared, { bins: 16 }).channels[0], expected);
  });

  test('survive memory that changes under them', async () => {
    const shared = new Float64Array(new SharedArrayBuffer(8 << 18));
    for (let round = 0; round < 10; round++) {
      shared.fill(0);
      const pending = stats(shared, { bins: 10 });
      const end = performance.now() + 8;
      for (let i = 0; performance.now() < end; i++) shared.fill(i % 2 === 0 ? -1e300 : 0);
      const { histogram } = (await pending).channels[0] ?? { histogram: [] };
      expect(histogram.reduce((sum, count) => sum + count, 0)).toBe(shared.length);
    }
  });

  test.each<[string, unknown, Options | unknown, string]>([
    ['no exporter', {}, undefined, 'ERR_NBUF_NOT_EXPORTER'],
    ['nothing', undefined, undefined, 'ERR_NBUF_NOT_EXPORTER'],
    [
      'another format',
      lender.strided(new Uint8Array(2), 'e', 2, [1], [2], 0),
      undefined,
      'ERR_NBUF_FORMAT',
    ],
    ['no bins', new Uint8Array(1), { bins: 0 }, 'ERR_OUT_OF_RANGE'],
    ['half a bin', new Uint8Array(1), { bins: 1.5 }, 'ERR_OUT_OF_RANGE'],
    ['too many bins', new Uint8Array(1), { bins: 1e9 }, 'ERR_OUT_OF_RANGE'],
    ['bins of text', new Uint8Array(1), { bins: '4' }, 'ERR_INVALID_ARG_TYPE'],
    ['wrong options', new Uint8Array(1), 5, 'ERR_INVALID_ARG_TYPE'],
  ])('refuse %s', async (_, value, options, code) => {
    expect(() => statsSync(value, options)).toThrow(expect.objectContaining({ code }));
    if (code !== 'ERR_NBUF_FORMAT')
      await expect(stats(value, options)).rejects.toMatchObject({ code });
  });

  test('read 64-bit integers', () => {
    const [signed] = statsSync(new BigInt64Array([-5n, 3n, 8n])).channels;
    expect(signed).toMatchObject({ min: -5, max: 8, mean: 2 });
    const [unsigned] = statsSync(new BigUint64Array([2n ** 64n - 1n])).channels;
    expect(unsigned).toMatchObject({ min: 2 ** 64, max: 2 ** 64 });
  });

  test('refuse the other byte order and absurd channels', async () => {
    const swapped = lender.strided(new Uint8Array(2), '>h', 2, [1], [2], 0);
    await expect(stats(swapped)).rejects.toMatchObject({ code: 'ERR_NBUF_FORMAT' });
    const wide = lender.strided(new Uint8Array(9), 'B', 1, [1, 1, 5000], [0, 0, 0], 0);
    await expect(stats(wide)).rejects.toMatchObject({ code: 'ERR_OUT_OF_RANGE' });
  });

  test('let an exception of options through', () => {
    const options = {
      get bins(): number {
        throw new Error('mine');
      },
    };
    expect(() => statsSync(new Uint8Array(1), options)).toThrow('mine');
    expect(() => stats(new Uint8Array(1), options)).toThrow('mine');
  });
});
