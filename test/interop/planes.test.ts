/**
 * WebCodecs has no implementation in Node.js: against a stand-in that follows the specification.
 * (A real VideoFrame, of a package: examples/interop/tests/webcodecs.test.ts.)
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
import {
  fromPlanes,
  type PlanesSource,
  toPlanes,
  type VideoPixelFormat,
} from 'nbuf/interop';
import { describe, expect, test } from 'vitest';
import { forCases, type Random } from '../random.ts';
import { formats, geometryOf, VideoFrame } from './video_frame.ts';

const copying = { copy: 'if-needed' } as const;

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as BufferError).code ?? String(error);
  }
  return 'none';
}

type Layout = { offset: number; stride: number };
type FullProvider = Provider<'B' | '<H', number, Full>;
type FullView = View<'B' | '<H', number, Full>;

/** A layout with padding around and between, planes in any order, and the bytes that it takes. */
function randomPlanes(random: Random, format: string, width: number, height: number) {
  const geometry = geometryOf(format, width, height);
  const layout: Layout[] = geometry.map(() => ({ offset: 0, stride: 0 }));
  let end = random.int(0, 5);
  for (const plane of random.shuffle(geometry.map((_, k) => k))) {
    const { rows, rowBytes } = geometry[plane] as (typeof geometry)[0];
    const stride = rowBytes + (random.chance(0.5) ? 0 : random.int(0, 9));
    layout[plane] = { offset: end, stride };
    end += stride * rows + (random.chance(0.5) ? 0 : random.int(0, 7));
  }
  return { layout, byteLength: end };
}

type RandomSource = PlanesSource & { data: Uint8Array; layout: readonly Layout[] };

function randomSource(random: Random): RandomSource {
  const format = random.pick(formats) as VideoPixelFormat;
  const [codedWidth, codedHeight] = [random.int(1, 9), random.int(1, 9)];
  const { layout, byteLength } = randomPlanes(random, format, codedWidth, codedHeight);
  // A window of something bigger: the offsets count from its first byte.
  const whole = random.bytes(byteLength + 16);
  const data = whole.subarray(random.int(0, 8)).subarray(0, byteLength);
  return { data, format, codedWidth, codedHeight, layout };
}

/** The element at an index by the specification's own terms. */
function sampleAt(
  source: RandomSource,
  plane: number,
  [row = 0, column = 0, part = 0]: readonly number[],
): { at: number; value: number } {
  const { data, layout, format, codedWidth, codedHeight } = source;
  const geometry = geometryOf(format, codedWidth, codedHeight)[plane];
  const { sample } = geometry as typeof geometry & object;
  const { offset, stride } = layout[plane] as Layout;
  const at = offset + row * stride + column * sample + part;
  const isWide = /P1[02]$/.test(format);
  const low = data[at] as number;
  return { at, value: isWide ? low + 256 * (data[at + 1] as number) : low };
}

function* indices(shape: readonly number[]): Generator<number[]> {
  if (shape.length === 0) yield [];
  else
    for (let k = 0; k < (shape[0] as number); k++)
      for (const rest of indices(shape.slice(1))) yield [k, ...rest];
}

const release = (providers: readonly Provider[]): void => {
  for (const provider of providers) provider.release();
};

/** The bytes of a view in C order, samples little-endian. */
function bytesOf(view: View): Uint8Array {
  const bytes = view.toBytes();
  if (view.format?.startsWith('>')) {
    const pairs = new Uint16Array(bytes.buffer);
    pairs.forEach((pair, k) => {
      pairs[k] = ((pair & 255) << 8) | (pair >> 8);
    });
  }
  return bytes;
}

/** A frame made of what toPlanes gave has the samples of the views. */
function expectFrame(
  planes: ReturnType<typeof toPlanes>,
  views: readonly View[],
): VideoFrame {
  const { data, ...init } = planes;
  const frame = new VideoFrame(data, { ...init, timestamp: 0 });
  frame.rows.forEach((rows, plane) => {
    expect(Buffer.concat(rows)).toEqual(Buffer.from(bytesOf(views[plane] as View)));
  });
  return frame;
}

describe('fromPlanes', () => {
  test('every sample of every format, where the specification has it', () => {
    forCases(400, (random) => {
      const source = randomSource(random);
      const planes = fromPlanes(source);
      const geometry = geometryOf(source.format, source.codedWidth, source.codedHeight);
      expect(planes.length).toBe(geometry.length);
      planes.forEach((plane, k) => {
        const { rows, rowBytes } = geometry[k] as (typeof geometry)[0];
        expect(plane.shape[0]).toBe(rows);
        expect((plane.byteLength / rows) | 0).toBe(rowBytes);
        for (const index of indices(plane.shape))
          expect(plane.get(...index)).toBe(sampleAt(source, k, index).value);
      });
      release(planes);
    });
  });

  test('is the memory: what is written on one side is read on the other', () => {
    forCases(60, (random) => {
      const source = randomSource(random);
      const planes = fromPlanes(source, { writable: true }) as FullProvider[];
      const k = random.int(0, planes.length - 1);
      const plane = planes[k] as FullProvider;
      const index = plane.shape.map((extent) => random.int(0, extent - 1));
      const { at } = sampleAt(source, k, index);
      plane.set(...([...index, 7] as [number, number]));
      expect(source.data[at]).toBe(7);
      source.data[at] = 9;
      expect((plane.get(...index) as number) & 255).toBe(9);
      release(planes);
    });
  });

  test('the windows of a visible rectangle', () => {
    forCases(200, (random) => {
      const source = randomSource(random);
      const { codedWidth, codedHeight, format } = source;
      const geometry = geometryOf(format, codedWidth, codedHeight);
      const across = Math.max(...geometry.map((plane) => plane.across));
      const down = Math.max(...geometry.map((plane) => plane.down));
      const x = across * random.int(0, Math.floor((codedWidth - 1) / across));
      const y = down * random.int(0, Math.floor((codedHeight - 1) / down));
      const width = random.int(1, codedWidth - x);
      const height = random.int(1, codedHeight - y);
      const visibleRect = { x, y, width, height };
      const frame = new VideoFrame(source.data, {
        ...source,
        visibleRect,
        timestamp: 0,
      } as never);
      const planes = fromPlanes({ ...source, visibleRect });
      const data = new Uint8Array(1000);
      const layout = frame.copyTo(data);
      const size = { codedWidth: width, codedHeight: height };
      const copied = fromPlanes({ data, format, ...size, layout });
      expect(planes.map((plane) => plane.toArray())).toEqual(
        copied.map((plane) => plane.toArray()),
      );
      release(copied);
      release(planes);
    });
  });

  test('refuses what VideoFrame refuses', () => {
    const good = {
      data: new Uint8Array(100),
      format: 'I420',
      codedWidth: 4,
      codedHeight: 4,
    } as const;
    const layout = [
      { offset: 0, stride: 4 },
      { offset: 16, stride: 2 },
      { offset: 20, stride: 2 },
    ];
    const cases: [string, unknown][] = [
      ['ERR_OUT_OF_RANGE', { ...good, format: 'I421' }],
      ['ERR_OUT_OF_RANGE', { ...good, format: '__proto__' }],
      ['ERR_OUT_OF_RANGE', { ...good, format: 'constructor' }],
      ['ERR_OUT_OF_RANGE', { ...good, format: undefined }],
      ['ERR_OUT_OF_RANGE', { ...good, codedWidth: 0 }],
      ['ERR_OUT_OF_RANGE', { ...good, codedWidth: 1.5 }],
      ['ERR_INVALID_ARG_TYPE', { ...good, codedHeight: '4' }],
      ['ERR_OUT_OF_RANGE', { ...good, layout: layout.slice(1) }],
      ['ERR_INVALID_ARG_TYPE', { ...good, layout: {} }],
      ['ERR_INVALID_ARG_TYPE', { ...good, layout: [1, 2, 3] }],
      [
        'ERR_OUT_OF_RANGE',
        { ...good, layout: [{ offset: 0, stride: 3 }, ...layout.slice(1)] },
      ],
      [
        'ERR_OUT_OF_RANGE',
        { ...good, layout: [{ offset: -1, stride: 4 }, ...layout.slice(1)] },
      ],
      ['ERR_NBUF_BOUNDS', { ...good, data: new Uint8Array(23) }],
      [
        'ERR_NBUF_BOUNDS',
        { ...good, layout: [...layout.slice(0, 2), { offset: 97, stride: 2 }] },
      ],
      ['ERR_OUT_OF_RANGE', { ...good, visibleRect: { x: 1, y: 0, width: 2, height: 2 } }],
      ['ERR_OUT_OF_RANGE', { ...good, visibleRect: { x: 2, y: 0, width: 3, height: 2 } }],
      ['ERR_OUT_OF_RANGE', { ...good, visibleRect: { x: 0, y: 0, width: 0, height: 2 } }],
      [
        'ERR_OUT_OF_RANGE',
        { ...good, codedWidth: 2 ** 32 - 1, codedHeight: 2 ** 32 - 1 },
      ],
      ['ERR_NBUF_NOT_EXPORTER', { ...good, data: [1, 2] }],
      ['ERR_INVALID_ARG_TYPE', null],
    ];
    for (const [code, source] of cases)
      expect([code, codeOf(() => fromPlanes(source as PlanesSource))]).toEqual([
        code,
        code,
      ]);
    release(fromPlanes(good));
  });

  test('leaves no provider where one was refused', () => {
    const array = HostArray.allocate([23]);
    const source = {
      data: array,
      format: 'I420',
      codedWidth: 4,
      codedHeight: 4,
    } as const;
    expect(codeOf(() => fromPlanes(source))).toBe('ERR_NBUF_BOUNDS');
    expect(array.locks.memory).toBe(0);
  });

  test('keeps the data alive, and its transfer in sight', () => {
    const data = new Uint8Array(24).fill(5);
    const planes = fromPlanes({ data, format: 'I420', codedWidth: 4, codedHeight: 4 });
    expect(planes[2]?.get(1, 1)).toBe(5);
    structuredClone(data.buffer, { transfer: [data.buffer] });
    expect(codeOf(() => planes[2]?.get(1, 1))).toBe('ERR_NBUF_DETACHED');
    expect(codeOf(() => toPlanes(planes, 'I420'))).toBe('ERR_NBUF_DETACHED');
    release(planes);
  });
});

describe('toPlanes', () => {
  test('what fromPlanes shows goes back without a copy', () => {
    forCases(400, (random) => {
      const source = randomSource(random);
      const planes = fromPlanes(source);
      const made = toPlanes(planes, source.format);
      expect(made.data.buffer).toBe(source.data.buffer);
      const first = Math.min(...source.layout.map(({ offset }) => offset));
      expect(made.data.byteOffset).toBe(source.data.byteOffset + first);
      expectFrame(made, planes);
      release(planes);
    });
  });

  test('any views: shared exactly where WebCodecs can say the layout, else copied', () => {
    const count = { shared: 0, refused: 0 };
    forCases(500, (random) => {
      const format = random.pick(formats) as VideoPixelFormat;
      const made = randomViews(random, format);
      const { views } = made;
      const code = codeOf(() => toPlanes(views, format));
      const expected = canSay(views);
      expect([code === 'none', code]).toEqual([expected, code]);
      const result = toPlanes(views, format, copying);
      expectFrame(result, views);
      expect(made.blocks.has(result.data.buffer)).toBe(expected);
      expect(
        made.blocks.has(toPlanes(views, format, { copy: 'always' }).data.buffer),
      ).toBe(false);
      count[expected ? 'shared' : 'refused']++;
      made.release();
    });
    expect(count.shared).toBeGreaterThan(40);
    expect(count.refused).toBeGreaterThan(40);
  });

  test('the memory ends with its last provider', () => {
    const array = HostArray.allocate([24]);
    const source = {
      data: array,
      format: 'NV12',
      codedWidth: 4,
      codedHeight: 4,
    } as const;
    const planes = fromPlanes(source);
    const { data, layout } = toPlanes(planes, 'NV12');
    expect([data.length, layout[1]]).toEqual([24, { offset: 16, stride: 4 }]);
    const copy = toPlanes(planes, 'NV12', { copy: 'always' }).data;
    planes[0]?.release();
    expect(data.length).toBe(24);
    planes[1]?.release();
    expect([data.length, copy.length]).toEqual([0, 24]);
    expect(codeOf(() => toPlanes(planes, 'NV12', copying))).toBe('ERR_NBUF_RELEASED');
  });

  test('says why not, and what helps', () => {
    const one = (data: Uint8Array, stride: number): Provider[] =>
      fromPlanes({
        data,
        format: 'RGBA',
        codedWidth: 2,
        codedHeight: 2,
        layout: [{ offset: 0, stride }],
      });
    const message = (views: readonly View[], format: VideoPixelFormat): string => {
      try {
        toPlanes(views, format);
      } catch (error) {
        return `${(error as BufferError).code}: ${(error as Error).message}`;
      }
      return 'none';
    };
    // The second row's padding would end behind the data; without it, it is fine.
    expect(message(one(new Uint8Array(20), 12), 'RGBA')).toMatch(
      /^ERR_NBUF_STRIDES: WebCodecs wants whole rows.* at byte 24 of 20; pass .*'if-needed'/,
    );
    expect(message(one(new Uint8Array(24), 12), 'RGBA')).toBe('none');
    const image = acquire(new Uint8Array(16)).reshape([2, 2, 4]);
    expect(message([image.slice(null, [null, null, -1])], 'RGBA')).toMatch(
      /^ERR_NBUF_CONTIGUITY: .*pixels of a row/,
    );
    expect(message([image.slice([null, null, -1])], 'RGBA')).toMatch(
      /^ERR_NBUF_CONTIGUITY: .*rows/,
    );
    expect(message([image.slice(null, null, [null, null, -1])], 'BGRA')).toMatch(
      /^ERR_NBUF_CONTIGUITY: .*components/,
    );
    expect(message([image.toReadonly()], 'RGBA')).toMatch(/^ERR_NBUF_READONLY/);
    const rows = IndirectArray.fromRows([new Uint8Array(8), new Uint8Array(8)]);
    expect(message([acquire(rows).reshape([2, 2, 4])], 'RGBA')).toMatch(
      /^ERR_NBUF_SUBOFFSETS/,
    );
    const shapes: [readonly View[], VideoPixelFormat, RegExp][] = [
      [[image], 'I420', /views: expected 3 planes, found 1/],
      [[image], 'NV12', /views: expected 2 planes/],
      [[image.slice(null, null, [0, 3])], 'RGBA', /\[2,2,4\], found \[2,2,3\]/],
      [[acquire(HostArray.allocate([2, 2, 4], 'H'))], 'RGBA', /uint8, found format 'H'/],
      [[acquire(new Uint8Array(0)).reshape([0, 2, 4])], 'RGBA', /and pixels/],
    ];
    for (const [views, format, pattern] of shapes)
      expect(message(views, format)).toMatch(pattern);
    expect(codeOf(() => toPlanes(null as never, 'RGBA'))).toBe('ERR_INVALID_ARG_TYPE');
    expect(codeOf(() => toPlanes([new Uint8Array(4)] as never, 'RGBA'))).toBe(
      'ERR_INVALID_ARG_TYPE',
    );
    expect(codeOf(() => toPlanes([image], 'RGBA', { copy: 'yes' as never }))).toBe(
      'ERR_OUT_OF_RANGE',
    );
    const rect = { x: 0, y: 0, width: 3, height: 1 };
    expect(codeOf(() => toPlanes([image], 'RGBA', { visibleRect: rect }))).toBe(
      'ERR_OUT_OF_RANGE',
    );
    const visible = toPlanes([image], 'RGBA', { visibleRect: { ...rect, width: 1 } });
    expect(visible.visibleRect).toEqual({ x: 0, y: 0, width: 1, height: 1 });
    expectFrame(visible, [image]);
  });
});

type Views = {
  readonly views: FullView[];
  readonly blocks: ReadonlySet<ArrayBufferLike>;
  release(): void;
};

/** Another view of the same shape; `own` is the provider of another block, if it has one. */
function bend(
  random: Random,
  view: FullView,
): { view: FullView; own: FullProvider | null } {
  const kind = random.int(0, view.itemsize === 2 ? 4 : 3);
  if (kind === 0) return { view: view.slice([null, null, -1]), own: null };
  if (kind === 1) return { view: view.slice(null, [null, null, -1]), own: null };
  if (kind === 2) return { view: view.toReadonly(), own: null };
  const other = kind === 3 ? view.toContiguous() : HostArray.allocate(view.shape, '>H');
  const own = acquire(other) as FullProvider;
  if (kind === 4) own.copyFrom(view, { convert: 'same-kind' });
  return { view: own, own };
}

/** Planes as fromPlanes has them, most of them then bent in some way. */
function randomViews(random: Random, format: VideoPixelFormat): Views {
  const [width, height] = [random.int(1, 5), random.int(1, 5)];
  const { layout, byteLength } = randomPlanes(random, format, width, height);
  if (random.chance(0.3)) {
    const plane = random.pick(layout);
    plane.offset = Math.max(0, plane.offset - random.int(1, 6)); // into the one before
  }
  const ends = geometryOf(format, width, height).map(
    ({ rows, rowBytes }, k) =>
      (layout[k]?.offset ?? 0) + (rows - 1) * (layout[k]?.stride ?? 0) + rowBytes,
  );
  const least = Math.max(...ends);
  const size = random.chance(0.4) ? least : Math.max(least, byteLength);
  const array = HostArray.from(random.bytes(size));
  const source = { data: array, format, codedWidth: width, codedHeight: height, layout };
  const providers: FullProvider[] = fromPlanes(source);
  const blocks = new Set([providers[0]?.buffer as ArrayBufferLike]);
  const views = [...providers].map((view) => {
    if (!random.chance(0.15)) return view;
    const bent = bend(random, view);
    if (bent.own === null) return bent.view;
    blocks.add(bent.own.buffer);
    providers.push(bent.own);
    return bent.view;
  });
  return { views, blocks, release: () => release(providers) };
}

/** The bytes that whole rows of a plane take; null unless all samples follow the formula. */
function spanOf(view: FullView): [number, number] | null {
  const { shape, strides, byteOffset, itemsize } = view;
  const [rows = 0, columns = 0, parts = 1] = shape;
  const at = (index: readonly number[]): number =>
    byteOffset + index.reduce((sum, k, axis) => sum + k * (strides[axis] as number), 0);
  const sample = parts * itemsize;
  const start = at(shape.map(() => 0));
  const second = at(shape.map((_, axis) => (axis === 0 ? 1 : 0)));
  const stride = rows > 1 ? second - start : columns * sample;
  if (stride < columns * sample) return null;
  for (const index of indices(shape)) {
    const [row = 0, column = 0, part = 0] = index;
    if (at(index) !== start + row * stride + column * sample + part) return null;
  }
  return [start, start + rows * stride];
}

/** Brute force: is there a layout of the specification for these views? */
function canSay(views: readonly FullView[]): boolean {
  if (views.some((view) => view.readonly || view.format.startsWith('>'))) return false;
  const [buffer, ...others] = new Set(views.map((view) => view.buffer));
  const spans = views.map(spanOf);
  if (others.length > 0 || spans.includes(null)) return false;
  const all = spans as [number, number][];
  const isApart = all.every(([start, end], k) =>
    all.every((other, j) => j === k || other[1] <= start || end <= other[0]),
  );
  const length = (buffer as ArrayBufferLike).byteLength;
  return isApart && all.every(([, end]) => end <= length);
}
