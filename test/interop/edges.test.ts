/** Cases at the edges: what only some neighbours say, and what none should. */
import { acquire, acquireAs, BufferError, Flags, HostArray, IndirectArray } from 'nbuf';
import {
  fromNdarray,
  fromStdlib,
  fromTfjs,
  toImageData,
  toNdarray,
  toOnnx,
  toPlanes,
  toSharp,
  toStdlib,
  toZarrita,
} from 'nbuf/interop';
import { describe, expect, test } from 'vitest';
import { codeOf } from './cases.ts';

/** What sharp's constructor takes. */
type SharpPixels =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

const ndarray = (data: never, shape: number[], stride: number[], offset: number) => ({
  data: data as Uint8Array,
  shape,
  stride,
  offset,
});

function errorOf(call: () => unknown): BufferError {
  try {
    call();
  } catch (error) {
    if (error instanceof BufferError) return error;
    throw error;
  }
  throw new Error('expected a BufferError');
}

describe('acquireAs', () => {
  const flat = { shape: [6] };

  test('a refusal of the source tells nothing about the layout', () => {
    const columns = HostArray.allocate([2, 3], 'B', { order: 'F' });
    const strided = errorOf(() => acquireAs(columns, flat));
    expect(strided).toMatchObject({ code: 'ERR_NBUF_STRIDES' });
    expect(strided.message).toContain('toContiguous()');
    expect(strided).not.toHaveProperty('grantable');
    const pointers = errorOf(() => acquireAs(IndirectArray.allocate([2, 3]), flat));
    expect(pointers).toMatchObject({ code: 'ERR_NBUF_SUBOFFSETS' });
    expect(pointers).not.toHaveProperty('grantable');
  });

  test('a copy of a readonly layout is readonly', () => {
    const constant = { shape: [3], format: 'h', readonly: true } as const;
    const bytes = Uint8Array.of(1, 0, 2, 0, 3, 0);
    const copy = acquireAs(bytes, constant, {
      pin: true,
      copy: 'if-needed',
      label: 'mine',
    });
    expect([copy.copied, copy.readonly, copy.label]).toEqual([true, true, 'mine']);
    expect(copy.toArray()).toEqual([1, 2, 3]);
    expect(codeOf(() => copy.fill(0))).toBe('READONLY');
    copy.release();
    const writable = { pin: true, copy: 'if-needed', writable: true } as const;
    expect(codeOf(() => acquireAs(bytes, constant, writable))).toBe('READONLY');
  });

  test('what would be granted is granted', () => {
    const layout = { shape: [2, 2], strides: [1, 2] };
    const bytes = new Uint8Array(6);
    const constant = acquire(bytes).toReadonly();
    const cases = [
      [constant, Flags.FULL, ['WRITABLE'], Flags.FULL_RO],
      [bytes, 0x40000 | Flags.FULL, ['REQUIRE_PINNED'], Flags.FULL],
      [constant, 0x40000 | Flags.FULL, ['WRITABLE', 'REQUIRE_PINNED'], Flags.FULL_RO],
    ] as const;
    for (const [source, request, unmet, grantable] of cases) {
      const error = errorOf(() => acquireAs(source, layout, request));
      expect(error.unmet).toEqual(unmet);
      expect(error.grantable).toBe(grantable);
      acquireAs(source, layout, grantable).release();
    }
  });
});

describe('elements', () => {
  test('text of 16 bits is no number', () => {
    const text = acquire(HostArray.allocate([2], 'u'));
    for (const copy of ['never', 'if-needed', 'always'] as const)
      expect(codeOf(() => toNdarray(text as never, ndarray, { copy }))).toBe('FORMAT');
    expect(codeOf(() => toZarrita(text as never))).toBe('FORMAT');
  });

  test('more entries than ndarray can address: refused unexposed, or copied', () => {
    const far = HostArray.allocate([2 ** 31 + 1]);
    const all = acquire(far, { writable: true });
    const ends = all.slice([null, null, 2 ** 31]);
    ends.set(1, 7);
    expect(codeOf(() => toNdarray(ends, ndarray))).toBe('UNSUPPORTED');
    const copy = toNdarray(ends, ndarray, { copy: 'if-needed' });
    expect([...copy.data]).toEqual([0, 7]);
    for (const copy of ['if-needed', 'always'] as const)
      expect(codeOf(() => toNdarray(all, ndarray, { copy }))).toBe('UNSUPPORTED');
    all.release();
    far.dispose();
  });
});

describe('layouts', () => {
  test('an empty axis that was flipped lies before its data', () => {
    const data = new Float32Array(10);
    const flipped = { data, shape: [0], stride: [-1], offset: -1 };
    expect(fromNdarray(flipped).shape).toEqual([0]);
    const wild = { data: new Float32Array(0), shape: [0, 4], stride: [4, -1], offset: 3 };
    expect(fromNdarray(wild).shape).toEqual([0, 4]);
  });

  test('an element that a layout repeats beyond all memory', () => {
    const copy = { copy: 'if-needed' } as const;
    const repeated = { data: [1], shape: [2 ** 45], stride: [0], offset: 0 };
    expect(codeOf(() => fromNdarray(repeated, copy))).toBe('NOMEM');
    const empty = { data: [1], shape: [2 ** 45, 0], stride: [0, 0], offset: 0 };
    expect(fromNdarray(empty, copy).shape).toEqual([2 ** 45, 0]);
    const short = { data: [1], shape: [1, 1], stride: [0], offset: 0 };
    expect(() => fromNdarray(short, copy)).toThrow(RangeError);
  });

  test('plain arrays: any layout, one type', () => {
    const copy = { copy: 'if-needed' } as const;
    const data = [1, 2, 3, 4, 5, 6];
    const turned = fromNdarray({ data, shape: [3, 2], stride: [-1, 3], offset: 2 }, copy);
    expect(turned.toArray()).toEqual([
      [3, 6],
      [2, 5],
      [1, 4],
    ]);
    expect([turned.readonly, turned.copied]).toEqual([true, true]);
    expect(codeOf(() => turned.set(0, 0, 1))).toBe('READONLY');
    const flat = { data, shape: [6], stride: [1], offset: 0 };
    expect(codeOf(() => fromNdarray(flat, { ...copy, writable: true }))).toBe('READONLY');
    const one = { shape: [], stride: [], offset: 1 };
    expect(fromNdarray({ data: [1n, 2n], ...one }, copy).get()).toBe(2n);
    const mixed = { data: [1, true], shape: [2], stride: [1], offset: 0 };
    expect(() => fromNdarray(mixed, copy)).toThrow(TypeError);
    expect(codeOf(() => fromNdarray({ ...mixed, offset: 2 }, copy))).toBe('BOUNDS');
  });

  test('strides are numbers', () => {
    const values = new Float32Array(4);
    const forged = { shape: [2, 2], dtype: 'float32', strides: ['2'], values };
    expect(() => fromTfjs(forged as never)).toThrow(TypeError);
  });
});

describe('stdlib', () => {
  /** As stdlib's: made of an ArrayBuffer only. */
  class Own {
    readonly buffer: ArrayBuffer;
    readonly byteOffset: number;
    readonly length: number;
    constructor(buffer: ArrayBuffer, byteOffset: number, length: number) {
      if (!(buffer instanceof ArrayBuffer)) throw new TypeError('no ArrayBuffer');
      this.buffer = buffer;
      this.byteOffset = byteOffset;
      this.length = length;
    }
  }
  const ctor = (_: never, data: Own) => data;
  const own = { BooleanArray: Own, Complex64Array: Own, Complex128Array: Own };

  test('its own arrays take no SharedArrayBuffer', () => {
    for (const format of ['?', 'Zf', 'Zd']) {
      const shared = acquireAs(new SharedArrayBuffer(32), { shape: [2], format });
      expect(codeOf(() => toStdlib(shared as never, ctor as never, own))).toBe(
        'UNSUPPORTED',
      );
      const made: Own = toStdlib(shared as never, ctor as never, {
        ...own,
        copy: 'if-needed',
      });
      expect(made).toMatchObject({ byteOffset: 0, length: 2 });
    }
  });

  test('complex numbers at other places than multiples of themselves', () => {
    for (const layout of [
      { shape: [2], offset: 4 },
      { shape: [2], strides: [12] },
    ]) {
      const host = acquireAs(HostArray.allocate([64]), { ...layout, format: 'Zf' });
      expect(codeOf(() => toStdlib(host as never, ctor as never, own))).toBe('STRIDES');
      const made: Own = toStdlib(host as never, ctor as never, {
        ...own,
        copy: 'if-needed',
      });
      expect(made).toMatchObject({ byteOffset: 0, length: 2 });
    }
  });

  test('data that was transferred', () => {
    const buffer = new ArrayBuffer(16);
    const data = { buffer, byteOffset: 0, byteLength: 0 };
    structuredClone(buffer, { transfer: [buffer] });
    const array = { data, dtype: 'complex64', shape: [2], strides: [1], offset: 0 };
    expect(codeOf(() => fromStdlib(array))).toBe('DETACHED');
    expect(() => fromStdlib({ ...array, dtype: 'constructor' })).toThrow(
      /expected a typed array/,
    );
  });
});

test('onnxruntime: what text is', () => {
  const text = acquire(HostArray.allocate([2], 'u'));
  expect(codeOf(() => toOnnx(text as never, class {} as never))).toBe('FORMAT');
});

describe('images', () => {
  test('ImageData of half floats, where the runtime has none, is a copy of floats', () => {
    class ImageData {
      readonly data: ArrayLike<number>;
      constructor(data: ArrayLike<number>) {
        this.data = data;
      }
    }
    const has = 'Float16Array' in globalThis;
    const halves = acquire(HostArray.from([[[1.5, 2.5, 3.5, 4.5]]], 'e'));
    const code = codeOf(() => toImageData(halves, ImageData as never));
    expect(code).toBe(has ? '' : 'FORMAT');
    const image: ImageData = toImageData(halves, ImageData as never, {
      copy: 'if-needed',
    });
    expect([...Array.from(image.data)]).toEqual([1.5, 2.5, 3.5, 4.5]);
    const nothing = () => toImageData(halves, ImageData as never, null as never);
    expect(nothing).toThrow('options: expected an object, found null');
  });

  test('types that the neighbours take', () => {
    const gray = acquire(HostArray.allocate([2, 2]));
    const pixels: SharpPixels = toSharp(gray, { copy: 'always' }).data;
    expect(pixels.length).toBe(4);
    const planes = [gray, acquire(HostArray.allocate([1, 1, 2]))];
    const format: 'NV12' = toPlanes(planes, 'NV12', { copy: 'always' }).format;
    expect(format).toBe('NV12');
  });
});
