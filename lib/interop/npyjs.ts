/** npyjs: contiguous arrays of .npy files. */
import {
  acquireAs,
  BufferError,
  contiguousStrides,
  type ElementValue,
  type Provider,
  type RequestOptions,
  type TypedArrayOf,
  type View,
} from '../index.ts';
import {
  type CopyOptions,
  checkObject,
  type DType,
  type DTypeName,
  dtypeOfArray,
  dtypes,
  exposeOrCopy,
  kindOf,
  type Need,
  typeError,
} from './common.ts';

/** What npyjs's `load` returns. `shape` in elements; `data` in C or Fortran order. */
export type NpyjsArray = {
  data: ArrayBufferView | readonly unknown[];
  shape: readonly number[];
  /** NumPy's short name: 'f4'. */
  dtype: string;
  fortranOrder: boolean;
};

/** What `dump` takes. */
export type NpyjsResult<F extends string = string> = {
  data: F extends 'e' ? Uint16Array : TypedArrayOf<F>;
  shape: number[];
  dtype: NpyjsDType;
  fortranOrder: boolean;
};

/** As NumPy's, without the byte order. */
export type NpyjsDType =
  | `${'i' | 'u'}${1 | 2 | 4 | 8}`
  | `f${2 | 4 | 8}`
  | 'b1'
  | 'c8'
  | 'c16';

/** The element type that `dtype` names, as far as `data` has such bytes. */
function typeOf(code: unknown, data: unknown): DType {
  const found = dtypeOfArray(data);
  if (found === null)
    throw typeError(
      `npyjs: data: expected a typed array, found ${kindOf(data)}; HostArray.from() copies ` +
        'plain arrays',
    );
  const named = Object.values(dtypes).find((dtype) => dtype.code === code);
  // npyjs converts float16 unless it is told not to, and leaves the name.
  if (named === undefined || (named.name === 'float16' && found.name === 'float32'))
    return found;
  if (named.unit === found.unit) return named;
  throw new BufferError(
    'ERR_NBUF_FORMAT',
    `npyjs: dtype '${named.code}' has entries of ${named.unit} bytes, its data ${found.unit}`,
  );
}

/**
 * A provider of an array that npyjs loaded, without a copy: it keeps the typed array alive, and
 * its release ends nothing but the provider. Booleans (`b1`) and text (`U`) come from npyjs as
 * plain arrays: a TypeError, `HostArray.from(array.data)` copies them. Other errors as for
 * `acquireAs`; once the data was transferred, DETACHED.
 */
export function fromNpyjs(array: NpyjsArray, request?: RequestOptions): Provider {
  const { data, shape, dtype, fortranOrder } = checkObject(array, 'array');
  const { format, itemsize } = typeOf(dtype, data);
  const order = fortranOrder === true ? 'F' : 'C';
  const strides = contiguousStrides(shape as number[], itemsize, order);
  return acquireAs(data, { shape: shape as number[], strides, format }, request);
}

const NEED: Need = {
  name: 'npyjs',
  layout: 'C or F',
  dtypes: Object.keys(dtypes) as DTypeName[],
};

/**
 * A view as npyjs has arrays: `dump(a.data, a.shape, { dtype: a.dtype })` writes it, where it is
 * in C order. Without a copy `data` is the view's memory and ends (length 0) with the release of
 * its provider. float16 shows as the bits in a Uint16Array, complex numbers as pairs, booleans
 * as bytes. CONTIGUITY, STRIDES, FORMAT, READONLY, SUBOFFSETS say why it needs a copy.
 */
export function toNpyjs<F extends string>(
  view: View<F, ElementValue>,
  options?: CopyOptions,
): NpyjsResult<F>;
export function toNpyjs(view: View, options?: CopyOptions): NpyjsArray {
  const { data, shape, dtype, order } = exposeOrCopy(view, NEED, options);
  const { buffer, byteOffset, length } = data;
  const bits =
    dtype.name === 'float16' ? new Uint16Array(buffer, byteOffset, length) : data;
  return { data: bits as never, shape, dtype: dtype.code, fortranOrder: order === 'F' };
}
