import { acquire, HostArray, IndirectArray, type Provider } from 'nbuf';
import { describe, expect, test } from 'vitest';

const code = (suffix: string) =>
  expect.objectContaining({ name: 'BufferError', code: `ERR_NBUF_${suffix}` });

function two(): { rows: HostArray[]; array: IndirectArray } {
  const rows = [HostArray.from([1, 2, 3], 'h'), HostArray.from([4, 5, 6], 'h')];
  return { rows, array: IndirectArray.fromRows(rows) };
}

/** Every way to an element or a byte, each with what it needs. */
const USES: Readonly<Record<string, (p: Provider) => unknown>> = {
  get: (p) => p.get(0, 0),
  at: (p) => p.at(-2, -1),
  set: (p) => p.set(0, 0, 1),
  iterate: (p) => [...p],
  toArray: (p) => p.toArray(),
  toBytes: (p) => p.toBytes(),
  writeBytes: (p) => p.writeBytes(p.toBytes()),
  toContiguous: (p) => p.toContiguous(),
  copyFrom: (p) => p.copyFrom(new Array(2).fill(new Array(3).fill(1))),
  convert: (p) => p.copyFrom(Int32Array.of(1, 2, 3), { convert: 'unsafe' }),
  fill: (p) => p.fill(1),
  equals: (p) => p.equals(p),
  runs: (p) => [...p.runs()],
  row: (p) => p.slice(0).get(0),
  typedArray: (p) => p.slice(0).typedArray(),
  acquire: (p) => acquire(p).toBytes(),
};

describe('locks', () => {
  test('the sources name IndirectArray, and are free when it and its providers are gone', () => {
    const { rows, array } = two();
    expect(() => rows[0]?.resize([9])).toThrow(
      expect.objectContaining({
        code: 'ERR_NBUF_LOCKED',
        message: expect.stringContaining("'IndirectArray'"),
      }),
    );
    rows[0]?.setLayout({ shape: [1] }); // their layouts are their own
    const p = acquire(array, { label: 'reader' });
    expect(array.locks).toEqual({ memory: 1, layout: 1 });
    array.dispose();
    expect(() => acquire(array)).toThrow(code('RELEASED'));
    expect(p.toArray()).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(() => rows[1]?.resize([9])).toThrow(code('LOCKED'));
    p.release();
    for (const row of rows) row.resize([9]);
  });

  test('two arrays over one source: each has locks of its own', () => {
    const { rows, array } = two();
    const other = IndirectArray.fromRows([...rows].reverse());
    array.dispose();
    expect(() => rows[0]?.resize([9])).toThrow(code('LOCKED'));
    using p = acquire(other, { writable: true });
    p.set(1, 0, 9);
    expect(acquire(rows[0] as HostArray, { layout: 'snapshot' }).get(0)).toBe(9);
    other.dispose();
    p.release();
  });

  test('sources that were disposed of serve on', () => {
    const { rows, array } = two();
    for (const row of rows) row.dispose();
    using p = acquire(array);
    expect(p.get(1, 2)).toBe(6);
  });

  test('a row holds the layout lock with its provider', () => {
    const { array } = two();
    const p = acquire(array);
    const row = p.slice(1);
    expect(array.locks).toEqual({ memory: 1, layout: 1 });
    using again = acquire(row, { label: 'row' });
    p.release();
    expect(array.locks).toEqual({ memory: 0, layout: 0 });
    expect(() => row.get(0)).toThrow(code('RELEASED'));
    expect(again.toArray()).toEqual([4, 5, 6]); // it retains what it needs
  });
});

describe('release', () => {
  test.each(Object.entries(USES))('%s afterwards', (_name, use) => {
    const { array } = two();
    const p = acquire(array, { writable: true });
    const early = p.slice(0);
    use(p);
    p.release();
    p.release();
    expect(() => use(p)).toThrow(code('RELEASED'));
    expect(() => early.get(0)).toThrow(code('RELEASED'));
    expect([p.released, p.shape, p.strides, p.format]).toEqual([
      true,
      [2, 3],
      [8, 2],
      'h',
    ]);
    for (const name of ['levels', 'suboffsets', 'address'] as const)
      expect(() => p[name]).toThrow(code('RELEASED'));
  });

  test('in the middle of an iteration, and of runs', () => {
    const { array } = two();
    const p = acquire(array);
    const [elements, runs] = [p[Symbol.iterator](), p.runs()];
    expect(elements.next().value).toBe(1);
    const run = runs.next().value as Int16Array;
    p.release();
    expect(() => elements.next()).toThrow(code('RELEASED'));
    expect(() => runs.next()).toThrow(code('RELEASED'));
    expect(run.length).toBe(0); // detached with the last provider of its block
  });

  test('a block that somebody else holds stays attached', () => {
    const { rows, array } = two();
    using other = acquire(rows[0] as HostArray);
    const p = acquire(array);
    const [first, second] = [...p.runs()] as [Int16Array, Int16Array];
    expect(first.buffer).toBe(other.buffer);
    p.release();
    expect([first.length, second.length]).toEqual([3, 0]);
  });

  test('while set converts its value', () => {
    const { array } = two();
    const p = acquire(array, { writable: true });
    const value = {
      valueOf() {
        p.release();
        return 1;
      },
    };
    expect(() => p.set(0, 0, value as never)).toThrow();
    using q = acquire(array);
    expect(q.get(0, 0)).toBe(1);
  });
});

describe('memory of JavaScript’s own', () => {
  const detach = (view: Uint8Array): void => {
    structuredClone(view.buffer, { transfer: [view.buffer as ArrayBuffer] });
  };
  const make = () => {
    const rows = [Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5, 6)] as const;
    return { rows, array: IndirectArray.fromRows(rows) };
  };

  test.each(Object.entries(USES))('%s after a row was detached', (_name, use) => {
    const { rows, array } = make();
    using p = acquire(array, { writable: true });
    use(p);
    detach(rows[0]);
    expect(() => use(p)).toThrow(code('DETACHED'));
    expect(() => acquire(array)).toThrow(code('DETACHED'));
  });

  test('other rows are still there', () => {
    const { rows, array } = make();
    using p = acquire(array, { writable: true });
    const last = p.slice(1);
    detach(rows[0]);
    expect([p.get(1, 2), last.get(0)]).toEqual([6, 4]);
    expect([...(last.typedArray() as Uint8Array)]).toEqual([4, 5, 6]);
  });

  test('before the array is made, and while it is', () => {
    const rows = [Uint8Array.of(1), Uint8Array.of(2)] as const;
    detach(rows[1]);
    expect(() => IndirectArray.fromRows(rows)).toThrow(code('DETACHED'));
    const late = Uint8Array.of(1);
    const sources = [late, late];
    Object.defineProperty(sources, 1, {
      get() {
        detach(late);
        return Uint8Array.of(2);
      },
    });
    expect(() => IndirectArray.fromRows(sources)).toThrow(code('DETACHED'));
  });

  test('arrays of arrays over it are checked as well', () => {
    const { rows, array } = make();
    const nested = IndirectArray.fromRows([array, array]);
    using p = acquire(nested, { writable: true });
    expect(p.get(1, 1, 0)).toBe(4);
    p.set(0, 0, 1, 77);
    expect(rows[0][1]).toBe(77);
    expect(p.slice(0, 0).typedArray().buffer).toBe(rows[0].buffer);
    detach(rows[1]);
    expect(() => p.get(1, 1, 0)).toThrow(code('DETACHED'));
    expect(() => p.toBytes()).toThrow(code('DETACHED'));
    expect(() => acquire(nested)).toThrow(code('DETACHED'));
  });

  test('it cannot be pinned; shared memory can', () => {
    const { array } = make();
    expect(() => acquire(array, { pin: true })).toThrow(code('UNSUPPORTED'));
    using copy = acquire(array, { pin: true, copy: 'if-needed' });
    expect([copy.copied, copy.toArray()]).toEqual([
      true,
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
    ]);
    const shared = new Uint8Array(new SharedArrayBuffer(3)).fill(8);
    using p = acquire(IndirectArray.fromRows([shared, shared]), { pin: true });
    expect(p.get(1, 2)).toBe(8);
  });
});
