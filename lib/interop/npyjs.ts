/** npyjs: contiguous arrays of .npy files. */
import {
  acquireAs,
  BufferError,
  contiguousStrides,
  type Provider,
  type RequestOptions,
} from '../index.ts';
import { arrayType, checkObject } from './common.ts';
import { type DType, dtypes } from './dtypes.ts';

/** What npyjs's `load` returns. `shape` in elements; `data` in C or Fortran order. */
export type NpyjsArray = {
  data: ArrayLike<unknown>;
  shape: readonly number[];
  dtype: string;
  fortranOrder: boolean;
};

/** The element type that `dtype` names, as far as `data` has such bytes. */
function typeOf(code: unknown, data: DType): DType {
  const named = Object.values(dtypes).find((dtype) => dtype.code === code);
  // npyjs converts float16 unless it is told not to, and leaves the name.
  if (named === undefined || (named.name === 'float16' && data.name === 'float32'))
    return data;
  if (named.unit === data.unit) return named;
  throw new BufferError(
    'ERR_NBUF_FORMAT',
    `npyjs: dtype '${named.code}' has entries of ${named.unit} bytes, its data ${data.unit}`,
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
  const { format, itemsize } = typeOf(dtype, arrayType(data, 'array.data'));
  const extents = shape as readonly number[];
  const layout = {
    shape: extents,
    strides: contiguousStrides(extents, itemsize, fortranOrder === true ? 'F' : 'C'),
    format,
  };
  return acquireAs(data, layout, request);
}
