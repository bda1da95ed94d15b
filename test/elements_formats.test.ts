/** Formats without an element value, and which formats are the same. */

import { acquire, calcsize, formatsEqual, HostArray } from 'nbuf';
import { describe, expect, test } from 'vitest';

const refusedFormat = { name: 'BufferError', code: 'ERR_NBUF_FORMAT' };

describe('opaque formats', () => {
  for (const format of [
    '',
    'x',
    '3x',
    'O',
    't',
    '9t',
    'X{}',
    '(1)O',
    'k',
    'T{i',
    '[a$b]',
  ])
    test(`'${format}' can be shared, sliced and copied, but has no value`, () => {
      const bytes = Uint8Array.from({ length: 24 }, (_, k) => k);
      const array = HostArray.fromBytes(bytes, { shape: [3], format, itemsize: 8 });
      using p = acquire(array, { writable: true });
      expect(p.format).toBe(format);
      const refused = expect.objectContaining(refusedFormat);
      expect(() => p.get(0)).toThrow(refused);
      expect(() => p.set(0, 1)).toThrow(refused);
      expect(() => p.fill(1)).toThrow(refused);
      expect(() => p.toArray()).toThrow(refused);
      expect(() => [...p]).toThrow(refused);
      expect(() => p.typedArray()).toThrow(refused);
      expect([...p.slice([2, null, -2]).toBytes()]).toEqual([
        ...bytes.subarray(16),
        ...bytes.subarray(0, 8),
      ]);
      p.slice([0, 2]).copyFrom(p.slice([1, 3]));
      expect([...p.bytes()]).toEqual([...bytes.subarray(8), ...bytes.subarray(16)]);
      using copy = acquire(p.toContiguous());
      expect([copy.format, copy.itemsize, copy.shape]).toEqual([format, 8, [3]]);
    });

  test('unless a caller needs the size', () => {
    for (const format of ['T{i:a:d:a:}', 'i i}', 'k', 'Zi', '<n', 'd\0', '1e9', '\ud800'])
      for (const use of [
        () => HostArray.allocate([1], format),
        () => HostArray.fromBytes(new Uint8Array(8), { format }),
        () => HostArray.from([1], format),
        () => calcsize(format),
        () => formatsEqual(format, 'B'),
        () => acquire(new Uint8Array(8)).cast(format),
        () => HostArray.allocate([1]).setLayout({ format }),
      ])
        expect(use, `'${format}' ${use}`).toThrow(expect.objectContaining(refusedFormat));
  });
});

describe('formatsEqual', () => {
  test('by canonical layout', () => {
    const isLong64 = calcsize('l') === 8;
    for (const [a, b, expected] of [
      ['l', 'q', isLong64],
      ['q', '<q', true],
      ['<q', '>q', false],
      ['i', '=l', true],
      ['i', 'I', false],
      ['B', 'c', false],
      ['B', '?', false],
      ['>B', '<B', true],
      ['e', 'h', false],
      ['f', 'd', false],
      ['Zf', 'd', false],
      ['Zd', '=Zd', true],
      ['3s', '4s', false],
      ['s', '1s', true],
      ['3w', '>3w', false],
      ['n', 'q', true],
      ['N', 'Q', true],
      [' d ', 'd', true],
      ['P', 'Q', false],
    ] as const) {
      expect(formatsEqual(a, b), `${a} ${b}`).toBe(expected);
      expect(formatsEqual(b, a), `${b} ${a}`).toBe(expected);
    }
  });
});
