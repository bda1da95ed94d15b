/** Arrays of records: from nested arrays, iteration, fill, copies, inspect. */

import { inspect } from 'node:util';
import { acquire, HostArray } from 'nbuf';
import { describe, expect, test } from 'vitest';

describe('arrays of records', () => {
  const FORMAT = '<T{B:a:x(2)H:v:}';
  const rows = [
    [
      { a: 1, v: [2, 3] },
      { a: 4, v: [5, 6] },
    ],
    [
      { a: 7, v: [8, 9] },
      { a: 10, v: [11, 12] },
    ],
  ];

  test('from nested arrays, and back', () => {
    using p = acquire(HostArray.from(rows, FORMAT));
    expect([p.shape, p.itemsize]).toEqual([[2, 2], 6]);
    expect(p.toArray()).toEqual(rows);
    expect([...p]).toEqual(rows.flat());
    expect(p.transpose().toArray()).toEqual([
      [rows[0]?.[0], rows[1]?.[0]],
      [rows[0]?.[1], rows[1]?.[1]],
    ]);
    expect([...p.toBytes()].slice(0, 6)).toEqual([1, 0, 2, 0, 3, 0]);
  });

  test.each([
    [
      '<BH',
      [
        [1, 2],
        [3, 4],
      ],
      [2],
    ],
    [
      '<2B',
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      [3],
    ],
    ['<(2,1)B', [[[[1], [2]]], [[[3], [4]]]], [2, 1]],
    [
      '<T{B(2)B}',
      [
        [1, [2, 3]],
        [4, [5, 6]],
      ],
      [2],
    ],
    ['<T{T{B}}', [[[1]], [[2]]], [2]],
    ['<T{2B:a:}', [[{ a: [1, 2] }]], [1, 1]],
    ['<2B', [], [0]],
  ])('%s from %j', (format, nested, shape) => {
    using p = acquire(HostArray.from(nested, format));
    expect(p.shape).toEqual(shape);
    expect(p.toArray()).toEqual(nested);
  });

  test.each([
    ['<BH', [[1, 2], [3]], 'ERR_OUT_OF_RANGE'],
    ['<BH', [1, 2, 3], 'ERR_OUT_OF_RANGE'],
    ['<2B', [[1, 2], 3], 'ERR_INVALID_ARG_TYPE'],
    ['<T{B:a:}', [{ a: 1 }, { a: 256 }], 'ERR_OUT_OF_RANGE'],
    ['<T{B:a:}', [{ a: 1 }, { b: 1 }], 'ERR_INVALID_ARG_TYPE'],
    ['<T{B:a:}', [{ a: 1 }, [1]], 'ERR_OUT_OF_RANGE'],
    ['<T{O:a:}', [{ a: 1 }], 'ERR_NBUF_FORMAT'],
  ])('%s not from %j', (format, nested, code) => {
    expect(() => HostArray.from(nested, format)).toThrow(
      expect.objectContaining({ code }),
    );
  });

  test('fill, but not the padding', () => {
    const bytes = new Uint8Array(14).fill(99);
    const array = HostArray.fromBytes(bytes, { format: FORMAT, shape: [2], itemsize: 7 });
    using p = acquire(array, { writable: true });
    p.slice([null, null, -1]).fill({ a: 1, v: [2, 3] });
    expect(p.toArray()).toEqual([
      { a: 1, v: [2, 3] },
      { a: 1, v: [2, 3] },
    ]);
    expect(p.toBytes()[6]).toBe(99);
  });

  test('packed copies, and copies of views', () => {
    using p = acquire(HostArray.from(rows, FORMAT));
    const window = p.transpose().slice([null, null, -1], 1);
    using copy = acquire(window.toContiguous());
    expect([copy.format, copy.shape, copy.strides]).toEqual([FORMAT, [2], [6]]);
    expect(copy.toArray()).toEqual([rows[1]?.[1], rows[1]?.[0]]);
    expect(copy.equals(window)).toBe(true);
    using from = acquire(HostArray.from(window));
    expect(from.toArray()).toEqual(copy.toArray());
    using target = acquire(HostArray.allocate([3, 2], FORMAT), { writable: true });
    target.copyFrom(window);
    expect(target.toArray()).toEqual(Array(3).fill(copy.toArray()));
    target.copyFrom([{ a: 0, v: [0, 1] }]);
    expect(target.get(2, 1)).toEqual({ a: 0, v: [0, 1] });
  });

  test('inspect shows the values', () => {
    using p = acquire(HostArray.from(rows, FORMAT));
    const shown = inspect(p);
    for (const number of [1, 12]) expect(shown).toMatch(new RegExp(`\\b${number}\\b`));
    expect(shown).toMatch(/a: 7/);
    using opaque = acquire(HostArray.allocate([2], 'T{O:a:}'));
    expect(inspect(opaque)).toContain('T{O:a:}');
  });
});
