/** copy: 'if-needed': when a copy stands in, and when it is written back. */

import { setImmediate } from 'node:timers/promises';
import { acquire, calcsize, HostArray, type Provider, type RequestOptions } from 'nbuf';
import { describe, expect, test } from 'vitest';

function code(suffix: string): unknown {
  return expect.objectContaining({ code: `ERR_NBUF_${suffix}` });
}

/** Every second of eight bytes. */
function strided(): HostArray {
  const bytes = Uint8Array.from({ length: 8 }, (_, k) => k);
  return HostArray.fromBytes(bytes, { shape: [2, 2], strides: [4, 2] });
}

function memoryOf(array: HostArray): unknown[] {
  array.setLayout({ shape: [array.capacity] });
  using p = acquire(array);
  return [...p];
}

const C: RequestOptions = { contiguous: 'C', copy: 'if-needed' };

describe('a copy', () => {
  test('is made only where the request cannot be granted', () => {
    const array = strided();
    using real = acquire(array, { copy: 'if-needed' });
    expect([real.copied, real.strides]).toEqual([false, [4, 2]]);
    using c = acquire(array, C);
    expect([c.copied, c.strides, [...c]]).toEqual([true, [2, 1], [0, 2, 4, 6]]);
    using f = acquire(array, { contiguous: 'F', copy: 'if-needed' });
    expect([f.copied, f.strides, [...f]]).toEqual([true, [1, 2], [0, 2, 4, 6]]);
    using any = acquire(array, { contiguous: 'any', copy: 'if-needed' });
    expect([any.copied, any.isContiguous('A')]).toEqual([true, true]);
    using plain = acquire(array, { strides: false, copy: 'if-needed' });
    expect([plain.copied, plain.strides, [...plain]]).toEqual([true, null, [0, 2, 4, 6]]);
  });

  test('of Fortran order for a C request, and the other way round', () => {
    const fortran = HostArray.allocate([2, 3], 'h', { order: 'F' });
    using c = acquire(fortran, C);
    expect([c.copied, c.strides]).toEqual([true, [6, 2]]);
    using f = acquire(HostArray.allocate([2, 3], 'h'), { ...C, contiguous: 'F' });
    expect([f.copied, f.strides]).toEqual([true, [2, 4]]);
  });

  test('keeps format and itemsize, and is its own memory', () => {
    const array = HostArray.fromBytes(new Uint8Array(32), {
      shape: [2],
      strides: [16],
      format: 'T{i:a:h:b:}',
      itemsize: 8,
    });
    using copy = acquire(array, { ...C, label: 'me' });
    expect([copy.format, copy.itemsize, copy.strides, copy.label]).toEqual([
      'T{i:a:h:b:}',
      8,
      [8],
      'me',
    ]);
    using source = acquire(array);
    expect(copy.address).not.toBe(source.address);
    expect(copy.locks).toEqual({ memory: true, layout: true });
  });

  test('does not help against anything else', () => {
    const readonly = HostArray.fromBytes(new Uint8Array(8), {
      shape: [2, 2],
      strides: [4, 2],
      readonly: true,
    });
    expect(() => acquire(readonly, { ...C, writable: true })).toThrow(code('READONLY'));
    const gone = strided();
    gone.dispose();
    expect(() => acquire(gone, C)).toThrow(code('RELEASED'));
    expect(() => acquire({}, C)).toThrow(code('NOT_EXPORTER'));
    expect(readonly.locks).toEqual({ memory: 0, layout: 0 });
  });
});

describe('a readonly request', () => {
  test('lets the source go at once', () => {
    const array = strided();
    using copy = acquire(array, C);
    expect(array.locks).toEqual({ memory: 0, layout: 0 });
    copy.set(0, 0, 99); // the copy is plain memory, and never written back
    copy.release();
    expect(memoryOf(array)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });
});

describe('a writable copy', () => {
  const WRITABLE: RequestOptions = { ...C, writable: true, label: 'writer' };

  test('holds the source’s locks and is written back by release, and only then', () => {
    const array = strided();
    const copy = acquire(array, WRITABLE);
    expect(array.locks).toEqual({ memory: 1, layout: 1 });
    expect(() => array.setLayout({})).toThrow(/'writer'/);
    copy.set(0, 0, 90);
    copy.set(1, 1, 96);
    using look = acquire(array, { layout: 'snapshot' });
    expect(look.get(0, 0)).toBe(0);
    copy.release();
    expect([...look]).toEqual([90, 2, 4, 96]);
    expect(copy.released).toBe(true);
    copy.release();
    look.release();
    expect(array.locks).toEqual({ memory: 0, layout: 0 });
    expect(memoryOf(array)).toEqual([90, 1, 2, 3, 4, 5, 96, 7]);
  });

  test.each([
    ['using', (copy: Provider) => copy[Symbol.dispose]()],
    ['unsafeRelease', (copy: Provider) => copy.unsafeRelease()],
  ])('is written back by %s too', (_name, end) => {
    const array = strided();
    const copy = acquire(array, WRITABLE);
    copy.fill(5);
    end(copy);
    expect(memoryOf(array)).toEqual([5, 1, 5, 3, 5, 5, 5, 7]);
  });

  test('of a borrowed typed array goes back into it', () => {
    const source = Uint8Array.of(1, 2, 3);
    const copy = acquire(source, { pin: true, writable: true, copy: 'if-needed' });
    copy.fill(7);
    expect([...source]).toEqual([1, 2, 3]);
    copy.release();
    expect([...source]).toEqual([7, 7, 7]);
  });

  test('whose source was transferred says so, and lets everything go', () => {
    const source = Uint8Array.of(1, 2, 3);
    const copy = acquire(source, { pin: true, writable: true, copy: 'if-needed' });
    structuredClone(source.buffer, { transfer: [source.buffer] });
    expect(() => copy.release()).toThrow(code('DETACHED'));
    expect(copy.released).toBe(true);
    copy.release();
    expect(() => copy.get(0)).toThrow(code('RELEASED'));
  });

  test('that is collected is discarded with a warning', async () => {
    const array = strided();
    const warnings: (Error & { code?: string })[] = [];
    process.on('warning', (warning) => warnings.push(warning));
    const discards = () => warnings.filter(({ code }) => code === 'NBUF_DISCARDED');
    (() => {
      acquire(array, WRITABLE).fill(9);
    })();
    for (let k = 0; k < 50 && discards().length === 0; k++) {
      globalThis.gc?.();
      await setImmediate();
    }
    expect(discards().map(({ message }) => message)).toEqual([
      expect.stringContaining("('writer')"),
    ]);
    expect(array.locks).toEqual({ memory: 0, layout: 0 });
    expect(memoryOf(array)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test.each(['i', 'd', '>H', '3s', 'T{i:a:d:b:}', 'Zd', '?', 'O'])(
    'without its format: %s',
    (format) => {
      const bytes = Uint8Array.from({ length: 4 * calcsize(format) }, (_, k) => k & 1);
      const array = HostArray.fromBytes(bytes, { shape: [2, 2], format });
      const F = { contiguous: 'F', copy: 'if-needed', format: false } as const;
      const copy = acquire(array, { ...F, writable: true });
      expect([copy.copied, copy.format]).toEqual([true, null]);
      copy.writeBytes(bytes.map((byte) => byte ^ 1));
      copy.release();
      using p = acquire(array);
      expect([...p.toBytes()]).toEqual([...bytes].map((byte) => byte ^ 1));
      expect(array.locks).toEqual({ memory: 1, layout: 1 });
    },
  );

  test('of empty and 0-d sources', () => {
    using empty = acquire(new Uint8Array(0), {
      pin: true,
      writable: true,
      copy: 'if-needed',
    });
    expect([empty.copied, empty.size]).toEqual([true, 0]);
    const array = HostArray.from([1, 2], 'B');
    using p = acquire(array, { writable: true });
    using scalar = acquire(p.slice(0), C);
    expect([scalar.copied, scalar.get()]).toEqual([false, 1]);
  });
});
