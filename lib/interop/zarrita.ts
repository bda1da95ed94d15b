/** zarrita's chunks: strides in elements, no offset. */
import type {
  ElementValue,
  Provider,
  ProviderOf,
  RequestOptions,
  TypedArrayOf,
  View,
} from '../index.ts';
import { BufferError } from '../index.ts';
import type { Granted, KnownOptions } from '../request_types.ts';
import {
  type CopyOptions,
  checkClass,
  checkObject,
  type DTypeName,
  dtypeOfArray,
  dtypes,
  exposeOrCopy,
  hasFloat16,
  kindOf,
  type Need,
  typeError,
} from './common.ts';
import { acquireElements, bytesBehind, integerOf, integersOf } from './foreign.ts';

/** A chunk, as `zarr.get` gives and `zarr.set` takes it. `stride` in elements. */
export type ZarritaChunk<D = unknown> = {
  data: D;
  shape: number[];
  stride: number[];
};

/** What shows the elements of a literal format there; booleans depend on the options. */
export type ZarritaData<F extends string> = F extends '?' ? object : TypedArrayOf<F>;

export type ZarritaOptions = CopyOptions & {
  /** zarrita's class of that name: booleans go out as one. Without it they are a Uint8Array. */
  readonly BoolArray?:
    | (new (
        buffer: ArrayBuffer,
        byteOffset: number,
        length: number,
      ) => object)
    | undefined;
};

const none: DTypeName[] = ['complex64', 'complex128'];
if (!hasFloat16) none.push('float16');
const NEED: Need = {
  name: 'zarrita',
  layout: 'forward',
  dtypes: (Object.keys(dtypes) as DTypeName[]).filter((name) => !none.includes(name)),
  convert: { float16: 'float32' },
};

/**
 * A chunk over the view's memory, for `zarr.set` and the like. Without a copy its data ends
 * (length 0) with the release of the view's provider. CONTIGUITY: a negative stride, which a
 * chunk cannot have (it has no offset; a stride of 0 it may have); STRIDES, FORMAT, READONLY,
 * SUBOFFSETS as for `toNdarray`; complex numbers and records are FORMAT.
 */
export function toZarrita<F extends string>(
  view: View<F, ElementValue>,
  options?: ZarritaOptions,
): ZarritaChunk<ZarritaData<F>>;
export function toZarrita(view: View, options: ZarritaOptions = {}): ZarritaChunk {
  const { BoolArray } = checkObject(options, 'options') as ZarritaOptions;
  if (BoolArray !== undefined) checkClass(BoolArray, 'options.BoolArray');
  const { data, shape, strides, dtype } = exposeOrCopy(view, NEED, options);
  const { buffer, byteOffset, length } = data;
  const isBool = dtype.name === 'bool' && BoolArray !== undefined;
  return {
    data: isBool ? new BoolArray(buffer as ArrayBuffer, byteOffset, length) : data,
    shape,
    stride: strides,
  };
}

/** zarrita's own classes: booleans, and text of `chars` characters. */
function ownArray(data: object) {
  const bytes = bytesBehind(data);
  if (bytes === null)
    throw typeError(
      `zarrita: data: expected a typed array, found ${kindOf(data)}; HostArray.from() copies ` +
        'plain arrays',
    );
  const { chars, BYTES_PER_ELEMENT } = data as Record<string, unknown>;
  const itemsize = integerOf(BYTES_PER_ELEMENT, 'data.BYTES_PER_ELEMENT');
  if (chars === undefined && itemsize === 1) return { bytes, format: '?', itemsize };
  const count = integerOf(chars, 'data.chars');
  if (itemsize === count) return { bytes, format: `${count}s`, itemsize };
  if (itemsize === 4 * count) return { bytes, format: `${count}w`, itemsize };
  throw new BufferError(
    'ERR_NBUF_FORMAT',
    `zarrita: ${count} characters in ${itemsize} bytes are no text that nbuf knows`,
  );
}

/**
 * A provider of a chunk's elements, without a copy; booleans are '?', text `5s` or `5w`. It keeps
 * the typed array alive, and its release ends nothing but the provider. Arrays of objects and
 * strings are a TypeError.
 */
export function fromZarrita<D, const R extends RequestOptions | undefined = undefined>(
  chunk: ZarritaChunk<D>,
  request?: R & KnownOptions<R>,
): ProviderOf<D, Granted<R>>;
export function fromZarrita(chunk: ZarritaChunk, request?: RequestOptions): Provider {
  const { data, shape, stride } = checkObject(chunk, 'chunk');
  const layout = {
    shape: integersOf(shape, 'chunk.shape'),
    strides: integersOf(stride, 'chunk.stride'),
    offset: 0,
  };
  const dtype = dtypeOfArray(data);
  if (dtype !== null) {
    const { format, itemsize } = dtype;
    return acquireElements(data, { ...layout, format, itemsize }, request);
  }
  const { bytes, format, itemsize } = ownArray(data as object);
  return acquireElements(bytes, { ...layout, format, itemsize }, request);
}
