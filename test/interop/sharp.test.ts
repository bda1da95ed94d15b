/** sharp's raw pixels as documented shapes. The real sharp: examples/interop/tests. */

import { acquire, HostArray } from 'nbuf';
import { fromSharp, type SharpOutput, toSharp } from 'nbuf/interop';
import { describe, expect, test } from 'vitest';
import { forCases } from '../random.ts';
import { codeOf, randomElements } from './elements.ts';

const copying = { copy: 'if-needed' } as const;

/** Our formats, and how sharp decides on the depth: by the typed array's constructor. */
const ARRAYS: Readonly<Record<string, string>> = {
  b: 'Int8Array',
  B: 'Uint8Array',
  '?': 'Uint8Array',
  h: 'Int16Array',
  H: 'Uint16Array',
  i: 'Int32Array',
  I: 'Uint32Array',
  f: 'Float32Array',
  d: 'Float64Array',
};

describe('toSharp', () => {
  test('images and pages of every depth; shared exactly where rows are packed', () => {
    forCases(300, (random) => {
      const [pages, height, width] = [
        random.int(1, 3),
        random.int(1, 4),
        random.int(1, 4),
      ];
      const channels = random.int(1, 4);
      const shape = random.pick([
        [height, width],
        [height, width, channels],
        [pages, height, width, channels],
      ]);
      const given = randomElements(random, { types: Object.keys(ARRAYS), shape });
      const { view, type, values, isPlain, provider } = given;
      expect(codeOf(() => toSharp(view)) === 'none').toBe(isPlain);
      const { data, raw } = toSharp(view, copying);
      expect(data.constructor.name).toBe(ARRAYS[type]);
      const truth = (list: readonly unknown[]): unknown[] =>
        type === '?' ? list.map(Boolean) : [...list];
      expect(truth([...(data as Uint8Array)])).toEqual(truth(values));
      expect(raw).toEqual({
        width,
        height: shape.length === 4 ? pages * height : height,
        channels: shape.length === 2 ? 1 : channels,
        ...(shape.length === 4 ? { pageHeight: height } : {}),
      });
      expect(data.buffer === provider.buffer).toBe(isPlain);
      provider.release();
      expect(data.length).toBe(isPlain ? 0 : values.length);
    });
  });

  test('float16 becomes float32 in a copy; other types cannot', () => {
    const half = acquire(HostArray.from([[1.5, -2]], 'e'));
    expect(codeOf(() => toSharp(half))).toBe('ERR_NBUF_FORMAT');
    expect(toSharp(half, copying).data).toEqual(Float32Array.of(1.5, -2));
    for (const format of ['q', 'Q', 'Zf', 'T{B:r:B:g:}']) {
      const p = acquire(HostArray.allocate([2, 2], format));
      expect([format, codeOf(() => toSharp(p, copying))]).toEqual([
        format,
        'ERR_NBUF_FORMAT',
      ]);
    }
  });

  test('refuses what is no image', () => {
    for (const shape of [
      [],
      [4],
      [0, 2],
      [2, 2, 5],
      [2, 2, 0],
      [1, 2, 2, 5],
      [1, 1, 2, 2, 3],
    ]) {
      const p = acquire(HostArray.allocate(shape));
      expect([shape, codeOf(() => toSharp(p, copying))]).toEqual([
        shape,
        'ERR_OUT_OF_RANGE',
      ]);
    }
    const p = acquire(HostArray.allocate([2, 2, 4]));
    expect(toSharp(p, { premultiplied: true }).raw.premultiplied).toBe(true);
    expect(codeOf(() => toSharp(p.slice(null, [null, null, 2])))).toBe(
      'ERR_NBUF_CONTIGUITY',
    );
    p.release();
    expect(codeOf(() => toSharp(p))).toBe('ERR_NBUF_RELEASED');
  });
});

describe('fromSharp', () => {
  const DEPTHS: Readonly<Record<string, [string, number]>> = {
    char: ['b', 1],
    uchar: ['B', 1],
    short: ['h', 2],
    ushort: ['H', 2],
    int: ['i', 4],
    uint: ['I', 4],
    float: ['f', 4],
    double: ['d', 8],
    complex: ['Zf', 8],
    dpcomplex: ['Zd', 16],
  };

  test('every depth', () => {
    for (const [depth, [format, bytes]] of Object.entries(DEPTHS)) {
      const info = { format: 'raw', width: 3, height: 2, channels: 2, depth };
      const data = Buffer.from(Uint8Array.from({ length: 12 * bytes }, (_, k) => k));
      const p = fromSharp({ data, info });
      expect([p.shape, p.format, p.itemsize]).toEqual([[2, 3, 2], format, bytes]);
      expect(Buffer.from(p.toBytes())).toEqual(data);
      p.release();
    }
  });

  test('pages, older versions, and writing', () => {
    const info = { width: 3, height: 4, channels: 1 };
    const data = new Uint8Array(12).map((_, k) => k);
    expect(fromSharp({ data, info }).shape).toEqual([4, 3, 1]);
    const p = fromSharp({ data, info: { ...info, pageHeight: 2, pages: 2 } });
    expect(p.shape).toEqual([2, 2, 3, 1]);
    expect(p.get(1, 0, 2, 0)).toBe(8);
    p.set(1, 0, 2, 0, 99);
    expect(data[8]).toBe(99);
    structuredClone(data.buffer, { transfer: [data.buffer] });
    expect(codeOf(() => p.get(0, 0, 0, 0))).toBe('ERR_NBUF_DETACHED');
  });

  test('refuses what is not raw, or not there', () => {
    const info = { format: 'raw', width: 3, height: 4, channels: 1, depth: 'ushort' };
    const data = new Uint8Array(24);
    const cases: [string, unknown][] = [
      ['ERR_NBUF_FORMAT', { data, info: { ...info, format: 'png' } }],
      ['ERR_NBUF_FORMAT', { data, info: { ...info, depth: undefined } }],
      ['ERR_NBUF_FORMAT', { data, info: { ...info, depth: 'toString' } }],
      ['ERR_NBUF_BOUNDS', { data: data.subarray(1), info }],
      ['ERR_OUT_OF_RANGE', { data, info: { ...info, width: 0 } }],
      ['ERR_OUT_OF_RANGE', { data, info: { ...info, pageHeight: 3 } }],
      ['ERR_INVALID_ARG_TYPE', { data, info: { ...info, channels: '1' } }],
      ['ERR_INVALID_ARG_TYPE', data],
      ['ERR_INVALID_ARG_TYPE', { info }],
    ];
    for (const [index, [code, output]] of cases.entries())
      expect([index, codeOf(() => fromSharp(output as SharpOutput))]).toEqual([
        index,
        code,
      ]);
  });
});
