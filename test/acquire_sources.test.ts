/** JavaScript's own memory as a source: borrowed, pinned, or refused. */

import { acquire, HostArray, type Provider } from 'nbuf';
import { describe, expect, test } from 'vitest';

function code(suffix: string): unknown {
  return expect.objectContaining({ code: `ERR_NBUF_${suffix}` });
}

/** Moves the bytes out from under everything that looks at them. */
function detach(buffer: ArrayBuffer): void {
  structuredClone(buffer, { transfer: [buffer] });
}

type BufferOptions = { maxByteLength: number };
const Resizable = ArrayBuffer as unknown as new (
  size: number,
  options: BufferOptions,
) => ArrayBuffer;
const Growable = SharedArrayBuffer as unknown as new (
  size: number,
  options: BufferOptions,
) => SharedArrayBuffer;

const KINDS: readonly (readonly [ArrayBufferView, string])[] = [
  [Int8Array.of(-1, 2), 'b'],
  [Uint8Array.of(1, 2), 'B'],
  [Uint8ClampedArray.of(1, 2), 'B'],
  [Int16Array.of(-1, 2), 'h'],
  [Uint16Array.of(1, 2), 'H'],
  [Int32Array.of(-1, 2), 'i'],
  [Uint32Array.of(1, 2), 'I'],
  [BigInt64Array.of(-1n, 2n), 'q'],
  [BigUint64Array.of(1n, 2n), 'Q'],
  [Float32Array.of(0.5, 2), 'f'],
  [Float64Array.of(0.5, 2), 'd'],
  [Buffer.from([1, 2]), 'B'],
];

describe('typed arrays', () => {
  test.each(KINDS)('%o', (source, format) => {
    using p = acquire(source, { writable: true });
    expect([p.format, p.shape, p.ndim]).toEqual([format, [2], 1]);
    expect([...p]).toEqual([...(source as Uint8Array)]);
    expect(p.buffer).toBe(source.buffer);
    expect(p.byteOffset).toBe(source.byteOffset);
    const reversed = p.slice([null, null, -1]);
    p.copyFrom(reversed);
    expect([...(source as Uint8Array)]).toEqual([...p]);
    expect(Object.getPrototypeOf(p.typedArray())).not.toBe(DataView.prototype);
    expect(p.typedArray()).toMatchObject({ byteOffset: source.byteOffset, length: 2 });
  });

  test('windows, DataViews and whole buffers', () => {
    const buffer = Uint8Array.from({ length: 16 }, (_, k) => k).buffer;
    using window = acquire(new Uint16Array(buffer, 4, 3));
    expect([window.byteOffset, window.byteLength]).toEqual([4, 6]);
    expect(window.get(0)).toBe(0x0504);
    using view = acquire(new DataView(buffer, 3, 5));
    expect([view.format, view.byteOffset, [...view]]).toEqual(['B', 3, [3, 4, 5, 6, 7]]);
    expect(view.cast('B').slice([1, 5]).cast('<H').get(0)).toBe(0x0504);
    using whole = acquire(buffer);
    expect([whole.format, whole.size]).toEqual(['B', 16]);
    using empty = acquire(new Float64Array(0));
    expect([empty.format, empty.size, [...empty]]).toEqual(['d', 0, []]);
    using none = acquire(new ArrayBuffer(0));
    expect(none.bytes()).toEqual(new Uint8Array(0));
  });

  test('subclasses, null prototypes and lying properties: the real bytes count', () => {
    class Frame extends Uint8Array {}
    const lying = Uint8Array.of(1, 2);
    for (const name of ['buffer', 'length', 'byteLength', 'byteOffset'])
      Object.defineProperty(lying, name, { value: name === 'buffer' ? {} : 1 << 20 });
    const bare = Object.setPrototypeOf(Uint8Array.of(1, 2), null);
    for (const source of [new Frame([1, 2]), lying, bare]) {
      using p = acquire(source);
      expect([p.format, [...p]]).toEqual(['B', [1, 2]]);
      expect(p.toBytes()).toEqual(Uint8Array.of(1, 2));
    }
  });
});

describe('borrowed memory', () => {
  test('cannot be pinned, unless a copy will do', () => {
    const source = Uint8Array.of(1, 2);
    expect(() => acquire(source, { pin: true })).toThrow(code('UNSUPPORTED'));
    expect(() => acquire(source.buffer, { pin: true })).toThrow(code('UNSUPPORTED'));
    using p = acquire(source);
    expect(() => acquire(p, { pin: true })).toThrow(code('UNSUPPORTED'));
    using copy = acquire(source, { pin: true, copy: 'if-needed' });
    expect([copy.copied, [...copy]]).toEqual([true, [1, 2]]);
    detach(source.buffer);
    expect([...copy]).toEqual([1, 2]);
    using host = acquire(HostArray.allocate([1]), { pin: true });
    expect(host.locks.memory).toBe(true);
  });

  test('is looked at again after every detachment, in every function', () => {
    const uses: ((p: Provider) => unknown)[] = [
      (p) => p.get(0),
      (p) => p.at(-1),
      (p) => p.set(0, 1),
      (p) => p.fill(1),
      (p) => p.toArray(),
      (p) => [...p],
      (p) => p.toBytes(),
      (p) => p.writeBytes(new Uint8Array(8)),
      (p) => p.toContiguous(),
      (p) => p.copyFrom([1, 2, 3, 4]),
      (p) => p.copyFrom(p),
      (p) => p.equals([0, 0, 0, 0]),
      (p) => p.buffer,
      (p) => p.bytes(),
      (p) => p.typedArray(),
      (p) => p.asNdarray(),
      (p) => [...p.runs()],
      (p) => p.unsafeExpose(),
      (p) => acquire(p),
      (p) => HostArray.from(p),
      (p) =>
        HostArray.allocate([4], 'H') && acquire(HostArray.allocate([4], 'H')).copyFrom(p),
      (p) => p.cast('B').get(0),
      (p) => p.slice(0).get(),
      (p) => p.slice([1, 3]).toBytes(),
    ];
    for (const isWarm of [false, true])
      for (const use of uses) {
        const source = new Uint16Array(4);
        using p = acquire(source, { writable: true });
        if (isWarm) expect([p.get(0), [...p.cast('B')].length]).toEqual([0, 8]);
        detach(source.buffer);
        expect(() => use(p), `${use}`).toThrow(code('DETACHED'));
        expect([p.shape, p.byteLength]).toEqual([[4], 8]);
      }
  });

  test('that is detached already is refused', () => {
    const source = new Uint8Array(4);
    const view = new DataView(source.buffer);
    detach(source.buffer);
    for (const value of [source, view, source.buffer])
      for (const request of [
        undefined,
        { writable: true },
        { copy: 'if-needed' },
      ] as const)
        expect(() => acquire(value, request)).toThrow(code('DETACHED'));
  });

  test('may be empty: no bytes cannot be missing', async () => {
    const whole = new ArrayBuffer(16);
    for (const source of [new Float64Array(0), new Uint16Array(whole, 8, 0)]) {
      using p = acquire(source, { writable: true });
      detach(source.buffer);
      expect(p.toArray()).toEqual([]);
      expect([...p]).toEqual([]);
      expect([p.bytes().length, p.typedArray().byteLength]).toEqual([0, 0]);
      expect(p.asNdarray()).toMatchObject({ shape: [0], offset: 0 });
      expect(p.buffer.byteLength).toBe(0);
      expect(await p.lend((bytes) => bytes.length)).toBe(0);
      expect(acquire(p).bytes().length).toBe(0);
    }
  });

  test('views of it cannot be had after the release either', () => {
    const p = acquire(new Uint8Array(4));
    const view = p.slice([1, 3]);
    p.release();
    expect(() => view.get(0)).toThrow(code('RELEASED'));
  });
});

describe('SharedArrayBuffers', () => {
  test('are pinned, and show the very memory', () => {
    const shared = new SharedArrayBuffer(8);
    const words = new Int32Array(shared);
    using p = acquire(words, { pin: true, writable: true });
    p.set(1, 7);
    expect(words[1]).toBe(7);
    expect(p.buffer).toBe(shared);
    using q = acquire(p.slice([1, 2]), { pin: true });
    expect([q.buffer, q.byteOffset, q.get(0)]).toEqual([shared, 4, 7]);
    using whole = acquire(shared);
    expect([whole.format, whole.size]).toEqual(['B', 8]);
  });
});

describe('resizable and growable buffers', () => {
  const resizable = new Resizable(4, { maxByteLength: 8 });
  const growable = new Growable(4, { maxByteLength: 8 });
  test.each([
    ['resizable', resizable],
    ['a view on it', new Uint8Array(resizable)],
    ['a window on it', new Uint8Array(resizable, 1, 2)],
    ['a DataView on it', new DataView(resizable)],
    ['growable', growable],
    ['a view on that', new Uint16Array(growable)],
  ])('%s: refused', (_name, source) => {
    for (const request of [undefined, { pin: true }, { copy: 'if-needed' }] as const)
      expect(() => acquire(source, request)).toThrow(code('UNSUPPORTED'));
    using p = acquire(HostArray.allocate([4]), { writable: true });
    if (
      !(source instanceof Uint16Array) &&
      (source as { byteLength: number }).byteLength === 4
    )
      p.writeBytes(source as Uint8Array); // plain bytes, copied at once
  });
});

describe('what exports nothing', () => {
  const values: readonly unknown[] = [
    undefined,
    null,
    5,
    'text',
    5n,
    Symbol('s'),
    true,
    {},
    [],
    [1, 2],
    () => 0,
    new Map(),
    Object.create(Uint8Array.prototype),
    Object.create(ArrayBuffer.prototype),
    Object.create(HostArray.prototype),
    HostArray,
    new Proxy(new Uint8Array(2), {}),
  ];
  test.each(values.map((value) => [typeof value, value] as const))(
    '%s',
    (_type, value) => {
      expect(() => acquire(value)).toThrow(code('NOT_EXPORTER'));
      expect(() => acquire(value, { copy: 'if-needed' })).toThrow(code('NOT_EXPORTER'));
    },
  );
});
