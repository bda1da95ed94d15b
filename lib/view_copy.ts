/** Copies between views and plain bytes. Every one is a single native call. */

import { sameFormat } from './elements.ts';
import { BufferError, isArray, rangeError, show, typeError } from './errors.ts';
import { Flags } from './flags.ts';
import type { HostArray } from './host_array.ts';
import { bytesOf, newBytes } from './js_memory.ts';
import { late } from './late.ts';
import { isContiguous, type Layout, makeLayout, packedStrides } from './layout.ts';
import { byteLengthOf, checkOrder } from './layout_check.ts';
import { check, checkStatus, copyLayouts, native, passLayout } from './native.ts';
import { broadcastLike } from './reshape.ts';
import type { Root } from './root.ts';
import type { ViewInfo } from './view_info.ts';

export type Order = 'C' | 'F' | 'A';
export type Parts = { readonly root: Root; readonly info: ViewInfo };

/** 'A' is Fortran order for what is Fortran- but not C-contiguous, as in CPython. */
function packOrder(layout: Layout, order: unknown): 'C' | 'F' {
  const asked = checkOrder(order, ['C', 'F', 'A']);
  if (asked !== 'A') return asked;
  return isContiguous(layout, 'F') && !isContiguous(layout, 'C') ? 'F' : 'C';
}

export function packed(layout: Layout, order: 'C' | 'F'): Layout {
  const { shape, itemsize } = layout;
  return makeLayout(shape, packedStrides(shape, itemsize, order), 0, itemsize);
}

/** The first bytes of each item. */
export function withItemsize(layout: Layout, itemsize: number): Layout {
  const { shape, strides, offset, levels } = layout;
  return makeLayout(shape, strides, offset, itemsize, levels);
}

export function toBytes({ root, info }: Parts, order: unknown): Uint8Array {
  const { layout } = info;
  const plain = packed(layout, packOrder(layout, order));
  const index = root.live();
  const bytes = newBytes(byteLengthOf(layout.shape, layout.itemsize));
  passLayout(layout, 0);
  passLayout(plain, 1);
  checkStatus(native.pack(index, bytes));
  return bytes;
}

export function writeBytes({ root, info }: Parts, bytes: unknown, order: unknown): void {
  const { layout } = info;
  const plain = packed(layout, packOrder(layout, order));
  const source = bytesOf(bytes);
  const expected = byteLengthOf(layout.shape, layout.itemsize);
  if (source.length !== expected)
    throw rangeError(`writeBytes: expected ${expected} bytes, found ${source.length}`);
  const index = root.live();
  checkWritable(info);
  passLayout(layout, 0);
  passLayout(plain, 1);
  checkStatus(native.unpack(index, source));
}

export function checkWritable(info: ViewInfo): void {
  if (info.readonly) throw new BufferError('ERR_NBUF_READONLY', 'the view is readonly');
}

/**
 * Checks a copy, broadcast to the target's shape, and writes both layouts where the next native
 * call reads them: target 0, source 1. Returns both slots in that order.
 */
export function passCopy(target: Parts, source: Parts): [target: number, source: number] {
  const to = target.info;
  const from = source.info;
  const isPadded = to.layout.itemsize !== from.layout.itemsize;
  if (!sameFormat(to.format, from.format) || (isPadded && to.format.tree === null))
    throw mismatch(to, from, '');
  const layout = broadcastLike(from.layout, to.layout);
  const slots: [number, number] = [target.root.live(), source.root.live()];
  checkWritable(to);
  // Items of different sizes have different padding: only the elements are copied then.
  const size = Math.max(to.format.size, from.format.size);
  passLayout(isPadded ? withItemsize(to.layout, size) : to.layout, 0);
  passLayout(isPadded ? withItemsize(layout, size) : layout, 1);
  return slots;
}

/** target[...] = source[...], broadcast to the target's shape; overlap is no problem. */
export function copyBetween(target: Parts, source: Parts): void {
  const [to, from] = passCopy(target, source);
  copyLayouts(to, from, 0);
}

export function mismatch(to: ViewInfo, from: ViewInfo, remedy: string): BufferError {
  return new BufferError(
    'ERR_NBUF_FORMAT',
    `copyFrom: expected format '${to.format.text}' (${to.layout.itemsize} bytes), ` +
      `found '${from.format.text}' (${from.layout.itemsize} bytes)${remedy}`,
  );
}

/** Runs `use` with a view of any source, which is released afterwards. */
export function withSource<T>(
  source: unknown,
  format: string,
  partsOf: (view: object) => Parts | null,
  use: (parts: Parts) => T,
): T {
  const own = typeof source === 'object' && source !== null ? partsOf(source) : null;
  if (own !== null) return use(own);
  const nested = isArray(source) ? late.fromNested(source, format) : null;
  const provider = late.acquire(nested ?? source, Flags.FULL_RO, 'copy');
  try {
    return use(partsOf(provider) as Parts);
  } finally {
    provider.release();
    nested?.dispose();
  }
}

/** A packed copy in a new array. */
export function toContiguous(
  parts: Parts,
  order: unknown,
  partsOf: (view: object) => Parts | null,
): HostArray {
  const { layout, format } = parts.info;
  const packing = packOrder(layout, order);
  parts.root.live();
  const array = late.allocate(layout.shape, format.text, layout.itemsize, packing);
  withSource(array, format.text, partsOf, (target) => copyBetween(target, parts));
  return array;
}

/** Sets every element to one value; bytes behind the element, up to itemsize, stay. */
export function fill({ root, info }: Parts, value: unknown): void {
  const { layout, format } = info;
  const checked = format.access.check(value);
  const item = newBytes(format.size);
  format.access.write(new DataView(item.buffer), 0, checked);
  const index = root.live();
  checkWritable(info);
  passLayout(withItemsize(layout, format.size));
  checkStatus(native.fill(index, item));
}

/** The exporter of a view, for the protocol by which others acquire it. */
export function exportOf({ root, info }: Parts): unknown {
  const index = root.live();
  root.checkAttached();
  passLayout(info.layout);
  return check(native.exportView(index, info.format.text, info.readonly ? 1 : 0));
}

/** Holds a provider of its own until what `use` returns settles. */
export async function lend<T>(
  view: object,
  use: (bytes: Uint8Array) => T | PromiseLike<T>,
): Promise<T> {
  if (typeof use !== 'function')
    throw typeError(`lend: expected a function, found ${show(use)}`);
  const held = late.acquire(view, Flags.FULL_RO, 'lend');
  try {
    return await use(held.bytes());
  } finally {
    held.release();
  }
}
