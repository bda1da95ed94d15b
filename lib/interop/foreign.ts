/** What comes from a neighbour: checked numbers, the bytes of its data, copies of plain arrays. */
import { types } from 'node:util';
import {
  acquire,
  acquireAs,
  BufferError,
  calcsize,
  type Provider,
  type RequestOptions,
  type View,
} from '../index.ts';
import { dtypeOfArray, dtypes, newArray } from './dtypes.ts';
import { kindOf, rangeError, typeError } from './refusals.ts';

const MAX_NDIM = 64;

/** A checked copy of a list of integers, such as a shape. Getters run here, once each. */
export function integersOf(value: unknown, name: string): number[] {
  const isList = Array.isArray(value) || dtypeOfArray(value) !== null;
  if (!isList)
    throw typeError(`${name}: expected an array of integers, found ${kindOf(value)}`);
  const { length } = value as ArrayLike<unknown>;
  if (length > MAX_NDIM)
    throw rangeError(`${name}: expected at most ${MAX_NDIM} axes, found ${length}`);
  const integers: number[] = [];
  for (
    let k = 0;
    k < length;
    k++ // not iterators: user code might have changed them
  )
    integers.push(integerOf((value as ArrayLike<unknown>)[k], `${name}[${k}]`));
  return integers;
}

export function integerOf(value: unknown, name: string): number {
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  const found = typeof value === 'number' ? value : kindOf(value);
  throw typeError(`${name}: expected an integer, found ${found}`);
}

/** Elements of a neighbour: strides and offset in elements of `itemsize` bytes. */
export type ForeignLayout = {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
  readonly format: string;
  readonly itemsize: number;
  readonly readonly?: boolean;
};

/**
 * A provider of a neighbour's data with its layout. Where there are no elements, the first one
 * is nowhere: neighbours that flip an empty axis say that it lies before the data.
 */
export function acquireElements(
  data: unknown,
  layout: ForeignLayout,
  request: RequestOptions | undefined,
): Provider {
  const { shape, strides, offset, format, itemsize, readonly = false } = layout;
  const steps = strides.map((step) => step * itemsize);
  const start = shape.includes(0) ? 0 : offset * itemsize;
  const bytes = { shape, strides: steps, offset: start, format, readonly };
  return acquireAs(data, bytes, request) as Provider;
}

/** The bytes of an object over a buffer that is no typed array itself; null for others. */
export function bytesBehind(data: unknown): Uint8Array | null {
  if (typeof data !== 'object' || data === null) return null;
  const { buffer, byteOffset, byteLength } = data as Partial<ArrayBufferView>;
  if (!types.isAnyArrayBuffer(buffer)) return null;
  const start = integerOf(byteOffset, 'data.byteOffset');
  const length = integerOf(byteLength, 'data.byteLength');
  try {
    new Uint8Array(buffer);
  } catch (cause) {
    const message = 'the ArrayBuffer of the data was transferred or detached by its user';
    throw new BufferError('ERR_NBUF_DETACHED', message, { cause });
  }
  try {
    return new Uint8Array(buffer, start, length);
  } catch (cause) {
    const message = `${length} bytes from ${start} do not lie in the buffer of the data`;
    throw new BufferError('ERR_NBUF_BOUNDS', message, { cause });
  }
}

type Elements = ArrayLike<unknown> & { get?(index: number): unknown };
type Placed = Pick<ForeignLayout, 'shape' | 'strides' | 'offset'>;

/** The flat index of each element, in C order. */
function* placesOf(
  { shape, strides, offset }: Placed,
  axis: number = 0,
  start: number = offset,
): Generator<number> {
  if (axis === shape.length) yield start;
  else
    for (let k = 0; k < (shape[axis] as number); k++)
      yield* placesOf(
        { shape, strides, offset },
        axis + 1,
        start + k * (strides[axis] as number),
      );
}

const FORMATS: Readonly<Record<string, string | undefined>> = {
  __proto__: null as never,
  number: 'd',
  bigint: 'q',
  boolean: '?',
};

/** Reads the element at a flat index; BOUNDS for what is not there. */
function valueAt(source: Elements, isList: boolean, place: number): unknown {
  const { length } = source;
  if (!(place >= 0 && place < length))
    throw new BufferError(
      'ERR_NBUF_BOUNDS',
      `the layout reaches element ${place} of data with ${length}`,
    );
  const value = isList ? source[place] : source.get?.(place);
  if (FORMATS[typeof value] !== undefined) return value;
  throw typeError(`data: expected numbers, bigints or booleans, found ${kindOf(value)}`);
}

/** Copies them one by one, in C order. */
function copyValues(all: View, source: Elements, isList: boolean, layout: Placed): void {
  if (all.size === 0) return;
  let k = 0;
  for (const place of placesOf(layout))
    all.set(k++, valueAt(source, isList, place) as never);
}

/**
 * A provider of a copy that `fill` makes, and which says so (`copied`). Its memory is asked for
 * at once: a layout can repeat one element more often than there is memory. READONLY where the
 * request is for writing: nothing could be written back.
 */
export function acquireFilled(
  layout: { readonly shape: readonly number[]; readonly format: string },
  fill: (target: Provider) => void,
  request: RequestOptions | undefined,
  isReadonly: boolean,
): Provider {
  const { shape, format } = layout;
  const size = shape.reduce((bytes, extent) => bytes * extent, calcsize(format));
  const bytes = newArray(dtypes.uint8, size);
  const target = acquireAs(bytes, layout, { writable: true }) as Provider;
  try {
    fill(target);
  } finally {
    target.release();
  }
  // JavaScript's own memory cannot be pinned: that is what makes it a copy for nbuf, too.
  const copy = { ...request, pin: true, copy: 'if-needed' } as const;
  const constant = { shape, format, readonly: true };
  if (isReadonly) return acquireAs(bytes, constant, copy) as Provider;
  const source = acquireAs(bytes, constant);
  try {
    return acquire(source, copy) as Provider;
  } finally {
    source.release();
  }
}

/**
 * Elements that lie in no memory, a plain array's or behind `get`: a readonly copy where the
 * caller allows it, for nothing could be written back.
 */
export function copyElements(
  name: string,
  data: unknown,
  layout: Placed,
  request: RequestOptions | undefined,
): Provider {
  const isList = Array.isArray(data);
  const source = data as Elements;
  if (!isList && (typeof data !== 'object' || typeof source?.get !== 'function'))
    throw typeError(`${name}: data: expected a typed array, found ${kindOf(data)}`);
  if (request?.copy !== 'if-needed')
    throw typeError(
      `${name}: data: expected a typed array, found ${isList ? 'a plain array' : 'an accessor'}` +
        ", whose elements lie in no memory; pass { copy: 'if-needed' } for a copy",
    );
  const { shape, strides } = layout;
  if (strides.length !== shape.length)
    throw rangeError(
      `${name}: expected ${shape.length} strides, one per axis, found ${strides.length}`,
    );
  const first = shape.includes(0) ? 0 : valueAt(source, isList, layout.offset);
  const format = FORMATS[typeof first] as string;
  const fill = (target: Provider) =>
    copyValues(target.reshape([target.size]), source, isList, layout);
  return acquireFilled({ shape, format }, fill, request, true);
}
