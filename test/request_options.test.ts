/** The options of acquire as request flags. */

import { acquire, Flags, HostArray, type RequestOptions } from 'nbuf';
import { describe, expect, test } from 'vitest';

describe('options', () => {
  /** An array that grants everything except what its order forbids. */
  const arrays = {
    C: () => HostArray.allocate([2, 3], 'h'),
    F: () => HostArray.allocate([2, 3], 'h', { order: 'F' }),
    none: () =>
      HostArray.fromBytes(new Uint8Array(24), {
        shape: [2, 3],
        strides: [12, 4],
        format: 'h',
      }),
  };
  const table: readonly (readonly [RequestOptions, number])[] = [
    [{}, Flags.FULL_RO],
    [{ writable: true }, Flags.FULL],
    [{ writable: false, format: true, strides: true, indirect: true }, Flags.FULL_RO],
    [{ format: false }, Flags.INDIRECT],
    [{ indirect: false }, Flags.RECORDS_RO],
    [{ indirect: false, writable: true }, Flags.RECORDS],
    [{ indirect: false, format: false }, Flags.STRIDED_RO],
    [{ indirect: false, format: false, writable: true }, Flags.STRIDED],
    [{ strides: false }, Flags.ND | Flags.FORMAT],
    [{ strides: false, format: false }, Flags.CONTIG_RO],
    [{ strides: false, format: false, writable: true }, Flags.CONTIG],
    [{ contiguous: 'C' }, Flags.FULL_RO | Flags.C_CONTIGUOUS],
    [{ contiguous: 'F' }, Flags.FULL_RO | Flags.F_CONTIGUOUS],
    [{ contiguous: 'any' }, Flags.FULL_RO | Flags.ANY_CONTIGUOUS],
    [{ layout: 'lock' }, Flags.FULL_RO],
    [{ layout: 'snapshot' }, Flags.FULL_RO | Flags.LAYOUT_SNAPSHOT],
    [{ pin: true }, Flags.FULL_RO],
    [{ copy: 'never' }, Flags.FULL_RO],
  ];

  function outcome(source: HostArray, request: RequestOptions | number): unknown {
    try {
      using p = acquire(source, request);
      return {
        fields: [p.shape, p.strides, p.format, p.readonly, p.itemsize],
        locks: p.locks,
      };
    } catch (error) {
      return (error as { code: string }).code;
    }
  }

  test.each(table)('%j', (options, flags) => {
    for (const make of Object.values(arrays)) {
      expect(outcome(make(), options)).toEqual(outcome(make(), flags));
    }
  });

  test('outcomes differ where they should', () => {
    const seen = table.map(([options]) =>
      JSON.stringify(Object.values(arrays).map((make) => outcome(make(), options))),
    );
    expect(new Set(seen).size).toBeGreaterThanOrEqual(8);
    expect(outcome(arrays.F(), { contiguous: 'C' })).toBe('ERR_NBUF_CONTIGUITY');
    expect(outcome(arrays.C(), { contiguous: 'F' })).toBe('ERR_NBUF_CONTIGUITY');
    expect(outcome(arrays.none(), { contiguous: 'any' })).toBe('ERR_NBUF_CONTIGUITY');
    expect(outcome(arrays.none(), { strides: false })).toBe('ERR_NBUF_STRIDES');
    expect(outcome(arrays.F(), { strides: false })).toBe('ERR_NBUF_STRIDES');
  });

  const refused = (name: string, values: readonly unknown[], code: string): void => {
    for (const value of values)
      expect(() => acquire(arrays.C(), { [name]: value }), name).toThrow(
        expect.objectContaining({ code }),
      );
  };

  test('values of wrong types', () => {
    for (const name of ['writable', 'format', 'strides', 'indirect', 'pin'])
      refused(name, [1, 0, 'true', null, {}], 'ERR_INVALID_ARG_TYPE');
    for (const name of ['contiguous', 'layout', 'copy', 'label'])
      refused(name, [1, true, null, {}, Object('C')], 'ERR_INVALID_ARG_TYPE');
  });

  test('words that mean nothing', () => {
    for (const name of ['contiguous', 'layout', 'copy'])
      refused(name, ['', 'c', 'A', 'Lock', 'always'], 'ERR_OUT_OF_RANGE');
  });

  test('requests that are neither flags nor options', () => {
    const array = arrays.C();
    for (const request of [-1, 2 ** 32, 1.5, Number.NaN, Infinity])
      expect(() => acquire(array, request), `${request}`).toThrow(
        expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }),
      );
    for (const request of [null, 'FULL', true, 1n, Symbol('s'), () => 0])
      expect(() => acquire(array, request as never)).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
      );
    expect(array.locks).toEqual({ memory: 0, layout: 0 });
  });

  test('getters run once each, before anything is acquired', () => {
    const array = arrays.C();
    const read: string[] = [];
    const names = [
      'writable',
      'format',
      'strides',
      'indirect',
      'contiguous',
      'layout',
      'pin',
      'copy',
      'label',
    ];
    const request = {};
    for (const name of names)
      Object.defineProperty(request, name, {
        get() {
          read.push(name);
          expect(array.locks.memory).toBe(0);
          return undefined;
        },
      });
    acquire(array, request).release();
    expect(read.sort()).toEqual(names.sort());
  });
});
