/** Against a stand-in for onnxruntime's Tensor, which checks what that checks. The real one: examples/interop/tests. */

import { acquire, HostArray, IndirectArray, type View } from 'nbuf';
import { fromOnnx, type OnnxTensor, toOnnx } from 'nbuf/interop';
import { describe, expect, test } from 'vitest';
import { forCases } from '../random.ts';
import { codeOf, randomElements } from './elements.ts';

const copying = { copy: 'if-needed' } as const;
const Float16 = (globalThis as { Float16Array?: typeof Uint16Array }).Float16Array;

/** Our formats, onnxruntime's types, the typed arrays that its constructor wants. */
const TYPES: Readonly<Record<string, readonly [string, unknown]>> = {
  b: ['int8', Int8Array],
  B: ['uint8', Uint8Array],
  '?': ['bool', Uint8Array],
  h: ['int16', Int16Array],
  H: ['uint16', Uint16Array],
  e: ['float16', Float16 ?? Uint16Array],
  i: ['int32', Int32Array],
  I: ['uint32', Uint32Array],
  f: ['float32', Float32Array],
  q: ['int64', BigInt64Array],
  Q: ['uint64', BigUint64Array],
  d: ['float64', Float64Array],
};

class Tensor {
  readonly type: string;
  readonly data: Float32Array;
  readonly dims: readonly number[];
  readonly location: string = 'cpu';
  constructor(type: string, data: Float32Array, dims: readonly number[]) {
    const [, Expected] = Object.values(TYPES).find(([name]) => name === type) ?? [];
    if (data.constructor !== Expected)
      throw new TypeError(`${type}: ${data.constructor.name}`);
    if (!Array.isArray(dims)) throw new TypeError('dims must be an array');
    const size = dims.reduce((a: number, b: number) => a * b, 1);
    if (size !== data.length) throw new Error(`size ${size}, data ${data.length}`);
    this.type = type;
    this.data = data;
    this.dims = dims;
  }
}

/** float16 as numbers, whatever shows the bits. */
function valuesOf({ type, data }: Tensor): unknown[] {
  if (type !== 'float16' || Float16 !== undefined) return [...data];
  const p = acquire(data);
  const bytes = HostArray.fromBytes(p.toBytes(), { shape: [data.length], format: 'e' });
  p.release();
  return [...acquire(bytes)];
}

describe('toOnnx', () => {
  test('shared exactly where a typed array shows the elements, else copied', () => {
    const count = { shared: 0, copied: 0 };
    forCases(500, (random) => {
      const given = randomElements(random, { types: Object.keys(TYPES) });
      const { view, type, shape, values, isPlain, provider } = given;
      expect(codeOf(() => toOnnx(view, Tensor)) === 'none').toBe(isPlain);
      const tensor = toOnnx(view, Tensor, copying);
      expect([tensor.type, tensor.dims]).toEqual([TYPES[type]?.[0], shape]);
      expect(valuesOf(tensor)).toEqual(values);
      const isShared = tensor.data.buffer === provider.buffer;
      expect(isShared || values.length === 0).toBe(isPlain || values.length === 0);
      const copy = toOnnx(view, Tensor, { copy: 'always' });
      expect(valuesOf(copy)).toEqual(values);
      expect(copy.data.buffer).not.toBe(provider.buffer);
      provider.release();
      expect(tensor.data.length).toBe(isShared ? 0 : values.length);
      expect(copy.data.length).toBe(values.length);
      count[isPlain ? 'shared' : 'copied']++;
    });
    expect(count.shared).toBeGreaterThan(50);
    expect(count.copied).toBeGreaterThan(50);
  });

  test('says why not', () => {
    const p = acquire(HostArray.allocate([4, 4], 'f'));
    const shared = acquire(new Float32Array(new SharedArrayBuffer(16)));
    const rows = acquire(
      IndirectArray.fromRows([new Float32Array(2), new Float32Array(2)]),
    );
    const odd = HostArray.fromBytes(new Uint8Array(9), {
      shape: [2],
      offset: 1,
      format: 'f',
    });
    const cases: [string, View, boolean][] = [
      ['ERR_NBUF_CONTIGUITY', p.transpose(), true],
      ['ERR_NBUF_READONLY', p.toReadonly(), true],
      ['ERR_NBUF_SUBOFFSETS', rows, true],
      ['ERR_NBUF_STRIDES', acquire(odd), true],
      ['ERR_NBUF_FORMAT', acquire(HostArray.allocate([2], '>f')), true],
      ['ERR_NBUF_FORMAT', acquire(HostArray.allocate([2], 'Zf')), false],
      ['ERR_NBUF_FORMAT', acquire(HostArray.allocate([2], 'T{f:x:f:y:}')), false],
    ];
    for (const [index, [code, view, helps]] of cases.entries()) {
      expect([index, codeOf(() => toOnnx(view, Tensor))]).toEqual([index, code]);
      expect([index, codeOf(() => toOnnx(view, Tensor, copying))]).toEqual([
        index,
        helps ? 'none' : code,
      ]);
    }
    // Refused where Node-API could not show it to onnxruntime.
    expect(codeOf(() => toOnnx(shared, Tensor))).toMatch(/^(none|ERR_NBUF_UNSUPPORTED)$/);
    expect(toOnnx(shared, Tensor, copying).data.length).toBe(4);
    expect(() => toOnnx(p.transpose(), Tensor)).toThrow(/onnxruntime.*copy: 'if-needed'/);
    expect(codeOf(() => toOnnx(p, null as never))).toBe('ERR_INVALID_ARG_TYPE');
    expect(codeOf(() => toOnnx([1] as never, Tensor))).toBe('ERR_INVALID_ARG_TYPE');
    p.release();
    expect(codeOf(() => toOnnx(p, Tensor, copying))).toBe('ERR_NBUF_RELEASED');
  });
});

describe('fromOnnx', () => {
  test('every type, and writing', () => {
    for (const [format, [type, Class]] of Object.entries(TYPES)) {
      const data = new (Class as typeof Uint8Array)(6);
      const p = fromOnnx({ type, dims: [2, 3], data, location: 'cpu' });
      expect([p.shape, p.format, p.size]).toEqual([[2, 3], format, 6]);
      p.set(1, 2, (format === '?' ? true : 'qQ'.includes(format) ? 1n : 1) as never);
      expect(new Uint8Array(data.buffer, 5 * data.BYTES_PER_ELEMENT).some(Boolean)).toBe(
        true,
      );
      p.release();
    }
    const window = new Float32Array(8).map((_, k) => k).subarray(2, 6);
    const p = fromOnnx({ type: 'float32', dims: [2, 2], data: window });
    expect(p.toArray()).toEqual([
      [2, 3],
      [4, 5],
    ]);
    structuredClone(window.buffer, { transfer: [window.buffer] });
    expect(codeOf(() => p.get(0, 0))).toBe('ERR_NBUF_DETACHED');
  });

  test('float16 as bits, also where there is a Float16Array', () => {
    const p = fromOnnx({ type: 'float16', dims: [1], data: Uint16Array.of(0x3c00) });
    expect(p.get(0)).toBe(1);
  });

  test('refuses what is no memory here', () => {
    const good = {
      type: 'float32',
      dims: [2],
      data: new Float32Array(2),
      location: 'cpu',
    };
    const cases: [string, unknown][] = [
      ['ERR_NBUF_UNSUPPORTED', { ...good, location: 'gpu-buffer' }],
      ['ERR_NBUF_UNSUPPORTED', { ...good, location: 'texture' }],
      ['ERR_NBUF_RELEASED', { ...good, location: 'none' }],
      ['ERR_NBUF_FORMAT', { ...good, type: 'string', data: ['a', 'b'] }],
      ['ERR_NBUF_FORMAT', { ...good, type: 'uint4', data: new Uint8Array(1) }],
      ['ERR_NBUF_FORMAT', { ...good, type: 'float64' }],
      ['ERR_NBUF_FORMAT', { ...good, type: 'complex64' }],
      ['ERR_NBUF_BOUNDS', { ...good, dims: [3] }],
      ['ERR_INVALID_ARG_TYPE', { ...good, data: [1, 2] }],
      ['ERR_INVALID_ARG_TYPE', { ...good, dims: 2 }],
      ['ERR_INVALID_ARG_TYPE', 7],
    ];
    for (const [index, [code, tensor]] of cases.entries())
      expect([index, codeOf(() => fromOnnx(tensor as OnnxTensor))]).toEqual([
        index,
        code,
      ]);
  });

  test('a disposed GPU tensor is not asked for its data', () => {
    const tensor = {
      type: 'float32',
      dims: [1],
      location: 'none',
      get data(): unknown {
        throw new Error('The tensor is disposed.');
      },
    };
    expect(codeOf(() => fromOnnx(tensor))).toBe('ERR_NBUF_RELEASED');
  });
});
