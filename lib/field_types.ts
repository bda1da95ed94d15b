/** What `view.field(path)` shows, for the compiler. No run-time code. */
import type { ElementValue } from './elements.ts';

type Path = string | number | readonly (string | number)[];

/** Items without names. A sub-array's type is a plain array, so this is none. */
type List = readonly [] | readonly [unknown, ...unknown[]];

type RecordValue = { readonly [name: string]: unknown };

/** Without the axes of sub-arrays, which become axes of the view. */
type Leaf<E> = E extends List ? E : E extends readonly (infer Entry)[] ? Leaf<Entry> : E;

/** The item of a record by its name, of a list by its index; what has neither has none. */
type ItemAt<E, Key> =
  Leaf<E> extends infer T
    ? T extends List
      ? Key extends number | `${number}`
        ? `${Key}` extends keyof T
          ? Leaf<T[`${Key}`]>
          : number extends T['length']
            ? Leaf<T[number]>
            : never
        : never
      : T extends RecordValue
        ? Key extends keyof T
          ? Leaf<T[Key]>
          : never
        : never
    : never;

type KeyOf<E> =
  Leaf<E> extends infer T
    ? T extends List
      ? number extends T['length']
        ? number
        : { [K in keyof T]: K extends `${infer N extends number}` ? N : never }[number]
      : T extends RecordValue
        ? keyof T & string
        : never
    : never;

/** Deeper paths are not checked: the compiler would have to list them all. */
type MaxDepth = 5;

type StepsOf<E, Depth extends 0[] = []> = Depth['length'] extends MaxDepth
  ? readonly (string | number)[]
  : KeyOf<E> extends infer Key
    ? Key extends unknown
      ? readonly [Key] | readonly [Key, ...StepsOf<ItemAt<E, Key>, [...Depth, 0]>]
      : never
    : never;

type Dotted<Steps> = Steps extends readonly [infer Name extends string, ...infer Rest]
  ? Rest extends readonly []
    ? Name
    : `${Name}.${Rest extends readonly [unknown, ...unknown[]] ? Dotted<Rest> : string}`
  : never;

/** The fields of an element: `'pos.x'`, or names and indices from the outermost inwards. */
export type PathOf<E> = [ElementValue] extends [E]
  ? Path
  : StepsOf<E> | Dotted<StepsOf<E>> | (KeyOf<E> & number);

/**
 * The element of a field: what the elements of `view.field(path)` are. Sub-arrays count as
 * axes, so `'m'` of `'(3)d:m:'` is a number. never where there is no such field.
 */
export type FieldOf<E, P> = [ElementValue] extends [E]
  ? ElementValue
  : P extends string
    ? P extends KeyOf<E>
      ? ItemAt<E, P>
      : FieldAt<E, Split<P>>
    : P extends number
      ? FieldAt<E, [P]>
      : FieldAt<E, P>;

type Split<P extends string> = string extends P
  ? string[]
  : P extends `${infer Name}.${infer Rest}`
    ? [Name, ...Split<Rest>]
    : [P];

type FieldAt<E, Keys> = Keys extends readonly [infer Key, ...infer Rest]
  ? Rest extends []
    ? ItemAt<E, Key>
    : FieldAt<ItemAt<E, Key>, Rest>
  : ElementValue;
