import { acquire, Flags, HostArray, IndirectArray, type PointerOptions } from 'nbuf';
import { describe, expect, test } from 'vitest';

const code = (suffix: string) =>
  expect.objectContaining({ name: 'BufferError', code: `ERR_NBUF_${suffix}` });
const outOfRange = expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' });
const wrongType = expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' });

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
