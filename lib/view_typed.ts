/** Views as typed arrays over the same memory: all of it exposes the block's ArrayBuffer. */

import type { TypedArrayKind } from './elements.ts';
import { BufferError } from './errors.ts';
import { IndirectMemory, PieceWalk } from './indirect_memory.ts';
import { firstElement } from './indirect_view.ts';
import { asIterator } from './iterators.ts';
import { type JsMemory, jsMemoryOf } from './js_memory.ts';
import { isContiguous, isEmpty, sizeOf } from './layout.ts';
import { type Root, releasedError } from './root.ts';
import { RunWalk } from './runs.ts';
import { checkWritable, type Parts } from './view_copy.ts';
import type { ViewInfo } from './view_info.ts';

/** One ArrayBuffer cannot show what lies behind pointers. */
function checkDirect({ layout }: ViewInfo, what: string): void {
  if (layout.levels !== null)
    throw new BufferError(
      'ERR_NBUF_SUBOFFSETS',
      `${what}: the elements lie behind pointers, in more than one place; use runs(), get(), ` +
        'toContiguous(), or a slice without the axes of the pointers',
    );
}

/** Typed arrays cannot be read-only, so a readonly view gives none. */
export function expose(parts: Parts, what: string = 'buffer'): ArrayBufferLike {
  parts.root.live();
  checkWritable(parts.info);
  checkDirect(parts.info, what);
  return parts.root.expose();
}

export function unsafeExpose({ root, info }: Parts): ArrayBufferLike {
  root.live();
  checkDirect(info, 'unsafeExpose');
  return root.expose();
}

export function byteOffset({ root, info }: Parts): number {
  root.live();
  checkDirect(info, 'byteOffset');
  return info.layout.offset + root.shift;
}

/** Of the first element; without one, where it would be in the block. */
export function address({ root, info }: Parts): bigint {
  root.live();
  const { part, offset } = firstElement(root, info.layout);
  part.checkAttached(); // moved elsewhere: nothing of it is there any more
  return part.info.described.blockAddress + BigInt(offset);
}

/** Null where no typed array has such elements. */
function findKind({ format, layout }: ViewInfo): TypedArrayKind | null {
  return format.size === layout.itemsize ? format.typedArray : null;
}

function kindOf(info: ViewInfo): TypedArrayKind {
  const kind = findKind(info);
  if (kind !== null) return kind;
  const { format, layout } = info;
  throw new BufferError(
    'ERR_NBUF_FORMAT',
    `no typed array has elements of format '${format.text}' in ${layout.itemsize} bytes; ` +
      'use get(), bytes() or runs()',
  );
}

/** Elements as their bytes. */
function bytesKind(itemsize: number): TypedArrayKind {
  const make: TypedArrayKind['make'] = (buffer, start, length) =>
    new Uint8Array(buffer, start, length);
  return { make, unit: 1, entries: itemsize };
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
  checkDirect(info, 'typedArray');
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
  checkDirect(info, 'bytes');
  checkContiguous(info, 'bytes');
  const length = sizeOf(info.layout.shape) * info.layout.itemsize;
  return new Uint8Array(
    expose(parts),
    length === 0 ? 0 : info.layout.offset + root.shift,
    length,
  );
}

/** `data[offset + Σ index·stride]`, in entries of `data`; complex numbers add an axis of 2. */
export type Ndarray<Data extends ArrayBufferView = ArrayBufferView> = {
  data: Data;
  shape: number[];
  stride: number[];
  offset: number;
};

export function asNdarray(parts: Parts): Ndarray {
  const { info, root } = parts;
  root.live();
  checkWritable(info);
  const kind = kindOf(info);
  checkDirect(info, 'asNdarray');
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
export function typedRuns(
  parts: Parts,
): IteratorObject<ArrayBufferView, undefined, unknown> {
  const { root, info } = parts;
  root.live();
  checkWritable(info);
  const { layout } = info;
  const kind = findKind(info) ?? bytesKind(layout.itemsize);
  const walk =
    layout.levels === null
      ? new RunWalk(layout)
      : new PieceWalk(new IndirectMemory(root, layout));
  return new Runs(root, kind, walk) as never;
}

/** Exposes the buffers, each from its first piece on. */
class Runs {
  readonly #root: Root;
  readonly #kind: TypedArrayKind;
  #walk: RunWalk | PieceWalk | null;
  /** The part that was met last, and its buffer. */
  #part: Root | null = null;
  #buffer: ArrayBufferLike | null = null;

  constructor(root: Root, kind: TypedArrayKind, walk: RunWalk | PieceWalk) {
    this.#root = root;
    this.#kind = kind;
    this.#walk = walk;
  }

  next(): IteratorResult<ArrayBufferView, undefined> {
    const walk = this.#walk;
    // Asked each time: the provider may be released between two pieces.
    if (walk !== null && this.#root.slot === null) throw releasedError();
    const done = walk === null || !walk.next();
    return { value: done ? undefined : this.#piece(walk), done } as never;
  }

  return(value?: unknown): IteratorResult<ArrayBufferView, unknown> {
    this.#walk = null;
    return { value, done: true };
  }

  #piece({ part, at, length }: RunWalk | PieceWalk): ArrayBufferView {
    const root = part ?? this.#root;
    const { unit, make } = this.#kind;
    const start = at + root.shift;
    if (this.#part !== root) {
      checkAligned(start, unit);
      this.#buffer = root.expose();
      this.#part = root;
    }
    try {
      return make(this.#buffer as ArrayBufferLike, start, length / unit);
    } catch (error) {
      // The constructor sees these by itself, so nothing is checked before it does.
      checkAligned(start, unit);
      root.expose();
      throw error;
    }
  }
}
asIterator(Runs);
