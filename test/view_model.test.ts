/** Views over native memory against the slow model, on random layouts with printed seeds. */

import { acquire, BufferError, type View } from 'nbuf';
import { describe, expect, test } from 'vitest';
import * as model from './model.ts';
import { forCases, type Random } from './random.ts';
import { blockOf, broadcasted, type Case, derive, randomCase } from './view_case.ts';

const CASES = 600;

/** Runs `check` on random views, each released afterwards. */
function forViews(
  count: number,
  check: (given: Case, random: Random) => void,
  maxSize = 200,
): void {
  forCases(count, (random) => {
    const whole = randomCase(random, { maxSize });
    const given = derive(whole, random);
    const context = `${given.view.format} [${whole.provider.shape}] [${whole.provider.strides}]`;
    try {
      check(given, random);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`${context}: ${reason}`, { cause });
    } finally {
      whole.provider.release();
    }
  });
}

function values({ array, read }: Case): unknown[] {
  return model.elements(array).map(read);
}

function randomIndex(shape: readonly number[], random: Random): number[] {
  return shape.map((extent) => random.int(0, extent - 1));
}

function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

describe('what a view says about itself', () => {
  test('shape, size, byteLength, contiguity, place', () => {
    forViews(2 * CASES, ({ view, provider, array }) => {
      expect(view.shape).toEqual(array.shape);
      expect(Object.isFrozen(view.shape) && Object.isFrozen(view.strides)).toBe(true);
      expect(view.ndim).toBe(array.shape.length);
      expect(view.size).toBe(array.addresses.length);
      expect(view.itemsize).toBe(array.itemsize);
      expect(view.byteLength).toBe(array.addresses.length * array.itemsize);
      expect(view.suboffsets).toBeNull();
      expect(view.readonly).toBe(false);
      for (const order of ['C', 'F', 'A'] as const)
        expect(view.isContiguous(order), order).toBe(model.isContiguous(array, order));
      expect(view.isContiguous()).toBe(view.isContiguous('C'));
      if (array.addresses.length === 0) return;
      expect(view.byteOffset).toBe(array.addresses[0]);
      expect(view.address - provider.address).toBe(
        BigInt(view.byteOffset - provider.byteOffset),
      );
      expect(view.buffer).toBe(provider.buffer);
    });
  });

  test('its strides lead to the elements', () => {
    forViews(CASES, ({ view, array }) => {
      const { shape, strides, byteOffset, itemsize } = view;
      const layout = { shape: shape ?? [], strides: strides ?? [], itemsize };
      const reached = model.fromLayout({ ...layout, offset: byteOffset }, array.memory);
      expect(reached.addresses).toEqual(array.addresses);
    });
  });
});

describe('reading', () => {
  test('get, at', () => {
    forViews(2 * CASES, ({ view, array, read }, random) => {
      if (array.addresses.length === 0) return;
      for (let k = 0; k < 5; k++) {
        const vector = randomIndex(array.shape, random);
        const at = model.addressOf(array, vector);
        const expected = read(array.memory.slice(at, at + array.itemsize));
        expect(view.get(...vector)).toEqual(expected);
        const fromEnd = vector.map((i, axis) =>
          random.chance(0.5) ? i - (array.shape[axis] ?? 0) : i,
        );
        expect(view.at(...fromEnd)).toEqual(expected);
      }
    });
  });

  test('iteration and toArray', () => {
    forViews(CASES, (given) => {
      expect([...given.view]).toEqual(values(given));
      expect(given.view.toArray()).toEqual(model.toNested(given.array, given.read));
    });
  });

  test("'A' is Fortran order where the view has it, and only there", () => {
    forViews(CASES, ({ view, array }) => {
      const isFortran = model.isContiguous(array, 'F') && !model.isContiguous(array, 'C');
      expect(view.toBytes('A')).toEqual(model.toBytes(array, isFortran ? 'F' : 'C'));
      using copy = acquire(view.toContiguous('A'));
      expect(copy.isContiguous(isFortran ? 'F' : 'C')).toBe(true);
      expect(copy.toBytes()).toEqual(model.toBytes(array));
    });
  });

  test('toBytes and toContiguous', () => {
    forViews(CASES, ({ view, array }) => {
      expect(view.toBytes()).toEqual(model.toBytes(array));
      for (const order of ['C', 'F'] as const) {
        expect(view.toBytes(order)).toEqual(model.toBytes(array, order));
        using copy = acquire(view.toContiguous(order));
        expect(copy.shape).toEqual(array.shape);
        expect(copy.format).toBe(view.format);
        expect(copy.isContiguous(order)).toBe(true);
        expect(copy.toBytes('C')).toEqual(model.toBytes(array));
      }
    });
  });

  test('broadcastTo', () => {
    forViews(CASES, (narrow, random) => {
      const given = broadcasted(narrow, random);
      expect(given.view.shape).toEqual(given.array.shape);
      expect([...given.view]).toEqual(values(given));
      expect(given.view.readonly).toBe(given.view !== narrow.view);
    });
  });
});

/** The view's bytes through typed arrays over the very memory. */
function checkTyped(view: View, array: model.Model): void {
  const packed = model.toBytes(array);
  try {
    const pieces = [...view.runs()].map((piece) => [...bytesOf(piece)]);
    expect(pieces.flat()).toEqual([...packed]);
    if (view.isContiguous()) expect(bytesOf(view.typedArray())).toEqual(packed);
  } catch (error) {
    if (!(error instanceof BufferError)) throw error;
    const unit = view.format?.endsWith('Zd') ? 8 : view.itemsize;
    const hasKind = /^[Bb?]$|^<(h|I|f|q|d|Zd)$/.test(view.format ?? '');
    if (hasKind) {
      expect(error.code).toBe('ERR_NBUF_STRIDES');
      expect(array.addresses.some((at) => at % unit !== 0)).toBe(true);
    } else expect(error.code).toBe('ERR_NBUF_FORMAT');
  }
}

describe('zero-copy', () => {
  test('runs and typedArray', () => {
    forViews(2 * CASES, ({ view, array }) => {
      checkTyped(view, array);
    });
  });

  test('bytes', () => {
    forViews(CASES, ({ view, array }) => {
      const refused = expect.objectContaining({ code: 'ERR_NBUF_CONTIGUITY' });
      if (view.isContiguous()) expect(view.bytes()).toEqual(model.toBytes(array));
      else expect(() => view.bytes()).toThrow(refused);
    });
  });

  test('asNdarray finds every element', () => {
    let found = 0;
    forViews(2 * CASES, ({ view, array }) => {
      if (!/^[Bb?]$|^<(h|I|f|q|d)$/.test(view.format ?? '')) return;
      const isSteppable = array.addresses.every((at) => at % array.itemsize === 0);
      if (!isSteppable) {
        const refused = expect.objectContaining({ code: 'ERR_NBUF_STRIDES' });
        expect(() => view.asNdarray()).toThrow(refused);
        return;
      }
      const { data, shape, stride, offset } = view.asNdarray();
      found++;
      expect(data.buffer).toBe(view.buffer);
      expect(shape).toEqual(array.shape);
      expect(stride.every(Number.isInteger)).toBe(true);
      const unit = (data as Uint8Array).BYTES_PER_ELEMENT;
      const layout = { shape, strides: stride, offset, itemsize: 1 };
      const reached = model.fromLayout(layout, new Uint8Array(0));
      expect(reached.addresses.map((at) => at * unit)).toEqual(array.addresses);
    });
    expect(found).toBeGreaterThan(CASES / 4);
  });
});

describe('writing', () => {
  test('set', () => {
    forViews(CASES, ({ view, provider, array }, random) => {
      if (array.addresses.length === 0) return;
      const [from, to] = [0, 1].map(() => randomIndex(array.shape, random));
      const start = model.addressOf(array, from ?? []);
      const element = array.memory.slice(start, start + array.itemsize);
      const isNaNElement = Number.isNaN(view.get(...(from ?? [])));
      if (isNaNElement || view.format === '?' || view.format === '<Zd') return;
      view.set(...(to ?? []), view.get(...(from ?? [])));
      array.memory.set(element, model.addressOf(array, to ?? []));
      expect(blockOf(provider)).toEqual(array.memory);
    });
  });

  test('writeBytes', () => {
    forViews(CASES, ({ view, provider, array }, random) => {
      const bytes = random.bytes(view.byteLength);
      const order = random.pick(['C', 'F'] as const);
      view.writeBytes(bytes, order);
      const source = { memory: bytes, itemsize: array.itemsize };
      const addresses = array.addresses.map((_, k) => k * array.itemsize);
      const packed =
        order === 'C'
          ? { ...source, shape: array.shape, addresses }
          : model.transpose({
              ...source,
              shape: [...array.shape].reverse(),
              addresses,
            });
      model.copy(array, packed);
      expect(blockOf(provider)).toEqual(array.memory);
    });
  });

  test('fill', () => {
    forViews(CASES, ({ view, provider, array }) => {
      if (
        array.addresses.length === 0 ||
        Number.isNaN(view.at(...array.shape.map(() => 0)))
      )
        return;
      if (view.format === '?' || view.format === '<Zd') return;
      const first = array.addresses[0] ?? 0;
      const element = array.memory.slice(first, first + array.itemsize);
      view.fill(view.at(...array.shape.map(() => 0)));
      for (const at of array.addresses) array.memory.set(element, at);
      expect(blockOf(provider)).toEqual(array.memory);
    });
  });
});
