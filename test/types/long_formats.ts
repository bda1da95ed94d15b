/** Long literals: the compiler must neither give up nor take long. */
import type { ElementOf, ElementValue } from 'nbuf';
import type { Equal, Expect } from './expect.ts';

type Ten<P extends string> = `<i:${P}0: d:${P}1:
  (2,3)q:${P}2: 12s:${P}3: ?:${P}4: 3x T{h:x: h:y:}:${P}5:
  Zd:${P}6: 4w:${P}7: 2f:${P}8: @Q:${P}9:
`;
type Fifty = `T{${Ten<'a'>}${Ten<'b'>}${Ten<'c'>}${Ten<'d'>}${Ten<'e'>}}`;

type Repeat8<T extends string> = `${T}${T}${T}${T}${T}${T}${T}${T}`;
type Open = 'T{T{T{T{T{T{T{T{';
type Close = '}:n:}:n:}:n:}:n:}:n:}:n:}:n:}:n:';

type Deepest<E> = E extends { n: infer Inner } ? Deepest<Inner> : E;

export type Long = [
  Expect<Equal<ElementOf<Fifty>['e9'], bigint>>,
  Expect<Equal<ElementOf<Fifty>['c2'], bigint[][]>>,
  Expect<Equal<ElementOf<Fifty>['d5'], { x: number; y: number }>>,
  // 64 items, and the same eight times.
  Expect<Equal<ElementOf<Repeat8<Repeat8<'i '>>>['length'], 64>>,
  Expect<Equal<ElementOf<`${Repeat8<Repeat8<'i'>>}q`>[64], bigint>>,
  // Records in each other.
  Expect<
    Equal<Deepest<ElementOf<`${Open}${Open}${Open}d:x:${Close}${Close}${Close}`>>, Leaf>
  >,
  // What the compiler does not follow to its end can be anything.
  Expect<Equal<ElementOf<Repeat8<Repeat8<'iiiiiiiiii'>>>, ElementValue>>,
  Expect<Equal<ElementOf<`${Repeat8<Open>}d:x:${Repeat8<Close>}`>, ElementValue>>,
];
type Leaf = { x: number };
