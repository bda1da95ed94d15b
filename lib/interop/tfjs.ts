/** TensorFlow.js: tensors and tensor buffers. */
import {
  acquireAs,
  BufferError,
  contiguousStrides,
  type Provider,
  type ProviderOf,
  type RequestOptions,
  type View,
} from '../index.ts';
import type { Granted, KnownOptions } from '../request_types.ts';
import {
  type CopyOptions,
  checkFunction,
  checkObject,
  checkView,
  copyChoice,
  type DType,
  type DTypeName,
  dtypeOfFormat,
  dtypes,
  type Exposed,
  exposeOrCopy,
  type Need,
  newArray,
  rangeError,
  refusal,
} from './common.ts';
import { integersOf } from './foreign.ts';
import { checkArray } from './numbers.ts';

type Values = Float32Array | Int32Array | Uint8Array;
type TfjsType = 'float32' | 'int32' | 'bool';

/** What is used of `@tensorflow/tfjs-core`, or of a package that re-exports it. */
export type Tfjs<Tensor, Buffer> = {
  tensor(values: Values, shape: number[], dtype: TfjsType): Tensor;
  buffer(shape: number[], dtype: TfjsType, values: Values): Buffer;
  /** Of two tensors. */
  complex(real: never, imag: never): unknown;
};

const NEED: Need = {
  name: 'tfjs',
  layout: 'C',
  dtypes: ['float32', 'int32', 'bool'],
  convert: {
    int8: 'int32',
    uint8: 'int32',
    int16: 'int32',
    uint16: 'int32',
    float16: 'float32',
  },
};
const COMPLEX: Need = { name: 'tfjs', layout: 'C', dtypes: ['complex64'] };

/** tfjs keeps the real and the imaginary parts of complex numbers apart. */
function complexTensor<T>(view: View, tf: Tfjs<T, unknown>, options?: CopyOptions): T {
  if (copyChoice(options) === 'never')
    throw refusal(
      'ERR_NBUF_STRIDES',
      'tfjs: real and imaginary parts are arrays of their own, in the view they alternate',
    );
  const { data, shape } = exposeOrCopy(view, COMPLEX, { copy: 'if-needed' });
  const pairs = data as Float32Array;
  const part = (first: 0 | 1): T => {
    const values = newArray(dtypes.float32, pairs.length / 2) as Float32Array;
    for (let k = 0; k < values.length; k++) values[k] = pairs[2 * k + first] as number;
    return tf.tensor(values, [...shape], 'float32');
  };
  const [real, imag] = [part(0), part(1)];
  try {
    return tf.complex(real as never, imag as never) as T;
  } finally {
    // complex() took its own references.
    (real as Disposable).dispose?.();
    (imag as Disposable).dispose?.();
  }
}

type Disposable = { dispose?(): void };

function isComplex(view: View): boolean {
  return dtypeOfFormat(checkView(view).format)?.dtype.name === 'complex64';
}

function given(exposed: Exposed): [Values, number[], TfjsType] {
  const { data, shape, dtype } = exposed;
  return [data as Values, shape, dtype.name as TfjsType];
}

/**
 * A view as a tensor: 'f' float32, 'i' int32, '?' bool, 'Zf' complex64 (always a copy). A copy
 * makes int32 of the smaller integers and float32 of float16; other types would lose values.
 *
 * Without a copy the tensor *is* the view's memory, with the CPU backend for as long as it, or
 * what `reshape`, `clone`, `cast`, `slice` or `variable` made of it, lives: hold the provider
 * until the last one is disposed, for after its release they are empty arrays and tfjs computes
 * NaN without an error. Disposing of the tensor ends nothing here. tfjs takes tensors to be
 * immutable: do not write to the memory meanwhile (`toTfjsBuffer` is for that). `tensor.bytes()`
 * of tfjs 4 gives the whole block, not only the view.
 *
 * CONTIGUITY, STRIDES, FORMAT, READONLY, SUBOFFSETS say why a copy is needed.
 */
export function toTfjs<T>(
  view: View,
  tf: Pick<Tfjs<T, unknown>, 'tensor' | 'complex'>,
  options?: CopyOptions,
): T {
  checkFunction(checkObject(tf, 'tf').tensor, 'tf.tensor');
  if (isComplex(view)) return complexTensor(view, tf as Tfjs<T, unknown>, options);
  return tf.tensor(...given(exposeOrCopy(view, NEED, options)));
}

/**
 * As `toTfjs`, but a TensorBuffer, whose `set` writes the view's memory where it is no copy.
 * Its `toTensor()` shares it further. There are none of complex numbers: FORMAT.
 */
export function toTfjsBuffer<B>(
  view: View,
  tf: Pick<Tfjs<unknown, B>, 'buffer'>,
  options?: CopyOptions,
): B {
  checkFunction(checkObject(tf, 'tf').buffer, 'tf.buffer');
  const [values, shape, dtype] = given(exposeOrCopy(view, NEED, options));
  return tf.buffer(shape, dtype, values);
}

/** A tensor, or a TensorBuffer: `values`, and element strides without the last one. */
export type TfjsArray = {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly strides?: readonly number[] | undefined;
} & ({ dataSync(): unknown } | { readonly values: unknown });

function typeOf(dtype: unknown, values: unknown): DType {
  if (dtype === 'string')
    throw new BufferError(
      'ERR_NBUF_FORMAT',
      'tfjs: strings are no memory: expected float32, int32, bool or complex64',
    );
  const found = checkArray(values, 'values');
  const name: DTypeName | undefined =
    dtype === 'bool' && found.name === 'uint8'
      ? 'bool'
      : dtype === 'complex64' && found.name === 'float32'
        ? 'complex64'
        : undefined;
  return name === undefined ? found : dtypes[name];
}

/** In bytes; a TensorBuffer leaves out the last axis. */
function stridesOf(shape: readonly number[], given: unknown, itemsize: number): number[] {
  const packed = contiguousStrides(shape, itemsize);
  if (!Array.isArray(given) || shape.length < 2) return packed;
  const strides = [...integersOf(given, 'strides'), 1];
  if (strides.length !== shape.length)
    throw rangeError(
      `strides: expected ${shape.length - 1} (all but the last axis), found ${strides.length - 1}`,
    );
  return strides.map((step) => step * itemsize);
}

/**
 * A tensor's or a TensorBuffer's values, without a copy of ours; tensors of other backends than
 * the CPU's are downloaded by `dataSync()`, or pass `await tensor.buffer()`. With the CPU backend
 * float32 and int32 are the tensor's own memory (which tfjs takes to be immutable), bool and
 * complex64 what tfjs copied.
 *
 * The provider keeps the values alive, also when the tensor is disposed; its release ends
 * nothing else. FORMAT: strings. A TypeError: values in a plain array.
 */
export function fromTfjs<const R extends RequestOptions | undefined = undefined>(
  tensor: TfjsArray,
  request?: R & KnownOptions<R>,
): ProviderOf<unknown, Granted<R>>;
export function fromTfjs(tensor: TfjsArray, request?: RequestOptions): Provider {
  const source = checkObject(tensor, 'tensor');
  const { shape, dtype, strides } = source;
  const values =
    typeof source.dataSync === 'function' ? source.dataSync() : source.values;
  const { format, itemsize } = typeOf(dtype, values);
  const extents = shape as readonly number[];
  const layout = {
    shape: extents,
    strides: stridesOf(extents, strides, itemsize),
    format,
  };
  return acquireAs(values, layout, request) as Provider;
}
