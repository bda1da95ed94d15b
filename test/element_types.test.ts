/** What the compiler says of the elements of a format is what the run time does. */
import { type ElementOf, HostArray } from 'nbuf';
import { describe, expect, test } from 'vitest';
import { elementOf } from './types/element.ts';
import { type AnyKind, isRefused, type Kind, mismatch } from './types/kind.ts';

type Row = readonly [format: string, kind: AnyKind];

/** The compiler refuses any other kind. */
function row<const F extends string>(format: F, kind: Kind<ElementOf<F>>): Row {
  return [format, kind as AnyKind];
}

const complex = { fields: { re: 'number', im: 'number' } } as const;

const numbers = ['b', 'B', 'h', 'H', 'i', 'I', 'e', 'f', 'd', 'g'] as const;
const rows: readonly Row[] = [
  ...numbers.map((letter) => row(letter, 'number')),
  ...numbers.slice(0, -1).map((letter) => row(`>${letter}`, 'number')),
  row('q', 'bigint'),
  row('Q', 'bigint'),
  row('>q', 'bigint'),
  row('P', 'bigint'),
  row('?', 'boolean'),
  row('c', 'bytes'),
  row('s', 'bytes'),
  row('12s', 'bytes'),
  row('5p', 'bytes'),
  row('u', 'string'),
  row('>3w', 'string'),
  row('Ze', complex),
  row('Zf', complex),
  row('>Zd', complex),
  row('Zg', complex),
  row('l', 'number or bigint'),
  row('@L', 'number or bigint'),
  row('^l', 'number or bigint'),
  row('n', 'number or bigint'),
  row('N', 'number or bigint'),
  row('<l', 'number'),
  row('=L', 'number'),
  row('>l', 'number'),
  row('!L', 'number'),
  row(' < @ l', 'number or bigint'),
  row('[ns$bfloat16]', 'number'),
  row('>[ns$bfloat16]', 'number'),
  row('[ml_dtypes$float8_e3m4]', 'number'),
  row('[ml_dtypes$float8_e4m3]', 'number'),
  row('[ml_dtypes$float8_e4m3b11fnuz]', 'number'),
  row('[ml_dtypes$float8_e4m3fn]', 'number'),
  row('[ml_dtypes$float8_e4m3fnuz]', 'number'),
  row('[ml_dtypes$float8_e5m2]', 'number'),
  row('[ml_dtypes$float8_e5m2fnuz]', 'number'),
  row('[ml_dtypes$float8_e8m0fnu]', 'number'),
  // Records, in each other and without names.
  row('T{i:x:d:y:}', { fields: { x: 'number', y: 'number' } }),
  row('i:x:q:y:', { fields: { x: 'number', y: 'bigint' } }),
  row('i:a:', { fields: { a: 'number' } }),
  row('T{T{?:c:}:b:}:a:', {
    fields: { a: { fields: { b: { fields: { c: 'boolean' } } } } },
  }),
  row('T{i:}:d:{:}', { fields: { '}': 'number', '{': 'number' } }),
  row('T{i}', { listOf: ['number'] }),
  row('T{iq}', { listOf: ['number', 'bigint'] }),
  row('T{ii}:p:', { fields: { p: { listOf: ['number', 'number'] } } }),
  row('<l:a:T{l:b:@l:c:}:d:l:e:', {
    fields: {
      a: 'number',
      d: { fields: { b: 'number', c: 'number or bigint' } },
      e: 'number or bigint',
    },
  }),
  row('T{<l}:d:l:e:', { fields: { d: { listOf: ['number'] }, e: 'number' } }),
  // Counts.
  row('3i', { listOf: ['number', 'number', 'number'] }),
  row('2iq?', { listOf: ['number', 'number', 'bigint', 'boolean'] }),
  row('2T{i:x:}', {
    listOf: [{ fields: { x: 'number' } }, { fields: { x: 'number' } }],
  }),
  row('3c', { listOf: ['bytes', 'bytes', 'bytes'] }),
  row('1i', 'number'),
  row('01i', 'number'),
  row('1T{i:x:}', { fields: { x: 'number' } }),
  row('0id', { listOf: ['number'] }),
  row('i3x', 'number'),
  row('x i', 'number'),
  row('10i', { listOf: Array(10).fill('number') as never }),
  row('100i', { arrayOf: 'number' }),
  row('3i:a:', { fields: { a: { arrayOf: 'number' } } }),
  row('1i:a:', { fields: { a: 'number' } }),
  row('0i:a:d:b:', { fields: { a: { arrayOf: 'number' }, b: 'number' } }),
  row('3s:a:2w:b:', { fields: { a: 'bytes', b: 'string' } }),
  row('3x:v:', { fields: { v: 'bytes' } }),
  row('3xi:a:x', { fields: { a: 'number' } }),
  // Shapes.
  row('(2)d', { arrayOf: 'number' }),
  row('(1)d', { arrayOf: 'number' }),
  row('( 2 ,\t3 ) >q', { arrayOf: { arrayOf: 'bigint' } }),
  row('<(2)l', { arrayOf: 'number' }),
  row('(2)3i', { arrayOf: { arrayOf: 'number' } }),
  row('(2)1i', { arrayOf: 'number' }),
  row('(2)3s', { arrayOf: 'bytes' }),
  row('(2)iq', { listOf: [{ arrayOf: 'number' }, 'bigint'] }),
  row('(2,2)T{(3)q:x:}:a:', {
    fields: { a: { arrayOf: { arrayOf: { fields: { x: { arrayOf: 'bigint' } } } } } },
  }),
  // Names that NumPy would give.
  row('i:a:q', { fields: { a: 'number', f0: 'bigint' } }),
  row('d i:f0: q', { fields: { f1: 'number', f0: 'number', f2: 'bigint' } }),
  row('2i d:a:', { fields: { f0: { arrayOf: 'number' }, a: 'number' } }),
  // Pointers.
  row('&d', 'bigint'),
  row('&<(3)i', 'bigint'),
  row('&&T{i:x:}', 'bigint'),
  row('&O', 'bigint'),
  row('2&d:p:', { fields: { p: { arrayOf: 'bigint' } } }),
  row('(2)&3s', { arrayOf: 'bigint' }),
  row('&T{i:x:}:p:&<l:q:l:r:', { fields: { p: 'bigint', q: 'bigint', r: 'number' } }),
  // Without a value.
  row('O', 'refused'),
  row('7t', 'refused'),
  row('X{i{}d}', 'refused'),
  row('3x', 'refused'),
  row('(2)O', 'refused'),
  row('T{O:a:i:b:}', { fields: { a: 'refused', b: 'number' } }),
];

/** Literals that cannot be read, so the compiler says nothing of them. */
const unreadable: readonly Row[] = [
  row('<n', 'anything'),
  row('i:a', 'anything'),
  row('i::', 'anything'),
  row('i:a:d:a:', 'anything'),
  row('T{i', 'anything'),
  row('i}', 'anything'),
  row('T', 'anything'),
  row('i3', 'anything'),
  row('3 i', 'anything'),
  row('3<i', 'anything'),
  row('()i', 'anything'),
  row('(2,)i', 'anything'),
  row('(a)i', 'anything'),
  row('(2', 'anything'),
  row('(2)(2)i', 'anything'),
  row('&', 'anything'),
  row('T{&}', 'anything'),
  row('X', 'anything'),
  row('X{', 'anything'),
  row('Zi', 'anything'),
  row('z', 'anything'),
  row('d?%', 'anything'),
  row('[ns$int4]', 'anything'),
  row('[$bfloat16]', 'anything'),
  row('[bfloat16]', 'anything'),
  row('[a b$bfloat16]', 'anything'),
  row('d:\0:', 'anything'),
];

const formatError = expect.objectContaining({ code: 'ERR_NBUF_FORMAT' });

describe('elements', () => {
  test.each(rows)('%s', (format, kind) => {
    using element = elementOf(format);
    if (isRefused(kind)) {
      expect(() => element.get()).toThrow(formatError);
      return;
    }
    const value = element.get();
    expect(mismatch(value, kind)).toBeNull();
    element.set(value);
    expect(element.get()).toEqual(value);
    expect(mismatch(element.toArray(), kind)).toBeNull();
    expect([...element].map((each) => mismatch(each, kind))).toEqual([null]);
  });

  test.each(unreadable)('%s cannot be read', (format) => {
    expect(() => HostArray.allocate([], format)).toThrow(formatError);
  });
});
