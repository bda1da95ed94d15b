/** Records in .npy headers: which format they are, and why some are refused. */

import { calcsize } from 'nbuf';
import { describe, expect, test } from 'vitest';
import { descrToFormat } from '../lib/npy_dtype.ts';
import { parsePythonLiteral } from '../lib/python_literal.ts';

const NATIVE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? '<' : '>';

const read = (descr: string) => descrToFormat(parsePythonLiteral(descr), 16);

describe('records', () => {
  test.each([
    ["[('a', '<i4')]", 'T{<i:a:}', 4],
    ["[('a', '|u1'), ('b', '>f8')]", 'T{B:a:>d:b:}', 9],
    ["[('a', '<i2'), ('', '|V6'), ('b', '<f8')]", 'T{<h:a:6x<d:b:}', 16],
    ["[('', '|V1'), ('a', '|b1'), ('', '|V1')]", 'T{1x?:a:1x}', 3],
    ["[('', '|V2'), ('', '|V3', (2,)), ('a', '|i1')]", 'T{8xb:a:}', 9],
    ["[('a', '<f4', (2, 3))]", 'T{(2,3)<f:a:}', 24],
    ["[('a', '<f4', (1,))]", 'T{(1)<f:a:}', 4],
    ["[('a', '<f4', ()), ('b', '|i1')]", 'T{<f:a:b:b:}', 5],
    ["[('a', '<c16'), ('b', '<f2')]", 'T{<Zd:a:<e:b:}', 18],
    ["[('s', '|S5'), ('u', '>U3'), ('v', '|V7')]", 'T{5s:s:>3w:u:7x:v:}', 24],
    ["[('s', '|S5', (2,)), ('v', '|V7', (2,))]", 'T{(2)5s:s:(2)7x:v:}', 24],
    [
      "[('p', [('x', '<i4'), ('y', '<i4')]), ('c', '|S1')]",
      'T{T{<i:x:<i:y:}:p:1s:c:}',
      9,
    ],
    ["[('p', [('x', '<i4'), ('', '|V4')], (3,))]", 'T{(3)T{<i:x:4x}:p:}', 24],
    ["[(('a title', 'a'), '<i4', (2,))]", 'T{(2)<i:a:}', 8],
    ["[('a', ('<i4', {'unit': 'mm'}))]", 'T{<i:a:}', 4],
    ["[('a', ('<i4', (3,)), (2,))]", 'T{(2,3)<i:a:}', 24],
    [
      "[('a', '|S0'), ('b', '<U0'), ('c', '|V0'), ('d', '|i1')]",
      'T{0s:a:<0w:b:0x:c:b:d:}',
      1,
    ],
    ["[('a', '<i4', (0, 2)), ('b', []), ('d', '|i1')]", 'T{(0,2)<i:a:T{}:b:b:d:}', 1],
    [`[('a', '${NATIVE}f16'), ('b', '${NATIVE}c32')]`, 'T{^g:a:^Zg:b:}', 48],
    ["[('\\u20ac \\U0001f600}', '<i4'), ('T{', '|i1')]", 'T{<i:€ \u{1f600}}:b:T{:}', 5],
  ])('%s', (descr, format, itemsize) => {
    expect(read(descr)).toEqual({ format, itemsize, units: new Map() });
    expect(calcsize(format)).toBe(itemsize);
  });

  test('tell the units of all their datetimes', () => {
    const { format, units } = read(
      "[('t', '>M8[us]'), ('r', [('d', '<m8[25s]', (2,)), ('e', '<M8')], (3,)), ('i', '<i8')]",
    );
    expect(format).toBe('T{>q:t:(3)T{(2)<q:d:<q:e:}:r:<q:i:}');
    expect([...units]).toEqual([
      ['t', 'datetime64[us]'],
      ['r.d', 'timedelta64[25s]'],
      ['r.e', 'datetime64'],
    ]);
  });

  test('nest as deep as formats do', () => {
    const nested = (depth: number) =>
      ["[('a', ".repeat(depth), "'|i1'", ')]'.repeat(depth)].join('');
    expect(read(nested(64)).format).toBe(`${'T{'.repeat(64)}b:a:${'}:a:'.repeat(63)}}`);
    expect(calcsize(read(nested(64)).format)).toBe(1);
    expect(() => read(nested(70))).toThrow(/nested brackets/);
  });

  test.each([
    ["[('a', '|O')]", /Python objects/],
    ["[('a', [('b', '|O', (2,))])]", /Python objects/],
    ["[('a:b', '<i4')]", /without ':'.*found "a:b"; rename the field \(numpy\.lib/],
    ["[('a', [('b', '<i4'), ('', '<i4')])]", /a field with a name.*; rename/],
    ["[('', [('b', '<i4')])]", /a field with a name/],
    ["[('a\\0', '<i4')]", /NUL/],
    ["[('\\ud800', '<i4')]", /surrogates/],
    ["[('a', '<i4'), ('b', '<i4'), ('a', '<f8')]", /once, found "a" again/],
    ["[('a.b', '<M8[s]'), ('a', [('b', '<M8[ns]')])]", /"a.b" twice; rename/],
    ["[('a', '<i4', 2)]", /a tuple as shape of a sub-array, found "2"/],
    ["[('a', '<i4', (-1,))]", />= 0/],
    ["[('a', '<i4', ('x',))]", />= 0/],
    ["[('a', '<i4', (4503599627370496,))]", /less than 2\^53/],
    ["[('a', '<i4', (0, 3000000000000000))]", /less than 2\^53/],
    ["[('a', '|V4503599627370496'), ('', '|V4503599627370496')]", /less than 2\^53/],
    ["[('a', '<i4', (2,), 3)]", /\(name, dtype, shape\), found "a tuple"/],
    ["[('a',)]", /\(name, dtype\)/],
    ["['<i4']", /a field \(name, dtype\)/],
    ["[(1, '<i4')]", /a string as name/],
    ["[(('t', 1), '<i4')]", /a string as name/],
    ["[('a', None)]", /a dtype string or a list of fields, found "null"/],
    ["[('a', '<f3')]", /a dtype such as/],
    ['[]', /at least 1 byte/],
    ["[('a', '|S0')]", /at least 1 byte/],
    ["[('', '|V0')]", /at least 1 byte/],
    ["('<i4', (2,))", /found "a sub-array"/],
  ])('refuse %s', (descr, message) => {
    expect(() => read(descr)).toThrow(
      expect.objectContaining({
        name: 'BufferError',
        code: 'ERR_NBUF_FORMAT',
        message: expect.stringMatching(message),
      }),
    );
  });
});
