/** How the compiler checks types here: a wrong one is an error of `npm run typecheck`. */
import type { ElementValue } from 'nbuf';

/** The same type; `any` equals only itself. */
export type Identical<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/**
 * As Identical, for elements. The compiler compares arrays with all their methods and then
 * finds equal ones different, so they are taken apart first.
 */
export type Equal<A, B> = Identical<Parts<A>, Parts<B>>;

type Parts<T> = 0 extends 1 & T
  ? 'any'
  : Identical<T, ElementValue> extends true
    ? 'any element'
    : PartsOf<T>;

type PartsOf<T> = T extends Uint8Array
  ? 'bytes'
  : T extends readonly unknown[]
    ? {
        isReadonly: T extends unknown[] ? false : true;
        length: T['length'];
        rest: Parts<T[number]>;
        last: T extends readonly [...unknown[], infer Last] ? Parts<Last> : never;
        items: { [K in keyof T as K extends `${number}` ? K : never]: Parts<T[K]> };
      }
    : T extends object
      ? { [K in keyof T]: Parts<T[K]> }
      : T;

export type Expect<T extends true> = T;

type Any = ReturnType<typeof JSON.parse>;
type Different<A, B> = Equal<A, B> extends false ? true : false;

/** What checks must be able to fail. */
export type Checked = [
  Expect<Equal<Any, Any>>,
  Expect<Different<Any, number>>,
  Expect<Different<{ x: Any }, { x: number }>>,
  Expect<Different<[Any], [number]>>,
  Expect<Different<number, bigint>>,
  Expect<Different<number | bigint, number>>,
  Expect<Different<never, number>>,
  Expect<Different<[never], [number]>>,
  Expect<Different<ElementValue, unknown>>,
  Expect<Different<ElementValue, number>>,
  Expect<Different<ElementValue[], number[]>>,
  Expect<Different<Uint8Array[], string[]>>,
  Expect<Different<number[], [number]>>,
  Expect<Different<number[], readonly number[]>>,
  Expect<Different<[number, ...number[]], number[]>>,
  Expect<Different<[number, ...number[], bigint], [number, ...(number | bigint)[]]>>,
  Expect<Different<{ x: number }, { x?: number }>>,
  Expect<Different<{ x: number }, { readonly x: number }>>,
  Expect<Different<{ x: number }, { x: number; y: number }>>,
];
