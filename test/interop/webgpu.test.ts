/**
 * WebGPU has no implementation in Node.js: against a stand-in that follows the specification.
 * (Dawn, of a package: examples/interop/tests/webgpu.test.ts.)
 */

import {
  acquire,
  type BufferError,
  type Full,
  HostArray,
  IndirectArray,
  type Provider,
  type View,
} from 'nbuf';
import { fromWebGpu, toWebGpu, type WebGpuImage, type WebGpuSource } from 'nbuf/interop';
import { describe, expect, test } from 'vitest';
import { forCases, type Random, randomStrides } from '../random.ts';

const copying = { copy: 'if-needed' } as const;

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as BufferError).code ?? String(error);
  }
  return 'none';
}

/** "Validating linear texture data": throws where that fails. */
function validate(
  { data, layout, size }: WebGpuImage,
  texel: number,
  align: number,
): void {
  const { width, height, depthOrArrayLayers: layers } = size;
  const { offset, bytesPerRow, rowsPerImage } = layout;
  const bytesInLastRow = width * texel;
  const isPitched = height > 1 || layers > 1;
  let required = bytesPerRow * rowsPerImage * (layers - 1);
  required += bytesPerRow * (height - 1) + bytesInLastRow;
  const faults = [
    bytesPerRow % align !== 0,
    isPitched && bytesPerRow < bytesInLastRow,
    layers > 1 && rowsPerImage < height,
    offset + required > data.byteLength,
  ];
  if (faults.includes(true)) throw new Error(`WebGPU would refuse: ${faults}`);
}

/** The texels that writeTexture (align 1) or copyBufferToTexture (256) would read. */
function texelsOf(image: WebGpuImage, texel: number, align: number): Buffer {
  validate(image, texel, align);
  const { data, layout, size } = image;
  const { offset, bytesPerRow, rowsPerImage } = layout;
  const rows: Uint8Array[] = [];
  for (let layer = 0; layer < size.depthOrArrayLayers; layer++)
    for (let row = 0; row < size.height; row++) {
      const at = offset + (layer * rowsPerImage + row) * bytesPerRow;
      rows.push(data.subarray(at, at + size.width * texel));
    }
  return Buffer.concat(rows);
}

const LETTERS = ['W', 'HW', 'HWC', 'LHW', 'LHWC'] as const;
type FullView = View<string, never, Full>;
type Case = {
  view: FullView;
  provider: Provider;
  axes: string;
  layers: boolean;
  align: number;
};

/** In bytes: rows and layers with padding, or what randomStrides makes of it. */
function randomSteps(
  random: Random,
  shape: number[],
  axes: string,
  itemsize: number,
): number[] {
  if (random.chance(0.4)) return randomStrides(random, shape, itemsize);
  const components = axes.endsWith('C') ? (shape.at(-1) as number) : 1;
  const extent = (axis: string): number => shape[axes.indexOf(axis)] ?? 1;
  const texel = components * itemsize;
  let row = extent('W') * texel + random.pick([0, 0, 1, 4, 7]);
  if (random.chance(0.3)) row = Math.ceil(row / 16) * 16;
  const image =
    row * (extent('H') + random.pick([0, 0, 1, 3])) + random.pick([0, 0, 0, 1]);
  const steps: Record<string, number> = { L: image, H: row, W: texel, C: itemsize };
  return [...axes].map((axis) => steps[axis] as number);
}

function randomCase(random: Random): Case {
  const axes = random.pick(LETTERS);
  const format = random.pick(['B', 'B', '<H', '<f', '>H', '<I']);
  const itemsize = { B: 1, H: 2, f: 4, I: 4 }[format.at(-1) as string] as number;
  const shape = [...axes].map((axis) =>
    axis === 'C' ? random.int(1, 4) : random.int(1, 4),
  );
  const strides = randomSteps(random, shape, axes, itemsize);
  let [low, high] = [0, itemsize];
  shape.forEach((extent, axis) => {
    const span = (extent - 1) * (strides[axis] as number);
    if (span < 0) low -= span;
    else high += span;
  });
  const offset = low + random.int(0, 5);
  const memory = random.bytes(offset + high + random.pick([0, 3]));
  const array = HostArray.fromBytes(memory, { shape, strides, offset, format });
  const provider = acquire(array);
  const view = random.chance(0.1) ? provider.toReadonly() : provider;
  const align = random.pick([1, 1, 1, 4, 16, 256]);
  return { view: view as never, provider, axes, layers: axes === 'LHW', align };
}

function* indices(shape: readonly number[]): Generator<number[]> {
  if (shape.length === 0) yield [];
  else
    for (let k = 0; k < (shape[0] as number); k++)
      for (const rest of indices(shape.slice(1))) yield [k, ...rest];
}

/** Brute force: is there a bytesPerRow and a rowsPerImage for these addresses? */
function canSay({ view, axes, align }: Case): boolean {
  if (view.readonly || view.format.startsWith('>')) return false;
  const { shape, strides, itemsize } = view;
  const extent = (axis: string): number => shape[axes.indexOf(axis)] ?? 1;
  const place = (index: readonly number[]): number =>
    index.reduce((sum, k, axis) => sum + k * (strides[axis] as number), 0);
  const texel = extent('C') * itemsize;
  const width = extent('W') * texel;
  const all = [...indices(shape)];
  // All pitches that could matter, tried one after the other.
  for (let row = Math.ceil(width / align) * align; row <= 1024; row += align)
    for (let rows = extent('H'); rows <= 16; rows++) {
      const fits = all.every((index) => {
        const [l = 0, h = 0, w = 0, c = 0] = ['L', 'H', 'W', 'C'].map(
          (axis) => index[axes.indexOf(axis)] ?? 0,
        );
        return place(index) === (l * rows + h) * row + w * texel + c * itemsize;
      });
      if (fits) return true;
      if (extent('L') === 1) break;
    }
  return false;
}

function bytesOf(view: View): Buffer {
  const bytes = Buffer.from(view.toBytes());
  return view.format?.startsWith('>') ? bytes.swap16() : bytes;
}

describe('toWebGpu', () => {
  test('shared exactly where WebGPU can say the layout, else copied', () => {
    const count = { shared: 0, refused: 0 };
    forCases(600, (random) => {
      const given = randomCase(random);
      const { view, layers, align, axes, provider } = given;
      const options = { layers, align };
      const code = codeOf(() => toWebGpu(view, options));
      const expected = canSay(given);
      expect([code === 'none', code, view.shape, view.strides]).toEqual([
        expected,
        code,
        view.shape,
        view.strides,
      ]);
      const texel =
        view.itemsize * (axes.endsWith('C') ? (view.shape.at(-1) as number) : 1);
      const image = toWebGpu(view, { ...options, ...copying });
      expect(texelsOf(image, texel, align)).toEqual(bytesOf(view));
      expect(image.data.buffer === provider.buffer).toBe(expected);
      const copy = toWebGpu(view, { ...options, copy: 'always' });
      expect(texelsOf(copy, texel, align)).toEqual(bytesOf(view));
      expect(copy.data.buffer).not.toBe(provider.buffer);
      count[expected ? 'shared' : 'refused']++;
      provider.release();
      expect([image.data.length, copy.data.length === 0]).toEqual(
        expected ? [0, false] : [image.data.length, false],
      );
    });
    expect(count.shared).toBeGreaterThan(50);
    expect(count.refused).toBeGreaterThan(50);
  });

  test('a frame with padded rows goes as it is; rows of 256 bytes where asked', () => {
    const bytes = new Uint8Array(3 * 512).map((_, k) => k);
    const array = HostArray.fromBytes(bytes, {
      shape: [3, 100, 4],
      strides: [512, 4, 1],
    });
    const p = acquire(array);
    const image = toWebGpu(p, { align: 256 });
    expect(image.layout).toEqual({ offset: 0, bytesPerRow: 512, rowsPerImage: 3 });
    expect(image.size).toEqual({ width: 100, height: 3, depthOrArrayLayers: 1 });
    expect(image.data.length).toBe(2 * 512 + 400);
    p.set(2, 99, 3, 77);
    expect(image.data.at(-1)).toBe(77);
    const narrow = p.slice(null, [0, 99]);
    expect(toWebGpu(narrow, { align: 256 }).layout.bytesPerRow).toBe(512);
    const packed = acquire(p.toContiguous());
    expect(toWebGpu(packed).layout.bytesPerRow).toBe(400);
    expect(() => toWebGpu(packed, { align: 256 })).toThrow(
      /multiple of 256.*400.*if-needed/,
    );
    const copy = toWebGpu(packed, { align: 256, ...copying });
    expect([copy.layout.bytesPerRow, copy.data.length]).toEqual([512, 1424]);
    p.release();
    packed.release();
  });

  test('records, which are texels of one element', () => {
    const array = HostArray.allocate([2, 3], 'T{B:r:B:g:B:b:B:a:}');
    const p = acquire(array);
    expect(toWebGpu(p).layout.bytesPerRow).toBe(12);
    const big = acquire(HostArray.allocate([2, 3], 'T{>H:r:>H:g:}'));
    expect(codeOf(() => toWebGpu(big))).toBe('ERR_NBUF_FORMAT');
    expect(codeOf(() => toWebGpu(big, copying))).toBe('ERR_NBUF_FORMAT');
  });

  test('no texels, no bytes', () => {
    const p = acquire(HostArray.allocate([0, 5, 4]));
    const { data, layout, size } = toWebGpu(p, { align: 256 });
    expect([data.length, layout.bytesPerRow, size.height]).toEqual([0, 256, 0]);
  });

  test('layers that overlap, stand still or go backwards', () => {
    const bytes = new Uint8Array(200);
    const cases: [number[], number[]][] = [
      [
        [2, 1, 3, 4],
        [-12, 12, 4, 1],
      ], // one row each, backwards
      [
        [2, 1, 3, 4],
        [8, 12, 4, 1],
      ], // one row each, overlapping
      [
        [2, 1, 3, 4],
        [0, 12, 4, 1],
      ],
      [
        [2, 2, 3, 4],
        [12, 12, 4, 1],
      ], // the second begins at the first's second row
      [
        [2, 2, 3, 4],
        [0, 12, 4, 1],
      ],
      [
        [2, 2, 3, 4],
        [-24, 12, 4, 1],
      ],
      [
        [2, 2, 3, 4],
        [30, 12, 4, 1],
      ], // not a number of rows
    ];
    for (const [shape, strides] of cases) {
      const p = acquire(HostArray.fromBytes(bytes, { shape, strides, offset: 100 }));
      expect([strides, codeOf(() => toWebGpu(p))]).toEqual([strides, 'ERR_NBUF_STRIDES']);
      expect(texelsOf(toWebGpu(p, copying), 4, 1)).toEqual(bytesOf(p));
      p.release();
    }
  });

  test('says why not', () => {
    const p = acquire(HostArray.allocate([2, 3, 4]));
    const rows = IndirectArray.fromRows([new Uint8Array(8), new Uint8Array(8)]);
    const cases: [string, () => unknown][] = [
      ['ERR_NBUF_CONTIGUITY', () => toWebGpu(p.slice([null, null, -1]))],
      ['ERR_NBUF_CONTIGUITY', () => toWebGpu(p.transpose(1, 0, 2))],
      ['ERR_NBUF_CONTIGUITY', () => toWebGpu(p.slice(null, null, [0, 3]))],
      ['ERR_NBUF_READONLY', () => toWebGpu(p.toReadonly())],
      ['ERR_NBUF_SUBOFFSETS', () => toWebGpu(acquire(rows))],
      ['ERR_NBUF_STRIDES', () => toWebGpu(p, { align: 16 })],
      ['ERR_OUT_OF_RANGE', () => toWebGpu(acquire(HostArray.allocate([])))],
      ['ERR_OUT_OF_RANGE', () => toWebGpu(p.reshape([1, 1, 2, 3, 4]), copying)],
      ['ERR_OUT_OF_RANGE', () => toWebGpu(p, { align: 0 })],
      ['ERR_INVALID_ARG_TYPE', () => toWebGpu(p, { align: '1' as never })],
      ['ERR_INVALID_ARG_TYPE', () => toWebGpu(p, { layers: 1 as never })],
      ['ERR_INVALID_ARG_TYPE', () => toWebGpu(new Uint8Array(4) as never)],
    ];
    for (const [index, [code, run]] of cases.entries())
      expect([index, codeOf(run)]).toEqual([index, code]);
    p.release();
    expect(codeOf(() => toWebGpu(p, copying))).toBe('ERR_NBUF_RELEASED');
  });
});

describe('fromWebGpu', () => {
  test('every texel of every layout, and writing', () => {
    forCases(300, (random) => {
      const [width, height, layers] = [
        random.int(1, 5),
        random.int(1, 5),
        random.int(1, 3),
      ];
      const components = random.pick([0, 1, 3, 4]) || undefined;
      const format = random.pick(['B', '<H', '<f']);
      const itemsize = { B: 1, H: 2, f: 4 }[format.at(-1) as string] as number;
      const texel = (components ?? 1) * itemsize;
      const bytesPerRow = width * texel + random.int(0, 9);
      const rowsPerImage = height + random.int(0, 2);
      const offset = random.int(0, 9);
      const length = offset + ((layers - 1) * rowsPerImage + height) * bytesPerRow;
      const data = random.bytes(length);
      const size = random.pick([
        { width, height, depthOrArrayLayers: layers },
        [width, height, layers],
      ]);
      const layout = { offset, bytesPerRow, rowsPerImage };
      const p = fromWebGpu(
        { data, ...layout, size, format, components },
        { writable: true },
      );
      const whole = { width, height, depthOrArrayLayers: layers };
      const texels = texelsOf({ data, layout, size: whole }, texel, 1);
      expect(Buffer.from(p.toBytes())).toEqual(texels);
      const expected = [layers, height, width, components];
      expect(p.shape).toEqual(
        expected.filter((n, k) => n !== undefined && (k > 0 || n > 1)),
      );
      p.copyFrom(HostArray.allocate(p.shape as number[], format));
      expect(
        texelsOf({ data, layout, size: whole }, texel, 1).every((byte) => byte === 0),
      ).toBe(true);
      p.release();
    });
  });

  test('into a mapped range, until it is unmapped', () => {
    const range = new ArrayBuffer(3 * 256);
    const size = { width: 5, height: 3 };
    const p = fromWebGpu({ data: range, bytesPerRow: 256, size, components: 4 });
    const image = acquire(HostArray.from(new Uint8Array(60).fill(9))).reshape([3, 5, 4]);
    p.copyFrom(image);
    const bytes = new Uint8Array(range);
    expect([bytes[255], bytes[256], bytes[275], bytes[276]]).toEqual([0, 9, 9, 0]);
    structuredClone(range, { transfer: [range] }); // what unmap() does to it
    expect(codeOf(() => p.get(0, 0, 0))).toBe('ERR_NBUF_DETACHED');
    p.release();
  });

  test('refuses what cannot be', () => {
    const good = { data: new Uint8Array(64), size: [4, 4], components: 4 };
    const cases: [string, unknown][] = [
      ['ERR_NBUF_BOUNDS', { ...good, data: new Uint8Array(63) }],
      ['ERR_NBUF_BOUNDS', { ...good, offset: 1 }],
      ['ERR_OUT_OF_RANGE', { ...good, bytesPerRow: 15 }],
      ['ERR_OUT_OF_RANGE', { ...good, size: [2, 2, 2], rowsPerImage: 1 }],
      ['ERR_OUT_OF_RANGE', { ...good, size: [0, 2] }],
      ['ERR_OUT_OF_RANGE', { ...good, size: [2, 1, 2], layers: false }],
      ['ERR_OUT_OF_RANGE', { ...good, offset: -1 }],
      ['ERR_INVALID_ARG_TYPE', { ...good, size: 4 }],
      ['ERR_INVALID_ARG_TYPE', { ...good, layers: 'yes' }],
      ['ERR_NBUF_FORMAT', { ...good, format: 'y' }],
      ['ERR_NBUF_NOT_EXPORTER', { ...good, data: {} }],
      ['ERR_INVALID_ARG_TYPE', undefined],
    ];
    for (const [index, [code, source]] of cases.entries())
      expect([index, codeOf(() => fromWebGpu(source as WebGpuSource))]).toEqual([
        index,
        code,
      ]);
    const p = fromWebGpu({ ...good, layers: true });
    expect(p.shape).toEqual([1, 4, 4, 4]);
    p.release();
  });
});
