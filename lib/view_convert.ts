/** Copies between views of different formats: `copyFrom(source, {convert})`. */
import { bind } from './bound.ts';
import { type ConvertMode, convertOf } from './element_convert.ts';
import { sameFormat } from './elements.ts';
import { show, typeError } from './errors.ts';
import type { Layout } from './layout.ts';
import { checkOrder } from './layout_check.ts';
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
  if (mode === null || sameFormat(target.info.format, source.info.format))
    copyBetween(target, source);
  else copyConverted(target, source, mode);
}

function copyConverted(target: Parts, source: Parts, mode: ConvertMode): void {
  const to = target.info;
  const from = source.info;
  const [toTree, fromTree] = [to.format.tree, from.format.tree];
  const convert =
    toTree === null || fromTree === null ? null : convertOf(fromTree, toTree, mode);
  if (convert === null)
    throw mismatch(to, from, `, which convert: '${mode}' does not allow`);
  const { shape } = to.layout;
  broadcastTo(from.layout, shape); // may refuse
  target.root.live();
  source.root.live();
  checkWritable(to);
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
