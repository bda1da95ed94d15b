/** What requests of an indirect array are granted. */
import { acquire, Flags, HostArray, IndirectArray } from 'nbuf';
import { describe, expect, test } from 'vitest';

const code = (suffix: string) =>
  expect.objectContaining({ name: 'BufferError', code: `ERR_NBUF_${suffix}` });

/** Rows that count up: row r, column c is 10 r + c. */
function rowsOf(count: number, length: number, format = 'h'): HostArray[] {
  return Array.from({ length: count }, (_, r) =>
    HostArray.from(
      Array.from({ length }, (_, c) => 10 * r + c),
      format,
    ),
  );
}

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
