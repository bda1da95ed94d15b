/** ONNX Runtime: the tensors of onnxruntime-common, -node and -web. */
import {
  acquireAs,
  BufferError,
  type Provider,
  type ProviderOf,
  type RequestOptions,
  type View,
} from '../index.ts';
import type { Granted, KnownOptions } from '../request_types.ts';
import {
  type CopyOptions,
  checkClass,
  checkObject,
  type DType,
  type DTypeName,
  dtypes,
  exposeOrCopy,
  type Need,
} from './common.ts';
import { checkArray } from './numbers.ts';

/** The element types that both sides have. */
export type OnnxType = Exclude<DTypeName, 'complex64' | 'complex128'>;

const TYPES: readonly OnnxType[] = [
  'float32',
  'float64',
  'float16',
  'int8',
  'uint8',
  'int16',
  'uint16',
  'int32',
  'uint32',
  'int64',
  'uint64',
  'bool',
];

/** The class `Tensor` of onnxruntime. */
export type OnnxTensorConstructor<T> = new (
  type: OnnxType,
  data: never,
  dims: number[],
) => T;

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
/** onnxruntime-node asks Node-API for the memory, which knows shared one since these versions. */
const readsShared =
  major > 24 || (major === 24 && minor >= 9) || (major === 22 && minor >= 21);

const NEED: Need = {
  name: 'onnxruntime',
  layout: 'C',
  dtypes: TYPES,
  unshared: !readsShared,
};

/**
 * A view as an onnxruntime tensor of its shape; C-contiguous, in the machine's byte order.
 * float16 ('e') goes as Float16Array where the runtime has that, else as its bits in a
 * Uint16Array, as onnxruntime expects (onnxruntime-node 1.30 takes every Float16Array to be
 * empty, and fails); int64 as BigInt64Array, bool as Uint8Array.
 *
 * Without a copy the tensor is the view's memory: `run()` of onnxruntime-node reads inputs in a
 * later turn of the event loop, and writes outputs that it was given (`run(feeds, { y: tensor })`)
 * there, so lend: `await p.lend(() => session.run({ x: toOnnx(p, Tensor) }))`. After the release
 * `run` fails ("not enough space"). `tensor.dispose()` ends nothing here.
 *
 * CONTIGUITY, STRIDES, FORMAT, READONLY, SUBOFFSETS say why it needs a copy; UNSUPPORTED: a
 * SharedArrayBuffer, where Node-API cannot show it to onnxruntime (before Node 22.21 and 24.9).
 * Complex numbers: FORMAT, always.
 */
export function toOnnx<T>(
  view: View,
  Tensor: OnnxTensorConstructor<T>,
  options?: CopyOptions,
): T {
  checkClass(Tensor, 'Tensor');
  const { data, shape, dtype } = exposeOrCopy(view, NEED, options);
  return new Tensor(dtype.name as OnnxType, data as never, shape);
}

/** What is used of a tensor of onnxruntime. */
export type OnnxTensor = {
  readonly type: string;
  readonly dims: readonly number[];
  readonly location?: string | undefined;
  readonly data: unknown;
};

function checkLocation(location: unknown): void {
  if (location === undefined || location === 'cpu' || location === 'cpu-pinned') return;
  if (location === 'none')
    throw new BufferError('ERR_NBUF_RELEASED', 'onnxruntime: the tensor was disposed');
  throw new BufferError(
    'ERR_NBUF_UNSUPPORTED',
    `onnxruntime: the tensor is in a ${String(location)}, not in host memory; await ` +
      'tensor.getData() brings it there',
  );
}

function typeOf(type: unknown, data: unknown): DType {
  const name = TYPES.find((each) => each === type);
  if (name === undefined)
    throw new BufferError(
      'ERR_NBUF_FORMAT',
      `onnxruntime: no format has elements of type ${typeof type === 'string' ? type : typeof type}`,
    );
  const dtype = dtypes[name];
  const found = checkArray(data, 'tensor.data');
  if (found.unit === dtype.unit) return dtype;
  throw new BufferError(
    'ERR_NBUF_FORMAT',
    `onnxruntime: type ${name} has ${dtype.unit} bytes, its data elements of ${found.unit}`,
  );
}

/**
 * A tensor's data with its shape, without a copy. Outputs of `run()` own their memory, each an
 * ArrayBuffer of its own; inputs have what their maker gave.
 *
 * The provider keeps the data alive, also when the tensor is disposed, and its release ends
 * nothing else. UNSUPPORTED: the data is on a GPU; RELEASED: the tensor was disposed; FORMAT:
 * strings, and int4 and uint4, of which two share a byte.
 */
export function fromOnnx<const R extends RequestOptions | undefined = undefined>(
  tensor: OnnxTensor,
  request?: R & KnownOptions<R>,
): ProviderOf<unknown, Granted<R>>;
export function fromOnnx(tensor: OnnxTensor, request?: RequestOptions): Provider {
  const source = checkObject(tensor, 'tensor');
  checkLocation(source.location);
  const { type, dims, data } = source;
  const { format } = typeOf(type, type === 'string' ? null : data);
  return acquireAs(data, { shape: dims as number[], format }, request) as Provider;
}
