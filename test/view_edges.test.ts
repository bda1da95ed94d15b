/** Views without elements, without axes, with 64 of them; lend and inspect. */

import { inspect } from 'node:util';
import { acquire, HostArray, type View } from 'nbuf';
import { describe, expect, test } from 'vitest';

function code(value: string): unknown {
  return expect.objectContaining({ code: value });
}

describe('no elements', () => {
  const shapes = [[0], [3, 0], [0, 3], [2, 0, 4], [0, 0]];
  test.each(shapes.map((shape) => [shape] as const))('shape [%s]', (shape) => {
    using p = acquire(HostArray.allocate(shape, 'd'), { writable: true });
    const views: View[] = [p, p.transpose(), p.toReadonly(), p.slice('newaxis', '...')];
    for (const view of views) {
      expect([view.size, view.byteLength]).toEqual([0, 0]);
      expect([...view]).toEqual([]);
      expect(view.toBytes()).toEqual(new Uint8Array(0));
      for (const order of ['C', 'F', 'A'] as const)
        expect(view.isContiguous(order)).toBe(true);
      expect(view.equals(view)).toBe(true);
      expect(view.reshape([0, 7]).shape).toEqual([0, 7]);
      expect(() => view.get(...(view.shape ?? []).map(() => 0))).toThrow(RangeError);
      expect(acquire(view.toContiguous()).shape).toEqual(view.shape);
    }
    expect(p.toArray()).toEqual(
      shape[0] === 0 ? [] : Array.from({ length: shape[0] ?? 0 }, () => []),
    );
    p.fill(1);
    p.copyFrom(p.transpose().transpose());
    expect(p.typedArray()).toEqual(new Float64Array(0));
    expect(p.bytes()).toEqual(new Uint8Array(0));
    expect([...p.runs()]).toEqual([]);
    expect(p.asNdarray()).toMatchObject({ shape, offset: 0 });
    expect(p.buffer.byteLength).toBe(0);
  });

  test('an empty slice in the middle of a block keeps it', () => {
    using p = acquire(HostArray.from([1, 2, 3], 'h'), { writable: true });
    const empty = p.slice([2, 2]);
    expect(empty.buffer).toBe(p.buffer);
    expect(empty.typedArray()).toEqual(new Int16Array(0));
    expect(empty.broadcastTo([4, 0]).shape).toEqual([4, 0]);
  });
});

describe('no axes', () => {
  test('one element, read and written without an index', () => {
    using p = acquire(HostArray.allocate([], 'h'), { writable: true });
    expect([p.ndim, p.size, p.byteLength]).toEqual([0, 1, 2]);
    expect([p.shape, p.strides]).toEqual([[], []]);
    p.set(-7);
    expect(p.get()).toBe(-7);
    expect(p.at()).toBe(-7);
    expect(p.toArray()).toBe(-7);
    expect([...p]).toEqual([-7]);
    expect(p.transpose().get()).toBe(-7);
    expect(p.slice().get()).toBe(-7);
    expect(p.slice('...', 'newaxis').toArray()).toEqual([-7]);
    expect(p.reshape([1, 1]).toArray()).toEqual([[-7]]);
    expect(p.reshape([-1]).shape).toEqual([1]);
    expect(p.broadcastTo([2, 2]).toArray()).toEqual([
      [-7, -7],
      [-7, -7],
    ]);
    expect([...p.runs()]).toEqual([Int16Array.of(-7)]);
    expect(p.typedArray()).toEqual(Int16Array.of(-7));
    expect(() => p.get(0)).toThrow(code('ERR_OUT_OF_RANGE'));
    expect(() => p.slice(0)).toThrow(code('ERR_OUT_OF_RANGE'));
    p.copyFrom(acquire(HostArray.from([5], 'h')).slice(0));
    expect(p.get()).toBe(5);
  });
});

describe('64 axes', () => {
  const shape = Array.from({ length: 64 }, (_, k) => (k % 16 === 0 ? 2 : 1));
  const ones = shape.map(() => 1);

  test('all operations, and no 65th', () => {
    using p = acquire(HostArray.allocate(shape, 'B'), { writable: true });
    p.writeBytes(Uint8Array.from({ length: 16 }, (_, k) => k));
    expect(p.ndim).toBe(64);
    expect([...p]).toEqual(Array.from({ length: 16 }, (_, k) => k));
    const last = shape.map((extent) => extent - 1);
    expect(p.get(...last)).toBe(15);
    expect(p.at(...ones.map(() => -1))).toBe(15);
    p.set(...last, 99);
    expect(p.get(...last)).toBe(99);
    expect([...p.transpose().toBytes('F')]).toEqual([...p.toBytes()]);
    expect(p.slice(...shape.map(() => 0)).ndim).toBe(0);
    expect(p.reshape([16]).shape).toEqual([16]);
    expect(p.equals(p.toContiguous('F'))).toBe(true);
    const depth = (value: unknown): number =>
      Array.isArray(value) ? 1 + depth(value[0]) : 0;
    expect(depth(p.toArray())).toBe(64);
    using again = acquire(HostArray.from(p.toArray(), 'B'));
    expect(again.shape).toEqual(shape);
    for (const use of [
      () => p.slice('newaxis'),
      () => p.slice('...', 'newaxis'),
      () => p.reshape([...shape, 1]),
      () => p.broadcastTo([1, ...shape]),
      () => HostArray.allocate([...shape, 1]),
      () => HostArray.from([p.toArray()], 'B'),
    ])
      expect(use, `${use}`).toThrow(code('ERR_OUT_OF_RANGE'));
  });
});

describe('lend', () => {
  test('holds a provider of its own until the promise settles', async () => {
    const array = HostArray.from([1, 2, 3], 'B');
    const p = acquire(array, { label: 'frame' });
    let finish: (value: number) => void = () => {};
    const lent = p.lend((bytes) => {
      expect([...bytes]).toEqual([1, 2, 3]);
      return new Promise<number>((resolve) => {
        finish = resolve;
      });
    });
    p.release();
    expect(array.locks).toEqual({ memory: 1, layout: 0 });
    expect(() => array.resize([4])).toThrow(/'lend ← frame', \d+ ms/);
    finish(7);
    expect(await lent).toBe(7);
    expect(array.locks.memory).toBe(0);
  });

  test('passes values and errors on, and lets go in either case', async () => {
    const array = HostArray.from([1, 2, 3], 'B');
    using p = acquire(array);
    expect(await p.lend((bytes) => bytes.length)).toBe(3);
    const failure = new Error('no');
    await expect(
      p.lend(() => {
        throw failure;
      }),
    ).rejects.toBe(failure);
    await expect(p.lend(() => Promise.reject(failure))).rejects.toBe(failure);
    expect(array.locks).toEqual({ memory: 1, layout: 1 });
  });

  test('of what cannot be bytes is refused', async () => {
    using p = acquire(HostArray.allocate([3, 3]), { writable: true });
    await expect(p.transpose().lend(() => 0)).rejects.toThrow(
      code('ERR_NBUF_CONTIGUITY'),
    );
    await expect(p.toReadonly().lend(() => 0)).rejects.toThrow(code('ERR_NBUF_READONLY'));
    await expect(p.lend(5 as never)).rejects.toThrow(code('ERR_INVALID_ARG_TYPE'));
    expect(p.locks).toEqual({ memory: true, layout: true });
    expect(await p.slice(1).lend((bytes) => bytes.byteOffset)).toBe(3);
  });
});

describe('util.inspect', () => {
  test('shows elements as NumPy does', () => {
    using p = acquire(
      HostArray.from(
        [
          [1, 2],
          [3, 4],
        ],
        'B',
      ),
    );
    expect(inspect(p)).toBe("Provider 2×2 'B' strides [2, 1]\n[[1, 2],\n [3, 4]]");
    expect(inspect(p.slice(0))).toBe("View 2 'B' strides [1]\n[1, 2]");
    expect(inspect({ p }, { depth: -1 })).toBe('[Object]');
    expect(inspect([p], { depth: 0 })).toBe("[ [Provider 2×2 'B' strides [2, 1]] ]");
    expect(inspect(p.slice([0, 0]))).toMatch(/\[\]$/);
    p.release();
    expect(inspect(p)).toBe('Provider <released>');
  });

  test('shortens long axes', () => {
    using p = acquire(HostArray.allocate([2000], 'H'));
    expect(inspect(p)).toMatch(/\n\[0, 0, 0, \.\.\., 0, 0, 0\]$/);
    using many = acquire(HostArray.allocate(Array(8).fill(7)));
    expect(inspect(many).length).toBeLessThan(300);
  });

  test('of elements that cannot be read', () => {
    using p = acquire(
      HostArray.fromBytes(new Uint8Array(8), { format: 'T{i:a:', itemsize: 8 }),
    );
    expect(inspect(p)).toBe("Provider 1 'T{i:a:' strides [8]");
    const borrowed = new Uint8Array(4);
    using q = acquire(borrowed);
    structuredClone(borrowed.buffer, { transfer: [borrowed.buffer] });
    expect(inspect(q)).toMatch(/<.*detached.*>$/);
  });
});

describe('runs of elements that no typed array has', () => {
  test.each([
    ['T{B:r:H:n:}', 4],
    ['>h', 2],
    ['5s', 5],
    ['i', 8], // and padding
  ])("'%s' in %i bytes are runs of bytes", (format, itemsize) => {
    const bytes = Uint8Array.from({ length: 4 * itemsize }, (_, k) => k + 1);
    using p = acquire(HostArray.fromBytes(bytes, { format, itemsize, shape: [2, 2] }), {
      writable: true,
    });
    expect([...p.runs()]).toEqual([bytes]);
    const column = [...p.slice(':', 1).runs()];
    expect(column).toEqual([
      bytes.subarray(itemsize, 2 * itemsize),
      bytes.subarray(3 * itemsize),
    ]);
    expect(() => p.typedArray()).toThrow(code('ERR_NBUF_FORMAT'));
    expect(() => p.toReadonly().runs()).toThrow(code('ERR_NBUF_READONLY'));
  });
});
