/** Typed arrays over elements follow from the format. */
import {
  type AnyTypedArray,
  acquire,
  HostArray,
  IndirectArray,
  type TypedArrayOf,
  type View,
} from 'nbuf';
import type { Expect, Identical } from './expect.ts';

const doubles = acquire(IndirectArray.allocate([2, 3], 'd'));
const shorts = acquire(HostArray.allocate([2, 3], '<h'));
declare const any: View;

/** Loops as they are written: no casts. */
export function sum(): number {
  let total = 0;
  for (const run of doubles.runs())
    for (let k = 0; k < run.length; k++) total += run[k] ?? 0;
  for (const run of any.runs()) total += run.length + Number(run[0]);
  const { data, offset } = shorts.transpose().asNdarray();
  return total + (data[offset] ?? 0);
}

export function views(): readonly View[] {
  const row = doubles.slice(1);
  const array = row.typedArray();
  const bits = row.cast('B').typedArray();
  const big = acquire(HostArray.allocate([1], 'q')).typedArray();
  const complex = acquire(HostArray.allocate([1], 'Zf')).typedArray();
  const unknown = any.typedArray();
  const runs = [...doubles.runs()];
  type Checked = [
    Expect<Identical<typeof array, Float64Array>>,
    Expect<Identical<typeof runs, Float64Array[]>>,
    Expect<Identical<typeof bits, Uint8Array>>,
    Expect<Identical<typeof big, BigInt64Array>>,
    Expect<Identical<typeof complex, Float32Array>>,
    Expect<Identical<typeof unknown, AnyTypedArray>>,
    Expect<Identical<TypedArrayOf<'=l'>, Int32Array>>,
    Expect<Identical<TypedArrayOf<'l'>, AnyTypedArray>>,
    Expect<Identical<TypedArrayOf<'@d'>, Float64Array>>,
    Expect<Identical<TypedArrayOf<'e'>, AnyTypedArray>>,
    Expect<Identical<TypedArrayOf<'f' | 'd'>, Float32Array | Float64Array>>,
  ];
  const none: readonly Checked[] = [];
  // Views of a known format are views.
  return none.length > 0 ? [] : [doubles, shorts, row];
}
