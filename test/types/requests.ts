/** What a request says about the provider's shape, strides and format. */
import {
  acquire,
  Flags,
  type Full,
  type Granted,
  type HostArray,
  type Provider,
  type RequestOptions,
} from 'nbuf';
import type { Equal, Expect, Identical } from './expect.ts';

type Is<R extends number | RequestOptions | undefined, Shape, Strides, Format> = Equal<
  Granted<R>,
  { readonly shape: Shape; readonly strides: Strides; readonly format: Format }
>;
type F = typeof Flags;

export type Words = [
  Expect<Is<undefined, true, true, true>>,
  Expect<Is<F['SIMPLE'], false, false, false>>,
  Expect<Is<F['WRITABLE'], false, false, false>>,
  Expect<Is<F['LAYOUT_SNAPSHOT'], false, false, false>>,
  Expect<Is<F['ND'], true, false, false>>,
  Expect<Is<F['CONTIG'], true, false, false>>,
  Expect<Is<F['CONTIG_RO'], true, false, false>>,
  Expect<Is<F['STRIDES'], true, true, false>>,
  Expect<Is<F['STRIDED'], true, true, false>>,
  Expect<Is<F['STRIDED_RO'], true, true, false>>,
  Expect<Is<F['C_CONTIGUOUS'], true, true, false>>,
  Expect<Is<F['F_CONTIGUOUS'], true, true, false>>,
  Expect<Is<F['ANY_CONTIGUOUS'], true, true, false>>,
  Expect<Is<F['INDIRECT'], true, true, false>>,
  Expect<Is<F['RECORDS'], true, true, true>>,
  Expect<Is<F['RECORDS_RO'], true, true, true>>,
  Expect<Is<F['FULL'], true, true, true>>,
  Expect<Is<F['FULL_RO'], true, true, true>>,
  // Refused: bytes have no format.
  Expect<Is<F['FORMAT'], boolean, boolean, boolean>>,
  // A sum of constants is any number.
  Expect<Is<number, boolean, boolean, boolean>>,
  Expect<Is<12345, boolean, boolean, boolean>>,
];

export type Options = [
  Expect<Is<{ label: 'x' }, true, true, true>>,
  Expect<Is<{ writable: true; format: true }, true, true, true>>,
  Expect<Is<{ format: false }, true, true, false>>,
  Expect<Is<{ format: undefined; strides: undefined }, true, true, true>>,
  Expect<Is<{ strides: false }, true, false, true>>,
  Expect<Is<{ strides: boolean }, true, boolean, true>>,
  Expect<Is<{ strides?: false }, true, boolean, true>>,
  Expect<Is<{ format: false | undefined }, true, true, boolean>>,
  // An order is an order of strides.
  Expect<Is<{ strides: false; contiguous: 'C' }, true, true, true>>,
  Expect<Is<{ strides: false; contiguous: undefined }, true, false, true>>,
  Expect<Is<{ strides: false; contiguous?: 'C' }, true, boolean, true>>,
  Expect<Is<RequestOptions, true, boolean, boolean>>,
];

declare const array: HostArray<'d'>;
declare const flags: number;
declare const options: RequestOptions;
declare const any: number | RequestOptions | undefined;
declare const either: 0 | { writable: true };
declare const named: { [name: string]: unknown };
type Numbers = readonly number[];

export function granted(): Provider[] {
  const all = acquire(array);
  const plain = acquire(array, Flags.SIMPLE);
  const shaped = acquire(array, { strides: false, label: 'x' });
  const bare = acquire(array, { format: false });
  const summed = acquire(array, Flags.ND | Flags.FORMAT);
  const chosen = acquire(array, { strides: flags > 1 });
  const [byFlags, byOptions] = [acquire(array, flags), acquire(array, options)];
  const byAny = acquire(array, any);
  const [byEither, byNamed] = [acquire(array, either), acquire(array, named)];
  type Checked = [
    Expect<Identical<typeof all, Provider<'d', number, Full>>>,
    Expect<Identical<typeof all.shape, Numbers>>,
    Expect<Identical<typeof all.strides, Numbers>>,
    Expect<Identical<typeof all.format, 'd'>>,
    Expect<Identical<typeof plain.shape, null>>,
    Expect<Identical<typeof plain.strides, null>>,
    Expect<Identical<typeof plain.format, null>>,
    Expect<Identical<typeof shaped.shape, Numbers>>,
    Expect<Identical<typeof shaped.strides, null>>,
    Expect<Identical<typeof shaped.format, 'd'>>,
    Expect<Identical<typeof bare.strides, Numbers>>,
    Expect<Identical<typeof bare.format, null>>,
    Expect<Identical<typeof summed.shape, Numbers | null>>,
    Expect<Identical<typeof chosen.strides, Numbers | null>>,
    Expect<Identical<typeof chosen.shape, Numbers>>,
    Expect<Identical<typeof byFlags.format, 'd' | 'B' | null>>,
    Expect<Identical<typeof byOptions.shape, Numbers>>,
    Expect<Identical<typeof byOptions.strides, Numbers | null>>,
    Expect<Identical<typeof byAny.shape, Numbers | null>>,
    Expect<Identical<typeof byEither.shape, Numbers | null>>,
    Expect<Identical<typeof byNamed.shape, Numbers | null>>,
    // A window has all of it.
    Expect<Identical<ReturnType<typeof plain.slice>['strides'], Numbers>>,
    Expect<Identical<ReturnType<typeof plain.slice>['format'], 'B'>>,
  ];
  const found = [all, plain, shaped, bare, summed, chosen, byFlags, byOptions, byAny];
  return [...found, byEither, byNamed] satisfies Provider[] | Checked;
}

/** Elements are bytes where the shape or the format was not asked for. */
export function bytes(): number[] {
  const records: HostArray<'T{q:x:}'> = undefined as never;
  const inBytes: number = acquire(records, { format: false }).get(0);
  const plain: number = acquire(records, Flags.SIMPLE).get(0);
  const unknown = acquire(records, flags).get(0);
  type Checked = Expect<Equal<typeof unknown, number | { x: bigint }>>;
  return [inBytes, plain, unknown as number] satisfies number[] | Checked[];
}

export function refused(): unknown[] {
  return [
    // @ts-expect-error null
    acquire(array, { strides: false }).strides.length,
    // @ts-expect-error may be null
    acquire(array, flags).shape.length,
    // @ts-expect-error null
    acquire(array, Flags.STRIDES).format.length,
    // @ts-expect-error a misspelt option
    acquire(array, { label: 'x', stride: false }),
    // @ts-expect-error no such order
    acquire(array, { contiguous: 'c' }),
    // @ts-expect-error no request
    acquire(array, 'C'),
  ];
}
