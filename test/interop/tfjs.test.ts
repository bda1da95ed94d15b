/** Against a stand-in for tfjs, which checks what that checks. The real one: examples/interop/tests. */

import { acquire, HostArray, type View } from 'nbuf';
import { fromTfjs, type TfjsArray, toTfjs, toTfjsBuffer } from 'nbuf/interop';
import { describe, expect, test } from 'vitest';
import { forCases } from '../random.ts';
import { codeOf, randomElements } from './elements.ts';

const copying = { copy: 'if-needed' } as const;
const CLASSES = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;
type Values = Float32Array | Int32Array | Uint8Array;

/** Of a shape, all but the last, as TensorBuffer has them. */
function stridesOf(shape: readonly number[]): number[] {
  return shape.slice(1).map((_, k) => shape.slice(k + 1).reduce((a, b) => a * b, 1));
}

class Tensor {
  readonly values: Values | null;
  readonly parts: readonly Tensor[];
  readonly shape: number[];
  readonly dtype: string;
  disposed = false;
  constructor(
    values: Values | null,
    shape: number[],
    dtype: string,
    parts: readonly Tensor[] = [],
  ) {
    this.values = values;
    this.shape = shape;
    this.dtype = dtype;
    this.parts = parts;
  }
  dispose(): void {
    this.disposed = true;
  }
  dataSync(): Values {
    if (this.values !== null) return this.values;
    const [real, imag] = this.parts.map((part) => part.values as Float32Array);
    return Float32Array.from(
      { length: 2 * (real as Values).length },
      (_, k) => ((k % 2 === 0 ? real : imag) as Values)[k >> 1] as number,
    );
  }
}

function check(
  values: Values,
  shape: readonly number[],
  dtype: keyof typeof CLASSES,
): void {
  if (!(values instanceof CLASSES[dtype]))
    throw new TypeError(`${dtype}: ${values.constructor.name}`);
  if (values.length !== shape.reduce((a, b) => a * b, 1)) throw new Error('shape');
}

const tf = {
  tensor(values: Values, shape: number[], dtype: 'float32' | 'int32' | 'bool'): Tensor {
    check(values, shape, dtype);
    return new Tensor(values, shape, dtype);
  },
  buffer(shape: number[], dtype: 'float32' | 'int32' | 'bool', values: Values) {
    check(values, shape, dtype);
    return { values, shape, dtype, strides: stridesOf(shape) };
  },
  complex(real: Tensor, imag: Tensor): Tensor {
    return new Tensor(null, real.shape, 'complex64', [real, imag]);
  },
};

const EXACT: Readonly<Record<string, string>> = {
  f: 'float32',
  i: 'int32',
  '?': 'bool',
  b: 'int32',
  B: 'int32',
  h: 'int32',
  H: 'int32',
  e: 'float32',
};

describe('toTfjs', () => {
  test('shared exactly where the elements are as tfjs has them, else copied', () => {
    forCases(400, (random) => {
      const given = randomElements(random, { types: Object.keys(EXACT) });
      const { view, type, shape, values, provider } = given;
      const isPlain = given.isPlain && 'fi?'.includes(type);
      expect([type, codeOf(() => toTfjs(view, tf)) === 'none']).toEqual([type, isPlain]);
      const tensor = toTfjs(view, tf, copying);
      expect([tensor.shape, tensor.dtype]).toEqual([shape, EXACT[type]]);
      expect([...tensor.dataSync()]).toEqual(values);
      const buffer = toTfjsBuffer(view, tf, copying);
      expect([...buffer.values]).toEqual(values);
      const isShared = tensor.dataSync().buffer === provider.buffer;
      if (values.length > 0) expect(isShared).toBe(isPlain);
      expect(buffer.values.buffer === provider.buffer).toBe(isShared);
      const back = fromTfjs(tensor);
      expect(back.format).toBe({ float32: 'f', int32: 'i', bool: '?' }[tensor.dtype]);
      expect([...back].map(Number)).toEqual(
        type === '?' ? values.map((x) => Number(x !== 0)) : values,
      );
      back.release();
      provider.release();
      expect(buffer.values.length).toBe(isShared ? 0 : values.length);
    });
  });

  test('complex numbers are always copied apart', () => {
    forCases(100, (random) => {
      const { view, values, shape, provider } = randomElements(random, { types: ['Zf'] });
      expect(codeOf(() => toTfjs(view, tf))).toBe('ERR_NBUF_STRIDES');
      const tensor = toTfjs(view, tf, copying);
      expect(tensor.parts.map((part) => part.disposed)).toEqual([true, true]);
      expect([tensor.shape, tensor.dtype]).toEqual([shape, 'complex64']);
      expect([...tensor.dataSync()]).toEqual(values.flat());
      const back = fromTfjs(tensor);
      expect(back.format).toBe('Zf');
      expect([...back]).toEqual(
        (values as [number, number][]).map(([re, im]) => ({ re, im })),
      );
      back.release();
      provider.release();
    });
  });

  test('says why not', () => {
    const p = acquire(HostArray.allocate([4, 4], 'f'));
    const cases: [string, View, string][] = [
      ['ERR_NBUF_CONTIGUITY', p.transpose(), 'none'],
      ['ERR_NBUF_READONLY', p.toReadonly(), 'none'],
      ['ERR_NBUF_FORMAT', acquire(HostArray.allocate([2], 'B')), 'none'],
      ['ERR_NBUF_FORMAT', acquire(HostArray.allocate([2], 'd')), 'ERR_NBUF_FORMAT'],
      ['ERR_NBUF_FORMAT', acquire(HostArray.allocate([2], 'I')), 'ERR_NBUF_FORMAT'],
      ['ERR_NBUF_FORMAT', acquire(HostArray.allocate([2], 'q')), 'ERR_NBUF_FORMAT'],
      ['ERR_NBUF_FORMAT', acquire(HostArray.allocate([2], 'Zd')), 'ERR_NBUF_FORMAT'],
    ];
    for (const [index, [code, view, copied]] of cases.entries()) {
      expect([index, codeOf(() => toTfjs(view, tf))]).toEqual([index, code]);
      expect([index, codeOf(() => toTfjs(view, tf, copying))]).toEqual([index, copied]);
    }
    const pair = acquire(HostArray.allocate([2], 'Zf'));
    expect(codeOf(() => toTfjsBuffer(pair, tf, copying))).toBe('ERR_NBUF_FORMAT');
    expect(codeOf(() => toTfjs(p, {} as never))).toBe('ERR_INVALID_ARG_TYPE');
    expect(codeOf(() => toTfjsBuffer(p, {} as never))).toBe('ERR_INVALID_ARG_TYPE');
    p.release();
    expect(codeOf(() => toTfjs(p, tf, copying))).toBe('ERR_NBUF_RELEASED');
  });
});

describe('fromTfjs', () => {
  test('a TensorBuffer, by its strides without the last', () => {
    const values = Float32Array.from({ length: 24 }, (_, k) => k);
    const p = fromTfjs({ shape: [2, 3, 4], dtype: 'float32', strides: [12, 4], values });
    expect(p.get(1, 2, 3)).toBe(23);
    p.set(1, 2, 3, 50);
    expect(values[23]).toBe(50);
    const sparse = fromTfjs({ shape: [2, 2], dtype: 'float32', strides: [20], values });
    expect(sparse.toArray()).toEqual([
      [0, 1],
      [20, 21],
    ]);
    expect(fromTfjs({ shape: [], dtype: 'float32', strides: [], values }).get()).toBe(0);
  });

  test('refuses what is no memory', () => {
    const values = new Float32Array(4);
    const good = { shape: [2, 2], dtype: 'float32', strides: [2], values };
    const cases: [string, unknown][] = [
      ['ERR_NBUF_FORMAT', { ...good, dtype: 'string', values: ['a'] }],
      ['ERR_INVALID_ARG_TYPE', { ...good, values: [1, 2, 3, 4] }],
      ['ERR_NBUF_BOUNDS', { ...good, shape: [2, 3] }],
      ['ERR_OUT_OF_RANGE', { ...good, strides: [2, 1] }],
      ['ERR_INVALID_ARG_TYPE', { ...good, shape: 4 }],
      ['ERR_INVALID_ARG_TYPE', null],
    ];
    for (const [index, [code, tensor]] of cases.entries())
      expect([index, codeOf(() => fromTfjs(tensor as TfjsArray))]).toEqual([index, code]);
  });
});
