/** Paths to fields, and what is there. */
import type { ElementOf, ElementValue, FieldOf, PathOf, View } from 'nbuf';
import type { Equal, Expect } from './expect.ts';

type At<F extends string, P, E> = Equal<FieldOf<ElementOf<F>, P>, E>;
type Paths<F extends string, P> = Equal<PathOf<ElementOf<F>>, P>;

type Particle = 'T{T{d:x:q:y:}:pos: (3)f:m: 4s:tag: (2,2)T{?:on:}:bits: O:o:}';

export type Fields = [
  Expect<At<Particle, 'pos', { x: number; y: bigint }>>,
  Expect<At<Particle, 'pos.x', number>>,
  Expect<At<Particle, 'pos.y', bigint>>,
  Expect<At<Particle, ['pos', 'y'], bigint>>,
  Expect<At<Particle, readonly ['pos', 'y'], bigint>>,
  Expect<At<Particle, 'tag', Uint8Array>>,
  Expect<At<Particle, 'o', never>>,
  // A sub-array's axes go to the view.
  Expect<At<Particle, 'm', number>>,
  Expect<At<Particle, 'bits', { on: boolean }>>,
  Expect<At<Particle, 'bits.on', boolean>>,
  Expect<At<'(3)T{i:x:}', 'x', number>>,
  // A record of items without names is no sub-array.
  Expect<At<'T{dd}:p:', 'p', [number, number]>>,
  Expect<At<'T{}:p:', 'p', []>>,
  Expect<At<'T{200d}:p:', 'p', [number, ...number[]]>>,
  Expect<At<'T{dq}:p:', ['p', 1], bigint>>,
  Expect<At<'T{200dq}:p:', ['p', 7], number | bigint>>,
  Expect<At<'2i (2)q T{d:a:}', [0], number>>,
  Expect<At<'2i (2)q T{d:a:}', [2], bigint>>,
  Expect<At<'2i (2)q T{d:a:}', [3, 'a'], number>>,
  // A name with a dot comes before a path.
  Expect<At<'d:a.b: T{q:b:}:a:', 'a.b', number>>,
  Expect<At<'d:a.b: T{q:b:}:a:', ['a', 'b'], bigint>>,
];

export type None = [
  Expect<At<Particle, 'z', never>>,
  Expect<At<Particle, 'pos.z', never>>,
  Expect<At<Particle, 'tag.length', never>>,
  Expect<At<Particle, 'm.length', never>>,
  Expect<At<'d', 'toFixed', never>>,
  Expect<At<'ii', [2], never>>,
  Expect<At<'ii', 'length', never>>,
  Expect<Paths<'d', never>>,
];

export type Anything = [
  Expect<At<string, 'any.thing', ElementValue>>,
  Expect<At<Particle, string, ElementValue>>,
  Expect<At<Particle, string[], ElementValue>>,
  Expect<Equal<PathOf<ElementValue>, string | number | readonly (string | number)[]>>,
  Expect<At<'id', 1, number>>,
];

export type Listed = [
  Expect<
    Paths<
      'T{T{d:x:}:pos:T{ii}:l:}',
      | 'pos'
      | 'pos.x'
      | 'l'
      | readonly ['pos']
      | readonly ['pos', 'x']
      | readonly ['l']
      | readonly ['l', 0]
      | readonly ['l', 1]
    >
  >,
];

declare const view: View<Particle>;
declare const any: View;
type Deep = 'T{T{T{T{T{T{T{d:g:}:f:}:e:}:d:}:c:}:b:}:a:}';
declare const deep: View<Deep>;

export function use(): unknown[] {
  const x: View<string, number> = view.field('pos.x');
  const y: View<string, bigint> = view.field(['pos', 'y']);
  const on: boolean = view.field('bits').field('on').get(0, 0, 0);
  const elements: ElementValue = any.field('any.thing').get(0);
  const inside: number = deep.field('a.b.c.d.e.f.g').get(0);
  return [x, y, on, elements, inside];
}

export function refused(path: string): unknown[] {
  return [
    // @ts-expect-error no such field
    view.field('z'),
    // @ts-expect-error no such field inside
    view.field('pos.z'),
    // @ts-expect-error nor by names
    view.field(['pos', 'z']),
    // @ts-expect-error a number has no fields
    view.field('pos.x.y'),
    // @ts-expect-error records go by name
    view.field([0]),
    // @ts-expect-error any string
    view.field(path),
    // @ts-expect-error another element
    view.field('pos.y').get(0).toFixed(),
    // @ts-expect-error deep paths are checked as far as they are listed
    deep.field('a.b.x'),
  ];
}
