/** Elements of two formats as pairs of plain values: what the core copies and compares. */
import { type Pair, pairsOf, pairsOfTrees } from './element_compare.ts';
import { singleKey } from './format_compare.ts';
import { type FormatItem, type FormatTree, machineOrder } from './format_tree.ts';
import { type Layout, makeLayout } from './layout.ts';
import { MAX_NDIM } from './layout_check.ts';
import { movedBy, withInnerAxes } from './levels.ts';

/** A value in both elements, or an array of them: offsets and steps in bytes. */
export type LeafPair = {
  readonly a: FormatItem;
  readonly b: FormatItem;
  readonly offsetA: number;
  readonly offsetB: number;
  readonly axes: readonly Axis[];
};
type Axis = {
  readonly extent: number;
  readonly stepA: number;
  readonly stepB: number;
};

/** Each costs a pass over the memory. */
const MAX_LEAVES = 64;

type Place = Omit<LeafPair, 'a' | 'b'>;

/** False where two items do not correspond, or there are too many. */
function addLeaf([a, b]: Pair, base: Place, out: LeafPair[]): boolean {
  if (String(a.shape) !== String(b.shape)) return false;
  const extent = a.shape.reduce((product, length) => product * length, 1);
  if (extent === 0) return true;
  const axis = { extent, stepA: a.itemsize, stepB: b.itemsize };
  const place = {
    offsetA: base.offsetA + a.offset,
    offsetB: base.offsetB + b.offset,
    axes: extent === 1 ? base.axes : [...base.axes, axis],
  };
  if (a.type === 'T' && b.type === 'T')
    return addLeaves(pairsOf(a.items ?? [], b.items ?? []), place, out);
  return out.push({ a, b, ...place }) <= MAX_LEAVES;
}

function addLeaves(pairs: readonly Pair[] | null, base: Place, out: LeafPair[]): boolean {
  if (pairs === null) return false;
  return pairs.every((pair) => addLeaf(pair, base, out));
}

/**
 * All values of two elements; null where they do not correspond, are too many, or have more axes
 * than a layout of `ndim` axes has room for.
 */
export function leafPairs(
  a: FormatTree,
  b: FormatTree,
  ndim: number,
): readonly LeafPair[] | null {
  const out: LeafPair[] = [];
  const base = { offsetA: 0, offsetB: 0, axes: [] };
  if (!addLeaves(pairsOfTrees(a, b), base, out) || out.length === 0) return null;
  return out.every(({ axes }) => ndim + axes.length <= MAX_NDIM) ? out : null;
}

function leafLayout(
  layout: Layout,
  offset: number,
  item: FormatItem,
  extents: readonly number[],
  steps: readonly number[],
): Layout {
  const { shape, strides } = layout;
  const moved = movedBy(layout.offset, layout.levels, offset);
  const levels = withInnerAxes(moved.levels, extents.length);
  const all = [...strides, ...steps];
  return makeLayout([...shape, ...extents], all, moved.offset, item.itemsize, levels);
}

/** Where one value of all elements of two views is. */
export function leafLayouts(pair: LeafPair, a: Layout, b: Layout): [Layout, Layout] {
  const { axes } = pair;
  const extents = axes.map(({ extent }) => extent);
  const [stepsA, stepsB] = [
    axes.map(({ stepA }) => stepA),
    axes.map(({ stepB }) => stepB),
  ];
  return [
    leafLayout(a, pair.offsetA, pair.a, extents, stepsA),
    leafLayout(b, pair.offsetB, pair.b, extents, stepsB),
  ];
}

function orderOf({ byteOrder }: FormatItem): 'little' | 'big' {
  return byteOrder ?? machineOrder;
}

/** Bytes of each group to reverse on the way from one to the other; 0 for none. */
export function swapOf(a: FormatItem, b: FormatItem): number {
  return orderOf(a) === orderOf(b) ? 0 : a.unit;
}

/** Do two items differ in byte order at most? */
export function sameBits(a: FormatItem, b: FormatItem): boolean {
  const turned = { ...b, byteOrder: a.byteOrder };
  return singleKey(a, false) === singleKey(turned, false);
}

/** How the core compares: `how` is its Compare. */
export type Comparison = {
  readonly how: 0 | 1 | 2 | 3;
  readonly swapA: number;
  readonly swapB: number;
  /** Are values equal only where this says so? */
  readonly isExact: boolean;
};

const FLOATS: ReadonlyMap<number, Comparison['how']> = new Map([
  [2, 1],
  [4, 2],
  [8, 3],
]);

/** Null for values that only JavaScript can compare. */
export function comparisonOf({ a, b }: LeafPair): Comparison | null {
  if (!sameBits(a, b) || a.itemsize === 0) return null;
  if (/^Z?[efd]$/.test(a.type)) {
    const how = FLOATS.get(a.unit) as Comparison['how'];
    const [swapA, swapB] = [a, b].map((item) =>
      orderOf(item) === machineOrder ? 0 : item.unit,
    ) as [number, number];
    return { how, swapA, swapB, isExact: true };
  }
  // Booleans are true by any byte but 0.
  if (!/^[bBhHiIlLqQnNPcsxOX?]$/.test(a.type)) return null;
  const swap = swapOf(a, b);
  if (swap !== 0 && 'OX'.includes(a.type)) return null;
  return { how: 0, swapA: 0, swapB: swap, isExact: a.type !== '?' };
}
