/** The options of HostArray's functions, and what converts them. */
import { knownFormat } from './elements.ts';
import { BufferError, rangeError, show, typeError } from './errors.ts';
import { type Layout, makeLayout, packedStrides } from './layout.ts';
import { checkAtLeast, checkItemsize, checkShape, checkStrides } from './layout_check.ts';

export type AllocateOptions = {
  /** 'C' (default): the last axis is contiguous; 'F': the first. */
  order?: 'C' | 'F' | undefined;
  /** The address is a multiple of this many bytes: a power of two up to 2^21, default 64. */
  align?: number | undefined;
};

/** A layout over given memory. Strides and offset in bytes. */
export type LayoutOptions<F extends string = string> = {
  shape?: readonly number[] | undefined;
  /** Default: C-contiguous. */
  strides?: readonly number[] | undefined;
  /** Of the first element, from the start of the memory. Default 0. */
  offset?: number | undefined;
  /** Default 'B'. */
  format?: F | undefined;
  /** Bytes of one element; default what the format takes. */
  itemsize?: number | undefined;
  readonly?: boolean | undefined;
};

export type AdoptOptions<F extends string = string> = LayoutOptions<F> & {
  /** Kept reachable as long as the memory is used. */
  owner?: object | undefined;
  /** Called (in a microtask) once the memory is no longer used. Not at process exit. */
  free?: (() => void) | undefined;
};

export type LayoutChange = Pick<LayoutOptions, 'shape' | 'strides' | 'offset' | 'format'>;

/** How many providers hold each lock. */
export type LockCounts = { readonly memory: number; readonly layout: number };

export function checkFormat(format: unknown): string {
  if (typeof format !== 'string')
    throw typeError(`format: expected a string, found ${show(format)}`);
  if (format.includes('\0'))
    throw new BufferError('ERR_NBUF_FORMAT', 'format: expected no NUL, found one');
  return format;
}

export function checkObject(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null)
    throw typeError(`${name}: expected an object, found ${show(value)}`);
  return value as Record<string, unknown>;
}

export function checkAlign(align: unknown): number {
  if (align === undefined) return 64;
  const value = checkAtLeast(align, 1, 'align');
  if (value > 2 ** 21 || 2 ** Math.round(Math.log2(value)) !== value)
    throw rangeError(`align: expected a power of two up to 2^21, found ${value}`);
  return value;
}

/** Converts layout options; without a shape, one axis takes all `bytes`. */
export function layoutOf(
  options: Record<string, unknown>,
  bytes: number,
): { layout: Layout; format: string; readonly: boolean } {
  const { shape, strides, offset, format, itemsize, readonly } = options;
  const text = format === undefined ? 'B' : checkFormat(format);
  const size =
    itemsize === undefined ? knownFormat(text).itemsize : checkItemsize(itemsize);
  const start = offset === undefined ? 0 : checkAtLeast(offset, 0, 'offset');
  const extents =
    shape === undefined
      ? [Math.max(0, Math.floor((bytes - start) / size))]
      : checkShape(shape, size);
  const steps =
    strides === undefined
      ? packedStrides(extents, size, 'C')
      : checkStrides(strides, extents.length);
  return {
    layout: makeLayout(extents, steps, start, size),
    format: text,
    readonly: readonly === true,
  };
}
