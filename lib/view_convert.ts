/** Copies between views of different formats: `copyFrom(source, {convert})`. */
import { bind } from './bound.ts';
import { type Convert, type ConvertMode, convertOf } from './element_convert.ts';
import {
  type LeafPair,
  leafLayouts,
  leafPairs,
  sameBits,
  swapOf,
} from './element_leaves.ts';
import { sameFormat } from './elements.ts';
import { show, typeError } from './errors.ts';
import type { FormatItem, FormatTree } from './format_tree.ts';
import { isEmpty, type Layout } from './layout.ts';
import { checkOrder } from './layout_check.ts';
import { copyLayouts, passLayout } from './native.ts';
import { convertBlocks, isForBlocks } from './number_blocks.ts';
import { broadcastTo } from './reshape.ts';
import {
  checkWritable,
  copyBetween,
  mismatch,
  type Parts,
  packed,
  toBytes,
} from './view_copy.ts';
import { offsets } from './view_elements.ts';

/** The options of copyFrom. */
export type CopyOptions = {
  /** Allows other formats: what NumPy calls casting. Default: only equivalent ones. */
  convert?: ConvertMode | undefined;
};

export function checkConvert(options: unknown): ConvertMode | null {
  if (options === undefined) return null;
  if (typeof options !== 'object' || options === null)
    throw typeError(`options: expected an object, found ${show(options)}`);
  const { convert } = options as CopyOptions;
  return convert === undefined
    ? null
    : checkOrder<ConvertMode>(convert, ['same-kind', 'unsafe'], 'convert');
}

/** target[...] = source[...], converted where the formats differ and `mode` allows it. */
export function copyAs(target: Parts, source: Parts, mode: ConvertMode | null): void {
  const prepared = mode === null ? null : prepare(target, source, mode);
  if (prepared === null || prepared.areSame) copyBetween(target, source);
  else copyConverted(target, source, prepared);
}

/** What follows from two formats alone. */
type Prepared = {
  readonly to: FormatTree | null;
  readonly from: FormatTree | null;
  readonly mode: ConvertMode;
  readonly ndim: number;
  /** Null where the mode does not allow it. */
  readonly convert: Convert | null;
  readonly pairs: readonly Leaf[] | null;
  readonly areSame: boolean;
};

/** One value of both elements, and whether its bytes need only be moved, or turned. */
type Leaf = { readonly pair: LeafPair; readonly isMovable: boolean };

/** Loops convert between the same formats again and again; no user code runs meanwhile. */
let last: Prepared | null = null;

function prepare(target: Parts, source: Parts, mode: ConvertMode): Prepared {
  const to = target.info.format.tree;
  const from = source.info.format.tree;
  const ndim = target.info.layout.shape.length;
  if (last !== null && to !== null && last.to === to && last.from === from)
    if (last.mode === mode && last.ndim === ndim) return last;
  const isKnown = to !== null && from !== null;
  const convert = isKnown ? convertOf(from, to, mode) : null;
  const pairs = isKnown ? leafPairs(to, from, ndim) : null;
  const leaves = pairs?.map((pair) => ({ pair, isMovable: areMovable(pair.a, pair.b) }));
  const areSame = sameFormat(target.info.format, source.info.format);
  last = { to, from, mode, ndim, convert, pairs: leaves ?? null, areSame };
  return last;
}

function copyConverted(target: Parts, source: Parts, prepared: Prepared): void {
  const to = target.info;
  const from = source.info;
  const { convert, pairs, mode } = prepared;
  if (convert === null)
    throw mismatch(to, from, `, which convert: '${mode}' does not allow`);
  const layout = broadcastTo(from.layout, to.layout.shape); // may refuse
  target.root.live();
  source.root.live();
  checkWritable(to);
  if (!copyLeaves(target, source, layout, pairs)) copyElements(target, source, convert);
}

/** Value by value in bulk, where all have that; else false, and nothing was written. */
function copyLeaves(
  target: Parts,
  source: Parts,
  layout: Layout,
  pairs: readonly Leaf[] | null,
): boolean {
  if (isEmpty(target.info.layout.shape)) return true;
  if (pairs === null) return false;
  // Several values would each need a temporary of their own.
  if (pairs.length > 1 && mayOverlap(target, source)) return false;
  if (!pairs.every(({ pair, isMovable }) => isMovable || isForBlocks(pair.b, pair.a)))
    return false;
  for (const leaf of pairs) copyLeaf(target, source, layout, leaf);
  return true;
}

/** Items that differ in byte order at most keep their bits. */
function areMovable(a: FormatItem, b: FormatItem): boolean {
  return a.itemsize > 0 && !'OXt'.includes(a.type) && sameBits(a, b);
}

function copyLeaf(
  target: Parts,
  source: Parts,
  layout: Layout,
  { pair, isMovable }: Leaf,
): void {
  const [to, from] = leafLayouts(pair, target.info.layout, layout);
  if (!isMovable) {
    const isShared = mayOverlap(target, source);
    const left = { root: target.root, layout: to, item: pair.a };
    convertBlocks(left, { root: source.root, layout: from, item: pair.b }, isShared);
    return;
  }
  const [toSlot, fromSlot] = [target.root.live(), source.root.live()];
  passLayout(to, 0);
  passLayout(from, 1);
  copyLayouts(toSlot, fromSlot, swapOf(pair.a, pair.b));
}

function copyElements(target: Parts, source: Parts, convert: Convert): void {
  const { shape } = target.info.layout;
  const out = memoryOf(target);
  // As if through a temporary: the source as it is now.
  const read = mayOverlap(target, source) ? packedCopy(source) : memoryOf(source);
  const places = offsets(broadcastTo(read.layout, shape));
  for (const at of offsets(out.layout)) {
    const place = (places.next().value as number) + read.shift;
    convert(read.data, place, out.data, at + out.shift);
  }
}

/** A direct layout, and the memory where it starts at `shift`. */
type Memory = {
  readonly layout: Layout;
  readonly data: DataView;
  readonly shift: number;
};

function memoryOf({ root, info }: Parts): Memory {
  const { layout, data } = bind(root, info);
  return { layout, data, shift: root.shift };
}

function packedCopy(source: Parts): Memory {
  const { buffer, byteOffset, byteLength } = toBytes(source, 'C');
  const data = new DataView(buffer, byteOffset, byteLength);
  return { layout: packed(source.info.layout, 'C'), data, shift: 0 };
}

function mayOverlap(target: Parts, source: Parts): boolean {
  if (target.info.layout.levels !== null || source.info.layout.levels !== null)
    return true;
  const { blockAddress: x, blockSize: n } = target.root.info.described;
  const { blockAddress: y, blockSize: m } = source.root.info.described;
  return x < y + BigInt(m) && y < x + BigInt(n);
}
