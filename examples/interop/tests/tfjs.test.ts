/** @tensorflow/tfjs-core with the CPU backend, the real packages. */

import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { acquire, HostArray } from 'nbuf';
import { fromTfjs, toTfjs, toTfjsBuffer } from 'nbuf/interop';
import { describe, expect, test } from 'vitest';
import { codeOf, randomElements } from '../../../test/interop/elements.ts';
import { forCases } from '../../../test/random.ts';
import { collect } from './cases.ts';

const copying = { copy: 'if-needed' } as const;
tf.env().set('IS_TEST', true); // no advertisement

describe('a view as a tensor', () => {
  test('random layouts and types', () => {
    const types = ['f', 'i', '?', 'b', 'B', 'h', 'H', 'e', 'Zf'];
    forCases(300, (random) => {
      const { view, provider, type, shape, values, isPlain } = randomElements(random, {
        types,
      });
      const isKept = isPlain && 'fi?'.includes(type);
      expect([type, codeOf(() => toTfjs(view, tf)) === 'none']).toEqual([type, isKept]);
      const tensor: tf.Tensor = toTfjs(view, tf, copying);
      expect(tensor.shape).toEqual(shape);
      expect([...tensor.dataSync()]).toEqual(values.flat());
      tensor.dispose();
      provider.release();
    });
  });

  test('float32 and int32 are kept by the CPU backend, and by what shares with it', () => {
    const p = acquire(
      HostArray.from(
        [
          [1, 2],
          [3, 4],
        ],
        'f',
      ),
      { writable: true },
    );
    const tensor = toTfjs(p, tf);
    const kept = [
      tensor,
      tf.reshape(tensor, [4]),
      tf.clone(tensor),
      tf.slice(tensor, [0, 0], [1, 2]),
      tf.cast(tensor, 'float32'),
      tf.variable(tensor),
    ];
    p.set(0, 0, 9);
    expect(kept.map((each) => each.dataSync()[0])).toEqual([9, 9, 9, 9, 9, 9]);
    expect([...tf.add(tensor, 1).dataSync()]).toEqual([10, 3, 4, 5]);
    tensor.dispose();
    expect(p.get(0, 0)).toBe(9); // disposing ends nothing here
    const late = kept[1] as tf.Tensor;
    p.release();
    expect(late.dataSync().length).toBe(0);
    expect([...tf.add(late, 1).dataSync()].every(Number.isNaN)).toBe(true); // no error: hold it
  });

  test('bool is kept, but dataSync() copies it; bytes() is of the whole block', async () => {
    const p = acquire(HostArray.from([true, false, true], '?'), { writable: true });
    const tensor = toTfjs(p, tf);
    p.set(1, true);
    expect([...tensor.dataSync()]).toEqual([1, 1, 1]);
    expect(tensor.dataSync()).not.toBe(tensor.dataSync());
    const window = acquire(HostArray.from([1, 2, 3, 4], 'f')).slice([1, 3]);
    expect((await toTfjs(window, tf).bytes()).length).toBe(16);
  });

  test('complex numbers', () => {
    const p = acquire(HostArray.allocate([2], 'Zf'), { writable: true });
    p.set(1, { re: 3, im: -4 });
    const before = tf.memory().numTensors;
    const tensor = toTfjs(p, tf, copying);
    expect([tensor.dtype, [...tensor.dataSync()]]).toEqual(['complex64', [0, 0, 3, -4]]);
    expect([...tf.abs(tensor).dataSync()]).toEqual([0, 5]);
    const back = fromTfjs(tensor);
    expect(back.get(1)).toEqual({ re: 3, im: -4 });
    tensor.dispose();
    expect(tf.memory().numTensors).toBeLessThanOrEqual(before + 1); // abs()'s
    p.release();
  });

  test('a TensorBuffer writes into the view', () => {
    const p = acquire(HostArray.allocate([2, 3], 'i'));
    const buffer = toTfjsBuffer(p, tf);
    buffer.set(42, 1, 2);
    expect(p.get(1, 2)).toBe(42);
    expect([...buffer.toTensor().dataSync()]).toEqual([0, 0, 0, 0, 0, 42]);
    p.release();
    expect(buffer.values.length).toBe(0);
  });
});

describe('a tensor as a view', () => {
  test('float32 and int32 without a copy, also after dispose()', async () => {
    const tensor = tf.tensor(
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      [2, 3],
      'int32',
    );
    const p = fromTfjs(tensor);
    expect([p.shape, p.format]).toEqual([[2, 3], 'i']);
    expect(p.typedArray()).toEqual(tensor.dataSync());
    expect(p.buffer).toBe(tensor.dataSync().buffer);
    tensor.dispose();
    await collect(() => false);
    expect(p.toArray()).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    p.release();
  });

  test('what operations return, of any rank; TensorBuffers, also awaited', async () => {
    for (const shape of [[], [6], [2, 3], [1, 2, 3], [1, 1, 2, 3], [0, 3]]) {
      const tensor = tf.ones(shape);
      const p = fromTfjs(tensor);
      expect([p.shape, p.size]).toEqual([shape, tensor.size]);
      const q = fromTfjs(tf.buffer(shape, 'float32'));
      expect([q.shape, q.size]).toEqual([shape, tensor.size]);
    }
    const buffer = await tf
      .tensor([
        [1, 2],
        [3, 4],
      ])
      .buffer()
      .catch(() => null);
    const made = buffer ?? tf.buffer([2, 2], 'float32', Float32Array.of(1, 2, 3, 4));
    const p = fromTfjs(made as never, { writable: true });
    p.set(1, 0, 30 as never);
    expect(made.get(1, 0)).toBe(30);
  });

  test('bool and strings', () => {
    const p = fromTfjs(tf.tensor([true, false], [2], 'bool'));
    expect([...p]).toEqual([true, false]);
    const text = tf.tensor(['a'], [1], 'string');
    expect(codeOf(() => fromTfjs(text))).toBe('ERR_NBUF_FORMAT');
  });
});
