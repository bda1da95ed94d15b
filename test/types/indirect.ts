/** IndirectArray: its elements follow from the format, or from the rows. */
import {
  acquire,
  type ElementValue,
  HostArray,
  IndirectArray,
  type Provider,
  type View,
  type ViewLevels,
} from 'nbuf';
import type { Equal, Expect, Identical } from './expect.ts';

type Seen<T> = T extends Provider<infer F, infer E> ? [F, E] : never;

const rows = [HostArray.allocate([2], 'q')];
declare const any: readonly unknown[];
declare const view: View<'T{i:x:}'>;

export function arrays(): unknown {
  const plain = IndirectArray.allocate([2]);
  const shorts = IndirectArray.allocate([2, 3], 'h', { blockBytes: 100 });
  const stacked = IndirectArray.fromRows(rows);
  const typed = IndirectArray.fromRows([new Float32Array(2), new Float32Array(2)]);
  const views = IndirectArray.fromRows([view, view]);
  const nested = IndirectArray.fromRows([stacked, stacked]);
  const mixed = IndirectArray.fromRows([rows[0], new Float32Array(2)]);
  const found = IndirectArray.fromRows(any);
  const pointers = IndirectArray.fromPointers({
    blocks: rows,
    tables: [[[0, 0], null]],
    shape: [1],
    strides: [8],
    suboffsets: [0],
    format: '<i',
  });
  const p = acquire(nested);
  const q = acquire(views);
  type Checked = [
    Expect<Identical<typeof plain, IndirectArray<'B'>>>,
    Expect<Identical<typeof shorts, IndirectArray<'h'>>>,
    Expect<Identical<typeof shorts.format, 'h'>>,
    Expect<Identical<typeof stacked, IndirectArray<'q', bigint>>>,
    Expect<Identical<typeof typed, IndirectArray<'f', number>>>,
    Expect<Equal<Seen<typeof q>, ['T{i:x:}', { x: number }]>>,
    Expect<Equal<Seen<typeof p>, ['q', bigint]>>,
    Expect<Equal<ReturnType<typeof p.get>, bigint>>,
    Expect<Identical<typeof p.levels, ViewLevels | null>>,
    Expect<Identical<typeof p.suboffsets, readonly number[] | null>>,
    Expect<Identical<typeof mixed.format, string>>,
    Expect<Identical<typeof found, IndirectArray<string, ElementValue>>>,
    Expect<Identical<typeof pointers, IndirectArray<'<i'>>>,
  ];
  return [plain, pointers, found, mixed] as unknown as Checked;
}

export function refused(): unknown {
  // @ts-expect-error pointers are followed behind axes: one suboffset an axis
  IndirectArray.fromPointers({ blocks: rows, tables: [], shape: [1], strides: [8] });
  // @ts-expect-error no such option
  IndirectArray.allocate([2], 'h', { order: 'F' });
  // @ts-expect-error a bigint, not a number
  acquire(IndirectArray.fromRows(rows)).set(0, 0, 1);
  // @ts-expect-error it has no size of its own
  return IndirectArray.fromRows(rows).resize([3]);
}
