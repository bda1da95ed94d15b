/** acquireAs: the bytes of any source in a layout that somebody else knows. */

import { acquire, acquireAs, HostArray, IndirectArray, type Provider } from 'nbuf';
import { describe, expect, test } from 'vitest';
import { codeOf, collect, elementsOf } from './interop/cases.ts';
import { forCases, type Random, randomShape, randomStrides } from './random.ts';

type Source = { readonly value: unknown; readonly bytes: Uint8Array };

type Read = (view: DataView, at: number) => unknown;
const KINDS: readonly (readonly [string, number, Read])[] = [
  ['B', 1, (view, at) => view.getUint8(at)],
  ['<h', 2, (view, at) => view.getInt16(at, true)],
  ['>i', 4, (view, at) => view.getInt32(at)],
  ['<q', 8, (view, at) => view.getBigInt64(at, true)],
];

/** The bytes, and something that shows them, and no others, with more around them. */
function randomSource(random: Random): Source {
  const length = random.int(0, 60);
  const before = random.int(0, 9);
  const all = random.bytes(before + length + random.int(0, 9));
  const bytes = all.slice(before, before + length);
  const { buffer } = all;
  const shared = new SharedArrayBuffer(all.length);
  new Uint8Array(shared).set(all);
  const host = acquire(HostArray.from(all));
  const makers: (() => unknown)[] = [
    () => all.subarray(before, before + length),
    () => new DataView(buffer, before, length),
    () => Buffer.from(buffer, before, length),
    () => bytes.slice().buffer,
    () => new Uint8Array(shared, before, length),
    () => HostArray.fromBytes(bytes, { shape: [length] }),
    () => host.slice([before, before + length]),
    () => host.typedArray().subarray(before, before + length),
    () => acquire(all.subarray(before, before + length)),
  ];
  return { value: random.pick(makers)(), bytes };
}

describe('acquireAs', () => {
  test('grants a layout exactly if all its elements lie in the source, and shows them', () => {
    let granted = 0;
    forCases(3000, (random) => {
      const { value, bytes } = randomSource(random);
      const [format, itemsize, read] = random.pick(KINDS);
      const shape = randomShape(random, { maxNdim: 4, maxSize: 20 });
      const strides = randomStrides(random, shape, itemsize);
      const offset = random.int(0, bytes.length + 2);
      const places = elementsOf(shape, (index) =>
        index.reduce((sum, i, axis) => sum + i * (strides[axis] ?? 0), offset),
      );
      const fits = shape.includes(0)
        ? offset <= bytes.length
        : places.every((at) => at >= 0 && at + itemsize <= bytes.length);
      const layout = { shape, strides, offset, format };
      if (!fits) {
        expect(codeOf(() => acquireAs(value, layout))).toBe('BOUNDS');
        return;
      }
      granted++;
      const p = acquireAs(value, layout);
      const view = new DataView(bytes.buffer);
      expect([p.shape, p.strides, p.format, p.itemsize]).toEqual([
        shape,
        strides,
        format,
        itemsize,
      ]);
      expect([...p]).toEqual(places.map((at) => read(view, at)));
      p.release();
    });
    expect(granted).toBeGreaterThan(400);
  });

  test('is the source’s memory: both see what the other writes', () => {
    const data = new Float32Array(6);
    using p = acquireAs(
      data,
      { shape: [2, 3], strides: [4, 8], format: 'f' },
      { writable: true },
    );
    p.set(1, 2, 1.5);
    expect(data[5]).toBe(1.5);
    data[2] = -2;
    expect(p.get(0, 1)).toBe(-2);
    expect(p.buffer).toBe(data.buffer);
  });

  test('is typed by its format and request', () => {
    using p = acquireAs(new Uint8Array(16), { shape: [2], format: 'q' });
    const element: bigint = p.get(0);
    const shape: readonly number[] = p.shape;
    using q = acquireAs(new Uint8Array(16), { shape: [2] }, 0);
    const none: null = q.shape;
    expect([element, shape, none]).toEqual([0n, [2], null]);
  });

  test('needs a shape, and checks every argument before it takes a lock', () => {
    const bytes = new Uint8Array(8);
    const bad: [object, string][] = [
      [{}, 'ERR_INVALID_ARG_TYPE'],
      [{ shape: [2], readonly: 1 }, 'ERR_INVALID_ARG_TYPE'],
      [{ shape: [2], strides: [1, 1] }, 'ERR_OUT_OF_RANGE'],
      [{ shape: [2], offset: -1 }, 'ERR_OUT_OF_RANGE'],
      [{ shape: [1], format: 'i', itemsize: 2 }, 'FORMAT'],
      [{ shape: [1], format: '!?' }, ''],
      [{ shape: [2 ** 40, 2 ** 40] }, 'ERR_OUT_OF_RANGE'],
    ];
    for (const [layout, code] of bad)
      expect(codeOf(() => acquireAs(bytes, layout as never))).toBe(code);
    expect(codeOf(() => acquireAs(5, { shape: [1] }))).toBe('NOT_EXPORTER');
    const host = HostArray.allocate([8]);
    expect(codeOf(() => acquireAs(host, { shape: [9] }))).toBe('BOUNDS');
    expect(host.locks).toEqual({ memory: 0, layout: 0 });
  });

  test('wants bytes in one piece', () => {
    const host = HostArray.allocate([4, 4]);
    using p = acquire(host);
    expect(codeOf(() => acquireAs(p.slice(':', [0, 2]), { shape: [4] }))).toBe('STRIDES');
    const rows = IndirectArray.fromRows([p.slice(0), p.slice(1)]);
    expect(codeOf(() => acquireAs(rows, { shape: [4] }))).toBe('SUBOFFSETS');
  });

  test('readonly: of the source, or asked for', () => {
    const host = HostArray.fromBytes(new Uint8Array(4), { readonly: true });
    using p = acquireAs(host, { shape: [2, 2] });
    expect(p.readonly).toBe(true);
    expect(codeOf(() => acquireAs(host, { shape: [4] }, { writable: true }))).toBe(
      'READONLY',
    );
    const bytes = new Uint8Array(4);
    const layout = { shape: [4], readonly: true };
    using q = acquireAs(bytes, layout);
    expect(codeOf(() => q.set(0, 1))).toBe('READONLY');
    expect(codeOf(() => acquireAs(bytes, layout, { writable: true }))).toBe('READONLY');
    using again = acquire(q);
    expect(again.readonly).toBe(true);
  });

  test('holds the memory lock under its label, and no layout lock', () => {
    const host = HostArray.allocate([8]);
    const p = acquireAs(host, { shape: [2], format: 'h' }, { label: 'mine' });
    expect([p.label, p.locks]).toEqual(['mine', { memory: true, layout: false }]);
    expect(() => host.resize([9])).toThrow(/\('mine', /);
    host.setLayout({ shape: [2, 4] });
    expect(p.toArray()).toEqual([0, 0]);
    p.release();
    expect(host.locks).toEqual({ memory: 0, layout: 0 });
    host.resize([9]);
  });

  test('over a typed array of nbuf it holds that memory, under its label', () => {
    const host = HostArray.allocate([8]);
    const first = acquire(host);
    const q = acquireAs(first.typedArray(), { shape: [2, 2] }, { label: 'again' });
    expect(q.address).toBe(first.address);
    first.release();
    expect(() => host.resize([9])).toThrow(/'again'/);
    q.release();
    host.resize([9]);
  });

  test('a transfer of the source is seen', () => {
    const bytes = new Uint8Array(8);
    const p = acquireAs(bytes, { shape: [4], format: 'h' });
    const part = p.slice([1, null]);
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
    for (const use of [
      () => p.get(0),
      () => part.toBytes(),
      () => p.address,
      () => acquire(p),
      () => acquireAs(bytes, { shape: [1] }),
    ])
      expect(codeOf(use)).toBe('DETACHED');
  });

  test('keeps the source alive', async () => {
    const p = acquireAs(Uint8Array.of(1, 2, 3, 4), { shape: [2, 2] });
    await collect(() => false);
    expect(p.toArray()).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  test('what cannot be pinned, or is not contiguous enough, is copied where that is asked', () => {
    const bytes = Uint8Array.of(1, 2, 3, 4);
    const layout = { shape: [2], strides: [-2], offset: 2 };
    expect(codeOf(() => acquireAs(bytes, layout, { pin: true }))).toBe('UNSUPPORTED');
    expect(codeOf(() => acquireAs(bytes, layout, { contiguous: 'C' }))).toBe(
      'CONTIGUITY',
    );
    for (const request of [{ pin: true }, { contiguous: 'C' }] as const) {
      const p: Provider = acquireAs(bytes, layout, {
        ...request,
        copy: 'if-needed',
        writable: true,
      }) as Provider;
      expect([p.copied, p.toArray()]).toEqual([true, [3, 1]]);
      p.set(0, 9);
      expect(bytes[2]).toBe(3);
      p.release(); // writes back
      expect(bytes[2]).toBe(9);
      bytes[2] = 3;
    }
    using direct = acquireAs(bytes, layout, { copy: 'if-needed' });
    expect(direct.copied).toBe(false);
  });
});
