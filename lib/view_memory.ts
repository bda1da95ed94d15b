/** What a view tells of its memory, and the ways to that: without a copy, and without elements. */
import { typeError } from './errors.ts';
import { late } from './late.ts';
import { isContiguous, sizeOf } from './layout.ts';
import { byteLengthOf, checkOrder } from './layout_check.ts';
import { BUFFER } from './lent_buffer.ts';
import { releasedError } from './root.ts';
import type { TypedArrayOf } from './typed_array_types.ts';
import { lend, type Parts } from './view_copy.ts';
import type { ViewLevels } from './view_info.ts';
import * as typed from './view_typed.ts';

function livingParts(view: object): Parts {
  const parts = late.partsOf(view);
  if (parts === null) throw typeError('expected a View, found another object as this');
  if (parts.root.released) throw releasedError();
  return parts;
}

/** Without fields and constructor: those would cost each view that is made. */
export class ViewMemory<F extends string = string> {
  /** The number of axes, 0 to 64. */
  get ndim(): number {
    return livingParts(this).info.layout.shape.length;
  }
  /** The number of elements. */
  get size(): number {
    return sizeOf(livingParts(this).info.layout.shape);
  }
  /** Bytes that the elements take: size * itemsize. */
  get byteLength(): number {
    const { layout } = livingParts(this).info;
    return byteLengthOf(layout.shape, layout.itemsize);
  }
  /**
   * PEP 3118's suboffsets, in bytes: behind an axis whose entry is not negative a pointer is
   * followed, and the entry added. Null: there are no pointers. SUBOFFSETS with the reason where
   * they cannot say the layout; `levels` can.
   */
  get suboffsets(): readonly number[] | null {
    return livingParts(this).info.suboffsets;
  }
  /** The level in which each axis moves, and the bytes added behind each level's pointer. */
  get levels(): ViewLevels | null {
    return livingParts(this).info.levels;
  }
  /**
   * The block's one ArrayBuffer; exposes it. Throws READONLY, DETACHED, UNSUPPORTED; SUBOFFSETS
   * where the elements lie behind pointers.
   */
  get buffer(): ArrayBufferLike {
    return typed.expose(livingParts(this));
  }
  /** Bytes from the start of `buffer` to the first element. SUBOFFSETS, as for `buffer`. */
  get byteOffset(): number {
    return typed.byteOffset(livingParts(this));
  }
  /** The address of the first element. DETACHED where JavaScript's own memory was transferred. */
  get address(): bigint {
    return typed.address(livingParts(this));
  }

  /** As PyBuffer_IsContiguous: 'C', 'F', or 'A' for either. */
  isContiguous(order: 'C' | 'F' | 'A' = 'C'): boolean {
    const asked = checkOrder(order, ['C', 'F', 'A']);
    return isContiguous(livingParts(this).info.layout, asked);
  }

  /** A typed array over the elements, no copy; exposes the buffer. C-contiguous views only. */
  typedArray(): TypedArrayOf<F> {
    return typed.typedArray(livingParts(this)) as TypedArrayOf<F>;
  }
  /** The elements' bytes, no copy; exposes the buffer. C-contiguous views only. */
  bytes(): Uint8Array {
    return typed.bytes(livingParts(this));
  }
  /** `{data, shape, stride, offset}` as scijs has it: strides and offset in entries of `data`. */
  asNdarray(): typed.Ndarray<TypedArrayOf<F>> {
    return typed.asNdarray(livingParts(this)) as typed.Ndarray<TypedArrayOf<F>>;
  }
  /**
   * The maximal contiguous pieces in C order, as typed arrays (of bytes, where none has such
   * elements); exposes the buffer. STRIDES where a piece is not aligned.
   */
  runs(): IteratorObject<TypedArrayOf<F>, undefined, unknown> {
    return typed.typedRuns(livingParts(this)) as never;
  }
  /** The buffer also of readonly memory. Writing to it may kill the process. */
  unsafeExpose(): ArrayBufferLike {
    return typed.unsafeExpose(livingParts(this));
  }

  /** @internal JavaScript's own buffer behind a view, for other copies of nbuf. */
  [BUFFER](): ArrayBufferLike | null {
    return livingParts(this).root.info.jsBuffer;
  }

  /**
   * Gives the bytes to asynchronous code: a provider of their own holds the memory until the
   * promise of `use` settles, whatever happens to this one. C-contiguous views only.
   */
  async lend<T>(use: (bytes: Uint8Array) => T | PromiseLike<T>): Promise<T> {
    return await lend(this, use);
  }
}
