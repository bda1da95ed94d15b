import { inspect } from 'node:util';
import { acquire, Flags, HostArray, IndirectArray, type PointerOptions } from 'nbuf';
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

/** Two rows of three bytes in one block, a pointer to each. */
function pointersTo(bytes: Uint8Array, change: Partial<PointerOptions> = {}) {
  return IndirectArray.fromPointers({
    blocks: [HostArray.fromBytes(bytes, {})],
    tables: [
      [
        [0, 0],
        [0, 3],
      ],
    ],
    shape: [2, 3],
    strides: [8, 1],
    suboffsets: [0, -1],
    ...change,
  });
}
const SIX = Uint8Array.of(1, 2, 3, 4, 5, 6);

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

describe('IndirectArray.fromPointers', () => {
  test('tables as they are spelled, and where it starts', () => {
    const array = pointersTo(SIX, {
      tables: [[null, [0, 3], [0, 0], [0, 0]]],
      start: 1,
      shape: [3, 2],
      suboffsets: [1, -1],
    });
    expect(acquire(array).toArray()).toEqual([
      [5, 6],
      [2, 3],
      [2, 3],
    ]);
    expect(array.suboffsets).toEqual([1, -1]);
  });

  test('two tables: pointers to pointers', () => {
    const array = pointersTo(SIX, {
      tables: [
        [2, 0],
        [
          [0, 0],
          [0, 2],
          [0, 4],
          [0, 1],
        ],
      ],
      shape: [2, 2, 2],
      strides: [8, 8, 1],
      suboffsets: [0, 0, -1],
    });
    expect(acquire(array).toArray()).toEqual([
      [
        [5, 6],
        [2, 3],
      ],
      [
        [1, 2],
        [3, 4],
      ],
    ]);
  });

  const at = (...targets: PointerOptions['tables'][number]) => ({ tables: [targets] });
  test.each<[string, Partial<PointerOptions>]>([
    ['a null pointer', at([0, 0], null)],
    ['elements behind the block', at([0, 0], [0, 4])],
    ['elements before the block', at([0, 0], [0, -1])],
    ['a pointer far away', at([0, 0], [0, 2 ** 40])],
    ['a suboffset that leads out', { suboffsets: [1, -1] }],
    ['a start behind the table', { start: 1 }],
    ['a table that is too short', at([0, 0])],
    ['strides that leave the table', { strides: [16, 1] }],
    ['strides that leave the block', { strides: [8, 2] }],
    ['pointers between two entries', { strides: [4, 1] }],
    [
      'an index behind the next table',
      {
        tables: [[0, 1], [[0, 0]]],
        shape: [2, 1, 3],
        strides: [8, 8, 1],
        suboffsets: [0, 0, -1],
      },
    ],
  ])('BOUNDS: %s', (_name, change) => {
    expect(() => pointersTo(SIX, change)).toThrow(code('BOUNDS'));
  });

  test.each<[string, Record<string, unknown>, unknown]>([
    ['no suboffset that is a pointer', { suboffsets: [-1, -1] }, outOfRange],
    ['too few suboffsets', { suboffsets: [0] }, outOfRange],
    ['too many tables', { tables: [[[0, 0]], []] }, outOfRange],
    ['no such block', { tables: [[[1, 0]]] }, outOfRange],
    ['an index in the last table', { tables: [[0]] }, wrongType],
    ['tables that are none', { tables: 3 }, wrongType],
    ['targets that are none', { tables: [['x']] }, wrongType],
    ['three numbers', { tables: [[[0, 0, 0]]] }, outOfRange],
    ['a fraction', { tables: [[[0, 0.5]]] }, wrongType],
    ['readonly that is no boolean', { readonly: 1 }, wrongType],
    ['a start before the table', { start: -1 }, outOfRange],
    ['no exporter', { blocks: [3] }, code('NOT_EXPORTER')],
    ['indirect blocks', { blocks: [pointersTo(SIX)] }, code('SUBOFFSETS')],
  ])('refused: %s', (_name, change, error) => {
    expect(() => pointersTo(SIX, change as never)).toThrow(error as Error);
  });

  test('readonly on demand', () => {
    const array = pointersTo(SIX, { readonly: true });
    expect(() => acquire(array, { writable: true })).toThrow(code('READONLY'));
  });

  test('the sign trap: row pointers at row ends, walked backwards, sliced [1:]', () => {
    const array = pointersTo(SIX, {
      tables: [
        [
          [0, 2],
          [0, 5],
        ],
      ],
      strides: [8, -1],
    });
    using p = acquire(array);
    expect(p.toArray()).toEqual([
      [3, 2, 1],
      [6, 5, 4],
    ]);
    const rest = p.slice(':', [1]);
    // CPython reads the pointer table as pixels here: the suboffset became -1, "no pointer".
    expect(rest.toArray()).toEqual([
      [2, 1],
      [5, 4],
    ]);
    expect(rest.levels).toEqual({ axisLevel: [0, 1], postOffsets: [-1] });
    expect(() => rest.suboffsets).toThrow(/-1 bytes are added/);
    using again = acquire(rest, Flags.FULL_RO);
    expect(again.toArray()).toEqual(rest.toArray());
  });
});

describe('requests', () => {
  const all = (shape: readonly number[]) => IndirectArray.allocate(shape, 'h');

  test.each([
    ['SIMPLE', 'SUBOFFSETS'],
    ['ND', 'SUBOFFSETS'],
    ['STRIDES', 'SUBOFFSETS'],
    ['RECORDS', 'SUBOFFSETS'],
    ['C_CONTIGUOUS', 'CONTIGUITY'],
    ['F_CONTIGUOUS', 'CONTIGUITY'],
    ['ANY_CONTIGUOUS', 'CONTIGUITY'],
  ] as const)('without INDIRECT they fail as PEP 3118 says: %s', (flag, reason) => {
    expect(() => acquire(all([2, 3]), Flags[flag])).toThrow(code(reason));
    expect(() => acquire(all([2, 3]), Flags[flag] | Flags.FORMAT)).toThrow(code(reason));
  });

  test('with it they are granted', () => {
    for (const flag of [Flags.INDIRECT, Flags.FULL, Flags.FULL_RO]) {
      using p = acquire(all([2, 3]), flag);
      expect(p.suboffsets).toEqual([0, -1]);
    }
    expect(() => acquire(all([2, 3]), { indirect: false })).toThrow(code('SUBOFFSETS'));
    expect(() => acquire(all([2, 3]), { contiguous: 'C' })).toThrow(code('CONTIGUITY'));
  });

  test('a packed copy where it helps, written back on release', () => {
    const array = IndirectArray.fromRows(rowsOf(2, 3));
    using p = acquire(array, { indirect: false, copy: 'if-needed' });
    expect([p.copied, p.suboffsets, p.toArray()]).toEqual([
      true,
      null,
      [
        [0, 1, 2],
        [10, 11, 12],
      ],
    ]);
    const q = acquire(array, { contiguous: 'F', writable: true, copy: 'if-needed' });
    expect(q.isContiguous('F')).toBe(true);
    q.set(1, 1, -1);
    q.release();
    expect(acquire(array).get(1, 1)).toBe(-1);
    using granted = acquire(array, { copy: 'if-needed' });
    expect(granted.copied).toBe(false);
  });

  test('one buffer cannot show them: SUBOFFSETS', async () => {
    using p = acquire(all([2, 3]), { writable: true });
    const t = p.transpose();
    for (const view of [p, t]) {
      expect(() => view.buffer).toThrow(code('SUBOFFSETS'));
      expect(() => view.byteOffset).toThrow(code('SUBOFFSETS'));
      expect(() => view.typedArray()).toThrow(code('SUBOFFSETS'));
      expect(() => view.bytes()).toThrow(code('SUBOFFSETS'));
      expect(() => view.asNdarray()).toThrow(code('SUBOFFSETS'));
      expect(() => view.unsafeExpose()).toThrow(code('SUBOFFSETS'));
      expect(() => view.cast('B')).toThrow(code('CONTIGUITY'));
      await expect(view.lend(() => 0)).rejects.toThrow(code('SUBOFFSETS'));
      for (const order of ['C', 'F', 'A'] as const)
        expect(view.isContiguous(order)).toBe(false);
      expect(typeof view.address).toBe('bigint');
    }
    expect(p.slice(1).address).toBe(p.slice(1).slice(0).address);
  });
});

describe('setLayout', () => {
  test('what is omitted stays, everything is checked again', () => {
    const array = pointersTo(SIX);
    const p = acquire(array);
    expect(() => array.setLayout({ shape: [1, 3] })).toThrow(code('LOCKED'));
    p.unlockLayout();
    array.setLayout({ shape: [1, 3], start: 1 });
    expect(acquire(array, { layout: 'snapshot' }).toArray()).toEqual([[4, 5, 6]]);
    expect(p.toArray()).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    array.setLayout({ shape: [2, 2], strides: [-8, 1], suboffsets: [1, -1] });
    expect(acquire(array, { layout: 'snapshot' }).toArray()).toEqual([
      [5, 6],
      [2, 3],
    ]);
    array.setLayout({ format: 'b' });
    expect([array.format, array.shape]).toEqual(['b', [2, 2]]);
    for (const change of [
      { shape: [3, 2] },
      { start: 2 },
      { suboffsets: [2, -1] },
      { format: 'h' },
      { strides: [16, 1] },
    ])
      expect(() => array.setLayout(change), JSON.stringify(change)).toThrow(
        code('BOUNDS'),
      );
    expect(() => array.setLayout({ shape: [2, 1, 1] })).toThrow(outOfRange);
    expect(() => array.setLayout({ suboffsets: [-1, -1] })).toThrow(outOfRange);
    expect(() => array.setLayout(3 as never)).toThrow(wrongType);
    expect([array.shape, array.strides]).toEqual([
      [2, 2],
      [-8, 1],
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
