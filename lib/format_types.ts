/**
 * What a literal format string says about its elements, for the compiler: `'d'` is a number,
 * `'T{i:x:d:y:}'` is `{ x: number; y: number }`. The same grammar as the parser in the core
 * (native/core/format.h); test/element_types*.test.ts compare both. No run-time code.
 */
import type { ElementValue } from './elements.ts';
import type {
  Digit,
  Head,
  HeadOf,
  HeadWith,
  Order,
  Orders,
  SingleOf,
} from './format_item_types.ts';

/**
 * The element of a format: what `get` returns and `set` takes. `ElementValue` for what is no
 * literal, and for what cannot be read (the error at run time says why); never for what has
 * no value in JavaScript (`O`, `X{}`, `t`, padding alone).
 */
export type ElementOf<F extends string> = F extends unknown
  ? string extends F
    ? ElementValue
    : F extends `${string}\0${string}`
      ? ElementValue
      : Items<F, 'native', [], [], []> extends infer E extends ElementValue
        ? E
        : ElementValue
  : never;

/** Its name, its value with the shape in front, and a count that may repeat it in the list. */
type Item = readonly [name: string | null, value: unknown, count: string];

/** A list that is interrupted by the record which `head` begins. */
type Frame = { readonly list: Item[]; readonly head: Head };

/** Items and records that are followed; the compiler stops with an error soon after. */
type MaxSteps = 400;
/** Records in each other. */
type MaxDepth = 32;

// Every step ends in Items<...> itself, so that the compiler loops instead of nesting.
type Items<
  Text extends string,
  O extends Order,
  List extends Item[],
  Stack extends Frame[],
  Steps extends unknown[],
> = [Steps['length'], Stack['length']] extends [MaxSteps, number] | [number, MaxDepth]
  ? ElementValue
  : Orders<Text, O> extends [infer Rest extends string, infer Now extends Order]
    ? Rest extends ''
      ? Stack extends []
        ? TopOf<List>
        : ElementValue
      : Rest extends `}${infer Behind}`
        ? Stack extends [infer F extends Frame, ...infer Outer extends Frame[]]
          ? Add<F['list'], F['head'], ValueOf<List>, Behind> extends [
              infer More extends string,
              infer Next extends Item[],
            ]
            ? Items<More, Now, Next, Outer, [...Steps, 0]>
            : ElementValue
          : ElementValue
        : HeadOf<Rest, Now> extends infer H extends Head
          ? H['rest'] extends `T{${infer Inside}`
            ? Items<
                Inside,
                H['order'],
                [],
                [{ list: List; head: H }, ...Stack],
                [...Steps, 0]
              >
            : AddSingle<List, H> extends [
                  infer More extends string,
                  infer Next extends Item[],
                ]
              ? Items<More, H['order'], Next, Stack, [...Steps, 0]>
              : ElementValue
          : ElementValue
    : never;

/** Adds an item that is no record; as `Add`. */
type AddSingle<List extends Item[], H extends Head> =
  SingleOf<H['rest'], H['order']> extends [infer Value, infer Behind extends string]
    ? H['isPointer'] extends true
      ? Add<List, H, Value, Behind>
      : H['rest'] extends `x${string}`
        ? Behind extends `:${string}`
          ? Add<List, WithoutCount<H>, Value, Behind>
          : [Behind, List]
        : H['rest'] extends `${'s' | 'p' | 'u' | 'w' | 't'}${string}`
          ? Add<List, WithoutCount<H>, Value, Behind>
          : Add<List, H, Value, Behind>
    : null;

/** Its count is a length. */
type WithoutCount<H extends Head> = HeadWith<H['rest'], H['order'], H['dims'], '', false>;

/** The text behind and the list with one more item; null for a missing or repeated name. */
type Add<
  List extends Item[],
  H extends Head,
  Value,
  Behind extends string,
> = Behind extends `:${infer Named}`
  ? Named extends `${infer Name}:${infer Rest}`
    ? Name extends '' | List[number][0]
      ? null
      : [Rest, [...List, ItemOf<Name, H, H['isPointer'] extends true ? bigint : Value>]]
    : null
  : [Behind, [...List, ItemOf<null, H, H['isPointer'] extends true ? bigint : Value>]];

/** Behind a shape a count is one more extent. */
type ItemOf<Name extends string | null, H extends Head, Value> = H['dims'] extends []
  ? [Name, Value, H['count'] extends '' ? '1' : H['count']]
  : [Name, Nest<Counted<Value, H['count']>, H['dims']>, '1'];

type Counted<Value, Count extends string> = Count extends '' | '1'
  ? Value
  : Nest<Value, [0]>;

type Nest<Value, Dims extends unknown[]> = [Value] extends [never]
  ? never
  : Dims extends [unknown, ...infer Rest]
    ? Nest<Value[], Rest>
    : Value;

/** A lone item without a name is its own value, any others are a record. */
type TopOf<List extends Item[]> = List extends []
  ? never
  : List extends [readonly [null, infer Value, '1']]
    ? Value
    : ValueOf<List>;

/** An object when any item has a name, else an array. */
type ValueOf<List extends Item[]> = List[number][0] extends null
  ? Values<List>
  : (
        null extends List[number][0]
          ? Named<List, List[number][0]>
          : List
      ) extends infer L extends Item[]
    ? { [I in L[number] as I[0] & string]: Counted<I[1], I[2]> }
    : never;

/** Items without a name get the first of f0, f1, ... that no other one has. */
type Named<
  List extends Item[],
  Used,
  Done extends Item[] = [],
  Next extends unknown[] = [],
> = List extends [infer I extends Item, ...infer Rest extends Item[]]
  ? I[0] extends string
    ? Named<Rest, Used, [...Done, I], Next>
    : `f${Next['length']}` extends Used
      ? Named<List, Used, Done, [...Next, 0]>
      : Named<Rest, Used, [...Done, [`f${Next['length']}`, I[1], I[2]]], [...Next, 0]>
  : Done;

type Values<List extends Item[], Done extends unknown[] = []> = List extends [
  infer I extends Item,
  ...infer Rest extends Item[],
]
  ? Values<Rest, [...Done, ...Repeat<I[1], I[2]>]>
  : Done;

/** Up to 99 of them one by one; so many that nobody writes them down: at least one. */
type Repeat<Value, Count extends string> = Count extends Digit | `${Digit}${Digit}`
  ? Times<Value, Count>
  : [Value, ...Value[]];

type Times<
  Value,
  Count extends string,
  Done extends Value[] = [],
> = `${Done['length']}` extends Count ? Done : Times<Value, Count, [...Done, Value]>;
