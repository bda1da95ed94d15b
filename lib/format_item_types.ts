/**
 * One item of a format string, for the compiler: `[shape] [order] [count] type [name]`. The
 * lists and records of items are in format_types.ts. No run-time code.
 */

/** '@' and '^', or '<', '>', '=' and '!': only l, L, n and N differ. */
export type Order = 'native' | 'standard';

/** What stands in front of a type. */
export type Head = {
  readonly rest: string;
  readonly order: Order;
  readonly dims: unknown[];
  readonly count: string;
  readonly isPointer: boolean;
};

type Blank = ' ' | '\t' | '\n' | '\v' | '\f' | '\r';

/** Skips blanks and order characters. */
export type Orders<
  Text extends string,
  O extends Order,
> = Text extends `${infer C}${infer Rest}`
  ? C extends Blank
    ? Orders<Rest, O>
    : C extends '@' | '^'
      ? Orders<Rest, 'native'>
      : C extends '<' | '>' | '=' | '!'
        ? Orders<Rest, 'standard'>
        : [Text, O]
  : [Text, O];

/** `[shape] [order] [count]`, and all of that behind a `&`; null for what is no such thing. */
export type HeadOf<Text extends string, O extends Order> =
  ShapeOf<Text> extends [infer Rest extends string, infer Dims extends unknown[]]
    ? Orders<Rest, O> extends [infer Counted extends string, infer Now extends Order]
      ? DigitsOf<Counted> extends [infer Count extends string, infer Type extends string]
        ? Type extends `&${infer Target}`
          ? Orders<Target, Now> extends [infer T extends string, infer N extends Order]
            ? HeadOf<T, N> extends infer H extends Head
              ? HeadWith<H['rest'], H['order'], Dims, Count, true>
              : null
            : never
          : HeadWith<Type, Now, Dims, Count, false>
        : never
      : never
    : null;

export type HeadWith<
  Rest extends string,
  O extends Order,
  Dims extends unknown[],
  Count extends string,
  IsPointer extends boolean,
> = { rest: Rest; order: O; dims: Dims; count: Count; isPointer: IsPointer };

export type Digit = '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9';

/** Digits in front without leading zeros, and the rest. */
type DigitsOf<
  Text extends string,
  Found extends string = '',
> = Text extends `${infer D extends Digit}${infer Rest}`
  ? DigitsOf<Rest, Found extends '0' ? D : `${Found}${D}`>
  : [Found, Text];

type Trim<Text extends string> = Text extends `${Blank}${infer Rest}`
  ? Trim<Rest>
  : Text extends `${infer Rest}${Blank}`
    ? Trim<Rest>
    : Text;

/** As many entries as the shape in front has extents; null for a malformed one. */
type ShapeOf<Text extends string> = Text extends `(${infer Rest}`
  ? Rest extends `${infer Extents})${infer Behind}`
    ? ExtentsOf<Extents> extends infer Dims extends unknown[]
      ? [Behind, Dims]
      : null
    : null
  : [Text, []];

type ExtentsOf<
  Text extends string,
  Dims extends unknown[] = [],
> = Text extends `${infer First},${infer Rest}`
  ? IsNumber<Trim<First>> extends true
    ? ExtentsOf<Rest, [...Dims, 0]>
    : null
  : IsNumber<Trim<Text>> extends true
    ? [...Dims, 0]
    : null;

type IsNumber<Text extends string> = Text extends ''
  ? false
  : DigitsOf<Text> extends [string, '']
    ? true
    : false;

type Letters = Record<'b' | 'B' | 'h' | 'H' | 'i' | 'I' | 'e' | 'f' | 'd' | 'g', number> &
  Record<'q' | 'Q' | 'P', bigint> &
  Record<'c' | 's' | 'p' | 'x', Uint8Array> &
  Record<'u' | 'w', string> &
  Record<'?', boolean> &
  Record<'O' | 't', never>;

/** Native l L n N have 4 or 8 bytes, and 8 are a bigint. */
type Types = {
  native: Letters & Record<'l' | 'L' | 'n' | 'N', number | bigint>;
  standard: Letters & Record<'l' | 'L', number>;
};

/** Behind their `[ns$`; of the rest nobody knows the size. */
type SmallFloat =
  | `bfloat16`
  | `float8_${
      | 'e3m4'
      | 'e4m3'
      | 'e4m3b11fnuz'
      | 'e4m3fn'
      | 'e4m3fnuz'
      | 'e5m2'
      | 'e5m2fnuz'
      | 'e8m0fnu'}`;

type Letter =
  | ('a' | 'b' | 'c' | 'd' | 'e' | 'f' | 'g' | 'h' | 'i' | 'j' | 'k' | 'l' | 'm')
  | ('n' | 'o' | 'p' | 'q' | 'r' | 's' | 't' | 'u' | 'v' | 'w' | 'x' | 'y' | 'z');

type IsWord<Text extends string> = Text extends `${infer C}${infer Rest}`
  ? Lowercase<C> extends Letter | Digit | '_' | '.'
    ? IsWord<Rest>
    : false
  : true;

/** One type that is no record: its value and what is behind; null for no known type. */
export type SingleOf<
  Text extends string,
  O extends Order,
> = Text extends `${infer C extends keyof Types[O] & string}${infer Rest}`
  ? [Types[O][C], Rest]
  : Text extends `Z${'e' | 'f' | 'd' | 'g'}${infer Rest}`
    ? [{ re: number; im: number }, Rest]
    : Text extends `[${infer Name}]${infer Rest}`
      ? Name extends `${infer Space}$${SmallFloat}`
        ? Space extends ''
          ? null
          : IsWord<Space> extends true
            ? [number, Rest]
            : null
        : null
      : Text extends `X{${infer Signature}`
        ? Braces<Signature> extends infer Rest extends string
          ? [never, Rest]
          : null
        : null;

/** What is behind the '}' that closes a signature; null when it is not closed. */
type Braces<
  Text extends string,
  Open extends unknown[] = [],
> = Text extends `${infer C}${infer Rest}`
  ? C extends '{'
    ? Braces<Rest, [...Open, 0]>
    : C extends '}'
      ? Open extends [unknown, ...infer Less]
        ? Braces<Rest, Less>
        : Rest
      : Braces<Rest, Open>
  : null;
