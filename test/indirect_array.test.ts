import { inspect } from 'node:util';
import { acquire, HostArray, IndirectArray } from 'nbuf';
import { describe, expect, test } from 'vitest';

const code = (suffix: string) =>
  expect.objectContaining({ name: 'BufferError', code: `ERR_NBUF_${suffix}` });
const outOfRange = expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' });
const wrongType = expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' });

/** Rows that count up: row r, column c is 10 r + c. */
function rowsOf(count: number, length: number, format = 'h'): HostArray[] {
  return Array.from({ length: count }, (_, r) =>
    HostArray.from(
      Array.from({ length }, (_, c) => 10 * r + c),
      format,
    ),
  );
}

describe('IndirectArray.allocate', () => {
  test('rows in blocks of so many bytes, zeroed', () => {
    const array = IndirectArray.allocate([10, 4], '<i', { blockBytes: 50 });
    expect([array.shape, array.strides, array.suboffsets]).toEqual([
      [10, 4],
      [8, 4],
      [0, -1],
    ]);
    expect([array.format, array.itemsize, array.byteLength]).toEqual(['<i', 4, 160]);
    using p = acquire(array, { writable: true });
    expect([...p]).toEqual(new Array(40).fill(0));
    p.copyFrom(Array.from({ length: 10 }, (_, r) => [r, r + 1, r + 2, r + 3]));
    expect(p.slice(7).toArray()).toEqual([7, 8, 9, 10]);
    // 3 rows of 16 bytes in each block: they are adjacent there.
    expect([...p.runs()].map((run) => run.byteLength)).toEqual([48, 48, 48, 16]);
    const buffers = Array.from({ length: 10 }, (_, r) => p.slice(r).buffer);
    expect(new Set(buffers).size).toBe(4);
  });

  test('one block of at least one row, and default sizes', () => {
    using p = acquire(IndirectArray.allocate([3, 100], 'd', { blockBytes: 1 }));
    expect([...p.runs()].length).toBe(3);
    using q = acquire(IndirectArray.allocate([300, 1000], 'd'));
    expect([...q.runs()].length).toBe(3); // 2.4 MB in blocks of 1 MiB
    using one = acquire(IndirectArray.allocate([3]), { writable: true });
    one.set(2, 9);
    expect([one.format, one.toArray(), one.levels]).toEqual([
      'B',
      [0, 0, 9],
      { axisLevel: [0], postOffsets: [0] },
    ]);
  });

  test.each([[[0, 4]], [[4, 0]], [[0]]])('empty: %j', (shape) => {
    const array = IndirectArray.allocate(shape, 'h');
    using p = acquire(array);
    expect([p.shape, p.size, [...p], [...p.runs()]]).toEqual([shape, 0, [], []]);
    expect(p.toArray()).toEqual(acquire(HostArray.allocate(shape, 'h')).toArray());
    expect(p.slice([0, 0]).toBytes().length).toBe(0);
    expect(p.equals(HostArray.allocate(shape, 'h'))).toBe(true);
  });

  test('what cannot be', () => {
    expect(() => IndirectArray.allocate([], 'h')).toThrow(outOfRange);
    expect(() => IndirectArray.allocate([2 ** 40, 8], 'd')).toThrow();
    expect(() => IndirectArray.allocate([2, 2 ** 50])).toThrow(code('NOMEM'));
    expect(() => IndirectArray.allocate([9], 'B', { blockBytes: 0 })).toThrow(outOfRange);
    expect(() => IndirectArray.allocate([2 ** 23], 'B', { blockBytes: 1 })).toThrow(
      outOfRange,
    );
    expect(() => Reflect.construct(IndirectArray, [{}])).toThrow(wrongType);
  });
});

describe('IndirectArray.fromRows', () => {
  test('stacks rows without a copy, and writes through', () => {
    const rows = rowsOf(3, 4);
    const array = IndirectArray.fromRows(rows);
    using p = acquire(array, { writable: true });
    p.set(1, 2, -5);
    expect(acquire(rows[1] as HostArray).toArray()).toEqual([10, 11, -5, 13]);
    expect([p.get(2, 3), p.at(-1, 0), p.readonly]).toEqual([23, 20, false]);
  });

  test('rows that are views, the same one twice, with any strides', () => {
    using whole = acquire(HostArray.from([1, 2, 3, 4, 5, 6], 'B'));
    const back = whole.slice([null, null, -2]);
    using p = acquire(IndirectArray.fromRows([back, back]));
    expect(p.toArray()).toEqual([
      [6, 4, 2],
      [6, 4, 2],
    ]);
    expect(p.strides).toEqual([8, -2]);
    expect(p.suboffsets).toEqual([0, -1]);
  });

  test('typed arrays, Buffers, shared memory', () => {
    const shared = new Uint8Array(new SharedArrayBuffer(4)).fill(3);
    const sources = [Uint8Array.of(1, 2, 3, 4), Buffer.from([5, 6, 7, 8]), shared];
    using p = acquire(IndirectArray.fromRows(sources), { writable: true });
    p.set(0, 1, 99);
    p.set(2, 0, 77);
    expect([sources[0]?.[1], shared[0]]).toEqual([99, 77]);
    expect([...p.runs()].map((run) => run.buffer)).toEqual(
      sources.map((source) => source.buffer),
    );
    expect(p.slice(1).typedArray().buffer).toBe(sources[1]?.buffer);
  });

  test('three levels: arrays of this kind as rows', () => {
    const kept: HostArray[] = [];
    const make = (by: number) =>
      IndirectArray.fromRows(
        rowsOf(2, 3).map((row) => {
          using p = acquire(row, { writable: true });
          kept.push(row);
          p.copyFrom([...p].map((n) => (n as number) + by));
          return row;
        }),
      );
    const planes = [make(0), make(100)];
    const array = IndirectArray.fromRows(planes);
    expect([array.shape, array.suboffsets]).toEqual([
      [2, 2, 3],
      [0, 0, -1],
    ]);
    using p = acquire(array);
    const expected = [
      [
        [0, 1, 2],
        [10, 11, 12],
      ],
      [
        [100, 101, 102],
        [110, 111, 112],
      ],
    ];
    expect(p.toArray()).toEqual(expected);
    expect(p.get(1, 0, 2)).toBe(102);
    expect(p.slice(1).levels).toEqual({ axisLevel: [0, 1], postOffsets: [0] });
    expect(p.slice(1, 1).typedArray()).toEqual(Int16Array.of(110, 111, 112));
    const turned = p.transpose(2, 0, 1);
    expect(turned.toArray()).toEqual(
      [0, 1, 2].map((c) => expected.map((plane) => plane.map((row) => row[c]))),
    );
    expect(() => turned.suboffsets).toThrow(code('SUBOFFSETS'));
    expect(turned.slice(':', 1).toArray()).toEqual(
      [0, 1, 2].map((c) => expected[1]?.map((row) => row[c])),
    );
    for (const plane of planes) plane.dispose(); // its rows stay locked
    for (const row of kept) expect(row.locks.memory).toBeGreaterThan(0);
    expect(p.toArray()).toEqual(expected);
  });

  test('sources must be equal', () => {
    const [a, b] = rowsOf(2, 4) as [HostArray, HostArray];
    expect(() => IndirectArray.fromRows([a, rowsOf(1, 3)[0]])).toThrow(outOfRange);
    expect(() => IndirectArray.fromRows([a, rowsOf(1, 4, 'i')[0]])).toThrow(
      code('FORMAT'),
    );
    using p = acquire(b);
    const back = p.slice([null, null, -1]);
    expect(() => IndirectArray.fromRows([a, back])).toThrow(code('STRIDES'));
    expect(() => IndirectArray.fromRows([a, IndirectArray.allocate([4], 'h')])).toThrow(
      code('STRIDES'),
    );
    expect(() => IndirectArray.fromRows([])).toThrow(outOfRange);
    expect(() => IndirectArray.fromRows([a, {}])).toThrow(code('NOT_EXPORTER'));
    expect(() => IndirectArray.fromRows(a as never)).toThrow(wrongType);
    p.release();
    for (const row of [a, b]) expect(row.locks.memory).toBe(0); // nothing was kept
  });

  test('readonly when one source is', () => {
    const [a, b] = rowsOf(2, 2) as [HostArray, HostArray];
    using p = acquire(b);
    const array = IndirectArray.fromRows([a, p.toReadonly()]);
    expect(() => acquire(array, { writable: true })).toThrow(code('READONLY'));
    using q = acquire(array);
    expect(q.readonly).toBe(true);
    expect(() => q.set(0, 0, 1)).toThrow(code('READONLY'));
    expect(() => q.runs()).toThrow(code('READONLY'));
    expect(() => q.slice(0).typedArray()).toThrow(code('READONLY'));
    expect(q.toArray()).toEqual([
      [0, 1],
      [10, 11],
    ]);
  });
});

test('util.inspect', () => {
  const array = IndirectArray.fromRows(rowsOf(2, 2));
  expect(inspect(array)).toBe(
    "IndirectArray 2×2 'h' strides [8, 2] suboffsets [0, -1], locks: memory 0, layout 0",
  );
  using p = acquire(array);
  expect(inspect(p)).toBe(
    "Provider 2×2 'h' strides [8, 2] suboffsets [0, -1]\n[[0, 1],\n [10, 11]]",
  );
  expect(inspect(p.transpose())).toBe(
    "View 2×2 'h' strides [2, 8] levels [1, 0] + [0]\n[[0, 10],\n [1, 11]]",
  );
  p.release();
  array.dispose();
  expect(inspect(array)).toBe('IndirectArray <disposed>');
});
