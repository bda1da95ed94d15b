/** scijs `ndarray`: any strides and an offset, both in elements. */
import type { Provider, ProviderOf, RequestOptions, View } from '../index.ts';
import type { Granted, KnownOptions } from '../request_types.ts';
import { accessorOf, orAccessor } from './accessor.ts';
import {
  type CopyOptions,
  checkFunction,
  checkObject,
  copyChoice,
  type DTypeName,
  dtypeOfArray,
  dtypes,
  exposeOrCopy,
  hasFloat16,
  type Need,
} from './common.ts';
import { acquireElements, copyElements, integerOf, integersOf } from './foreign.ts';

/** What scijs' ndarray shows of itself. `stride` and `offset` in elements. */
export type NdarrayLike<D = unknown> = {
  readonly data: D;
  readonly shape: readonly number[];
  readonly stride: readonly number[];
  readonly offset: number;
};

/** The function that the package `ndarray` exports. */
export type NdarrayFunction<T> = (
  data: never,
  shape: number[],
  stride: number[],
  offset: number,
) => T;

export type NdarrayOptions = CopyOptions & {
  /**
   * Where zero-copy is impossible, elements go through `get` and `set` of the view (dtype
   * 'generic', slower, no copy): other byte orders, unaligned and readonly memory, elements
   * behind pointers, records. Default false.
   */
  readonly accessor?: boolean | undefined;
};

const real = (Object.keys(dtypes) as DTypeName[]).filter(
  (name) => name !== 'bool' && (hasFloat16 || name !== 'float16'),
);
const NEED: Need = {
  name: 'ndarray',
  layout: 'any',
  dtypes: real,
  convert: { float16: 'float32' },
  maxEntries: 2 ** 31 - 1, // its methods truncate indices of `data` to 32 bits
};

/**
 * An ndarray over the view's memory, with all its strides: `ndarray` is the function of that
 * package. Complex numbers get a last axis of two, booleans are bytes of 0 and 1.
 *
 * Without a copy its `data` ends (length 0) with the release of the view's provider (the last one
 * over that memory; JavaScript's own memory stays); a copy owns its memory, an accessor throws
 * RELEASED then. Errors, which `copy: 'if-needed'` and `accessor: true` lift: STRIDES (a stride in
 * bytes is no multiple of the element, or the memory is not aligned), FORMAT (byte order, float16
 * where the runtime has no Float16Array), READONLY, SUBOFFSETS, UNSUPPORTED (2^31 elements or more
 * from the first to the last). FORMAT for records and text, which only an accessor shows.
 */
export function toNdarray<T>(
  view: View,
  ndarray: NdarrayFunction<T>,
  options?: NdarrayOptions,
): T {
  checkFunction(ndarray, 'ndarray');
  const copy = copyChoice(options);
  const make = ndarray as unknown as (...args: unknown[]) => T;
  if (options?.accessor !== true || copy === 'always')
    return plainNdarray(view, make, { copy });
  const access = () => {
    const { data, shape, strides } = accessorOf(view);
    return make(data, shape, strides, 0);
  };
  return orAccessor(() => plainNdarray(view, make, {}), access);
}

function plainNdarray<T>(
  view: View,
  make: (...args: unknown[]) => T,
  options: CopyOptions,
): T {
  const { data, shape, strides, offset, dtype } = exposeOrCopy(view, NEED, options);
  const pair = dtype.entries === 2;
  return make(
    data,
    pair ? [...shape, 2] : shape,
    pair ? [...strides, 1] : strides,
    offset,
  );
}

/**
 * A provider of an ndarray's elements, in its layout and without a copy: it keeps the typed
 * array alive, and its release ends nothing but the provider; transferring the data away makes
 * it throw DETACHED. Where `data` is memory of nbuf, the provider is one of that memory, and
 * holds its lock. Plain arrays and accessors lie in no memory: TypeError, or with
 * `copy: 'if-needed'` a readonly copy. BOUNDS: the layout reaches out of `data`.
 */
export function fromNdarray<D, const R extends RequestOptions | undefined = undefined>(
  array: NdarrayLike<D>,
  request?: R & KnownOptions<R>,
): ProviderOf<D, Granted<R>>;
export function fromNdarray(array: NdarrayLike, request?: RequestOptions): Provider {
  const { data, shape, stride, offset } = checkObject(array, 'array');
  const layout = {
    shape: integersOf(shape, 'array.shape'),
    strides: integersOf(stride, 'array.stride'),
    offset: integerOf(offset, 'array.offset'),
  };
  const dtype = dtypeOfArray(data);
  if (dtype === null) return copyElements('ndarray', data, layout, request);
  const { format, itemsize } = dtype;
  return acquireElements(data, { ...layout, format, itemsize }, request);
}
