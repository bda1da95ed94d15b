/** The element of a literal format. test/element_types.test.ts compares with the run time. */
import type { ElementOf, ElementValue } from 'nbuf';
import type { Equal, Expect } from './expect.ts';

type Is<F extends string, E> = Equal<ElementOf<F>, E>;
type Complex = { re: number; im: number };

export type Letters = [
  Expect<Is<'b' | 'B' | 'h' | 'H' | 'i' | 'I' | 'e' | 'f' | 'd' | 'g', number>>,
  Expect<Is<'q', bigint>>,
  Expect<Is<'Q', bigint>>,
  Expect<Is<'P', bigint>>,
  Expect<Is<'?', boolean>>,
  Expect<Is<'c', Uint8Array>>,
  Expect<Is<'s', Uint8Array>>,
  Expect<Is<'12s', Uint8Array>>,
  Expect<Is<'5p', Uint8Array>>,
  Expect<Is<'u', string>>,
  Expect<Is<'10w', string>>,
  Expect<Is<'Ze' | 'Zf' | 'Zd' | 'Zg', Complex>>,
  Expect<Is<'O', never>>,
  Expect<Is<'t', never>>,
  Expect<Is<'7t', never>>,
  Expect<Is<'X{}', never>>,
  Expect<Is<'X{i{}d}', never>>,
  Expect<Is<'x', never>>,
  Expect<Is<'3x', never>>,
  Expect<Is<'', never>>,
];

export type Orders = [
  Expect<Is<'l', number | bigint>>,
  Expect<Is<'@L', number | bigint>>,
  Expect<Is<'^l', number | bigint>>,
  Expect<Is<'n', number | bigint>>,
  Expect<Is<'@N', number | bigint>>,
  Expect<Is<'<l', number>>,
  Expect<Is<'=L', number>>,
  Expect<Is<'>l', number>>,
  Expect<Is<'!L', number>>,
  Expect<Is<'<q', bigint>>,
  Expect<Is<'>P', bigint>>,
  Expect<Is<'<n', ElementValue>>,
  Expect<Is<' < @ l', number | bigint>>,
  Expect<Is<'@ < l', number>>,
  // In force until the next one, into a record and out of it.
  Expect<Is<'<l:a:T{l:b:@l:c:}:d:l:e:', Scope>>,
  Expect<Is<'T{<l}:d:l:e:', { d: [number]; e: number }>>,
];
type Scope = {
  a: number;
  d: { b: number; c: number | bigint };
  e: number | bigint;
};

export type Records = [
  Expect<Is<'T{i:x:d:y:}', { x: number; y: number }>>,
  Expect<Is<'i:x:d:y:', { x: number; y: number }>>,
  Expect<Is<'i:a:', { a: number }>>,
  Expect<Is<'T{T{b:c:}:b:}:a:', { a: { b: { c: number } } }>>,
  Expect<Is<'T{q:q:}', { q: bigint }>>,
  Expect<Is<'T{i:no name?:}', { 'no name?': number }>>,
  Expect<Is<'T{i:}:d:{:}', { '}': number; '{': number }>>,
  Expect<Is<'T{}', []>>,
  Expect<Is<'T{i}', [number]>>,
  Expect<Is<'T{iq}', [number, bigint]>>,
  Expect<Is<'T{ii}:p:', { p: [number, number] }>>,
];

export type Counts = [
  Expect<Is<'3i', [number, number, number]>>,
  Expect<Is<'2id', [number, number, number]>>,
  Expect<Is<'2iq?', [number, number, bigint, boolean]>>,
  Expect<Is<'2T{i:x:}', [X, X]>>,
  Expect<Is<'3c', [Uint8Array, Uint8Array, Uint8Array]>>,
  Expect<Is<'1i', number>>,
  Expect<Is<'01i', number>>,
  Expect<Is<'1T{i:x:}', { x: number }>>,
  Expect<Is<'0i', []>>,
  Expect<Is<'0id', [number]>>,
  Expect<Is<'i3x', number>>,
  Expect<Is<'x i', number>>,
  Expect<Is<'12i', [N, N, N, N, N, N, N, N, N, N, N, N]>>,
  Expect<Is<'100i', [number, ...number[]]>>,
  Expect<Is<'100i?', [number, ...number[], boolean]>>,
  Expect<Is<'100i 100q', [number, ...(number | bigint)[]]>>,
  Expect<Is<'3i:a:', { a: number[] }>>,
  Expect<Is<'1i:a:', { a: number }>>,
  Expect<Is<'0i:a:', { a: number[] }>>,
  Expect<Is<'3s:a:2w:b:', { a: Uint8Array; b: string }>>,
  Expect<Is<'3x:v:', { v: Uint8Array }>>,
  Expect<Is<'3xi:a:x', { a: number }>>,
];
type N = number;
type X = { x: number };

export type Shapes = [
  Expect<Is<'(2)d', number[]>>,
  Expect<Is<'(1)d', number[]>>,
  Expect<Is<'(2,3)d', number[][]>>,
  Expect<Is<'( 2 ,\t3 ) <d', number[][]>>,
  Expect<Is<'<(2)l', number[]>>,
  Expect<Is<'(2)3i', number[][]>>,
  Expect<Is<'(2)1i', number[]>>,
  Expect<Is<'(2)3s', Uint8Array[]>>,
  Expect<Is<'(2)T{i:x:}', { x: number }[]>>,
  Expect<Is<'(2,2)T{(3)q:x:}:a:', { a: { x: bigint[] }[][] }>>,
  Expect<Is<'(2)O', never>>,
  Expect<Is<'(2)iq', [number[], bigint]>>,
];

export type Names = [
  Expect<Is<'i:a:d', { a: number; f0: number }>>,
  Expect<Is<'d i:f0: q', { f1: number; f0: number; f2: bigint }>>,
  Expect<Is<'2i d:a:', { f0: number[]; a: number }>>,
  Expect<Is<'T{i:x:}?:a:', { f0: { x: number }; a: boolean }>>,
];

export type Pointers = [
  Expect<Is<'&d', bigint>>,
  Expect<Is<'&<(3)i', bigint>>,
  Expect<Is<'&&T{i:x:}', bigint>>,
  Expect<Is<'&O', bigint>>,
  Expect<Is<'2&d:p:', { p: bigint[] }>>,
  Expect<Is<'(2)&3s', bigint[]>>,
  Expect<Is<'&T{i:x:}:p:&<l:q:l:r:', { p: bigint; q: bigint; r: number }>>,
];

export type Brackets = [
  Expect<Is<'[ns$bfloat16]', number>>,
  Expect<Is<'[ml_dtypes$float8_e4m3b11fnuz]', number>>,
  Expect<Is<'2[ns$float8_e5m2]:a:', { a: number[] }>>,
  // Nobody knows their size, so such a format cannot be read.
  Expect<Is<'[ns$int4]', ElementValue>>,
  Expect<Is<'[$bfloat16]', ElementValue>>,
  Expect<Is<'[bfloat16]', ElementValue>>,
  Expect<Is<'[a b$bfloat16]', ElementValue>>,
  Expect<Is<'[Ml_2.x$bfloat16]', number>>,
];

export type Refused = [
  // Other fields of such a record can be read by field().
  Expect<Is<'T{O:a:i:b:}', { a: never; b: number }>>,
  Expect<Is<'T{3O:a:}', { a: never }>>,
];

/** The run-time error says why. */
export type Unreadable = [
  Expect<Is<'i:a', ElementValue>>,
  Expect<Is<'i::', ElementValue>>,
  Expect<Is<'i:a:d:a:', ElementValue>>,
  Expect<Is<'T{i', ElementValue>>,
  Expect<Is<'i}', ElementValue>>,
  Expect<Is<'T', ElementValue>>,
  Expect<Is<'i3', ElementValue>>,
  Expect<Is<'3 i', ElementValue>>,
  Expect<Is<'3<i', ElementValue>>,
  Expect<Is<'()i', ElementValue>>,
  Expect<Is<'(2,)i', ElementValue>>,
  Expect<Is<'(a)i', ElementValue>>,
  Expect<Is<'(2', ElementValue>>,
  Expect<Is<'(2)(2)i', ElementValue>>,
  Expect<Is<'&', ElementValue>>,
  Expect<Is<'T{&}', ElementValue>>,
  Expect<Is<'X', ElementValue>>,
  Expect<Is<'X{', ElementValue>>,
  Expect<Is<'Zi', ElementValue>>,
  Expect<Is<'z', ElementValue>>,
  Expect<Is<'d?%', ElementValue>>,
  Expect<Is<'d:\0:', ElementValue>>,
];

/** Formats that the compiler does not know. */
export type Unknown = [
  Expect<Is<string, ElementValue>>,
  Expect<Is<'d' | 'q', number | bigint>>,
  Expect<Is<`${number}d`, ElementValue>>,
];

/** PEP 3118's own examples. */
export type Pep = [
  Expect<Is<'BBB', [number, number, number]>>,
  Expect<Is<'B:r: B:g: B:b:', { r: number; g: number; b: number }>>,
  Expect<Is<'>i:big: <i:little:', { big: number; little: number }>>,
  Expect<
    Is<
      `i:ival:
     T{
        H:sval:
        B:bval:
        B:cval:
     }:sub:
    `,
      { ival: number; sub: { sval: number; bval: number; cval: number } }
    >
  >,
  Expect<
    Is<
      `i:ival:
     (16,4)d:data:
    `,
      { ival: number; data: number[][] }
    >
  >,
];
