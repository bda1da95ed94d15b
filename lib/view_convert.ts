/** Copies between views of different formats: `copyFrom(source, {convert})`. */
import { type ConvertMode, convertOf } from './element_convert.ts';
import { sameFormat } from './elements.ts';
import { show, typeError } from './errors.ts';
import { checkOrder } from './layout_check.ts';
import { broadcastTo } from './reshape.ts';
import type { Root } from './root.ts';
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
  let layout = broadcastTo(from.layout, to.layout.shape);
  target.root.live();
  source.root.live();
  checkWritable(to);
  let bytes = source.root.view();
  let shift = source.root.shift;
  if (mayOverlap(target.root, source.root)) {
    // As if through a temporary: the source as it is now.
    const plain = packed(from.layout, 'C');
    const copy = toBytes(source, 'C');
    bytes = new DataView(copy.buffer, copy.byteOffset, copy.byteLength);
    layout = broadcastTo(plain, to.layout.shape);
    shift = 0;
  }
  const out = target.root.view();
  const places = offsets(layout);
  for (const at of offsets(to.layout))
    convert(bytes, (places.next().value as number) + shift, out, at + target.root.shift);
}

function mayOverlap(a: Root, b: Root): boolean {
  const { blockAddress: x, blockSize: n } = a.info.described;
  const { blockAddress: y, blockSize: m } = b.info.described;
  return x < y + BigInt(m) && y < x + BigInt(n);
}
