/** Views as typed arrays over the same memory: all of it exposes the block's ArrayBuffer. */

import type { TypedArrayKind } from './elements.ts';
import { BufferError } from './errors.ts';
import { type JsMemory, jsMemoryOf } from './js_memory.ts';
import { isContiguous, isEmpty, sizeOf } from './layout.ts';
import { runLength, runs } from './runs.ts';
import { checkWritable, type Parts } from './view_copy.ts';
import type { ViewInfo } from './view_info.ts';

/** Typed arrays cannot be read-only, so a readonly view gives none. */
export function expose(parts: Parts): ArrayBufferLike {
  parts.root.live();
  checkWritable(parts.info);
  return parts.root.expose();
}

function kindOf(info: ViewInfo): TypedArrayKind {
  const { format, layout } = info;
  if (format.typedArray === null || format.size !== layout.itemsize)
    throw new BufferError(
      'ERR_NBUF_FORMAT',
      `no typed array has elements of format '${format.text}' in ${layout.itemsize} bytes; ` +
        'use get(), or bytes()',
    );
  return format.typedArray;
}

function checkAligned(offset: number, unit: number): void {
  if (offset % unit !== 0)
    throw new BufferError(
      'ERR_NBUF_STRIDES',
      `typed arrays of ${unit}-byte entries start at multiples of that, this view at byte ` +
        `${offset}; use get(), or toContiguous()`,
    );
}

function checkContiguous(info: ViewInfo, what: string): void {
  if (!isContiguous(info.layout, 'C'))
    throw new BufferError(
      'ERR_NBUF_CONTIGUITY',
      `${what}: the view is not C-contiguous; use asNdarray(), runs() or toContiguous()`,
    );
}

export function typedArray(parts: Parts): ArrayBufferView {
  const { info, root } = parts;
  root.live();
  checkWritable(info);
  const kind = kindOf(info);
  checkContiguous(info, 'typedArray');
  const length = sizeOf(info.layout.shape) * kind.entries;
  const start = length === 0 ? 0 : info.layout.offset + root.shift;
  checkAligned(start, kind.unit);
  return kind.make(expose(parts), start, length);
}

export function bytes(parts: Parts): Uint8Array {
  const { info, root } = parts;
  root.live();
  checkWritable(info);
  checkContiguous(info, 'bytes');
  const length = sizeOf(info.layout.shape) * info.layout.itemsize;
  return new Uint8Array(
    expose(parts),
    length === 0 ? 0 : info.layout.offset + root.shift,
    length,
  );
}

/** `data[offset + Σ index·stride]`, in entries of `data`; complex numbers add an axis of 2. */
export type Ndarray = {
  data: ArrayBufferView;
  shape: number[];
  stride: number[];
  offset: number;
};

export function asNdarray(parts: Parts): Ndarray {
  const { info, root } = parts;
  root.live();
  checkWritable(info);
  const kind = kindOf(info);
  const { shape, strides, offset } = info.layout;
  const start = isEmpty(shape) ? 0 : offset + root.shift;
  checkAligned(start, kind.unit);
  const stride = strides.map((step, axis) => {
    const isStepped = !isEmpty(shape) && shape[axis] !== 1;
    if (isStepped) checkAligned(step, kind.unit);
    return isStepped || step % kind.unit === 0 ? step / kind.unit : 0;
  });
  const buffer = expose(parts);
  const { byteLength } = jsMemoryOf(buffer) as JsMemory;
  const data = kind.make(buffer, 0, Math.floor(byteLength / kind.unit));
  const pair = kind.entries === 2;
  return {
    data,
    shape: pair ? [...shape, 2] : shape.slice(),
    stride: pair ? [...stride, 1] : stride,
    offset: start / kind.unit,
  };
}

/** The maximal contiguous pieces in C order, as typed arrays. */
export function typedRuns(parts: Parts): Generator<ArrayBufferView, void, undefined> {
  parts.root.live();
  checkWritable(parts.info);
  return piecesOf(parts, kindOf(parts.info));
}

function* piecesOf(
  parts: Parts,
  kind: TypedArrayKind,
): Generator<ArrayBufferView, void, undefined> {
  const { info, root } = parts;
  const length = runLength(info.layout) / kind.unit;
  if (length === 0) return;
  for (const at of runs(info.layout)) {
    const start = at + root.shift;
    checkAligned(start, kind.unit);
    // Asked each time: the provider may be released between two pieces.
    yield kind.make(expose(parts), start, length);
  }
}
