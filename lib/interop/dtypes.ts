/** The element types that other packages know, by nbuf's formats and by their names. */
import { BufferError, formatsEqual, parseFormat } from '../index.ts';

/** As NumPy names them. */
export type DTypeName =
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'float16'
  | 'float32'
  | 'float64'
  | 'bool'
  | 'complex64'
  | 'complex128';

/** Any typed array, Uint8ClampedArray and Float16Array included. */
export type InteropArray = ArrayBufferView & {
  readonly length: number;
  subarray(begin?: number, end?: number): InteropArray;
};

export type InteropArrayConstructor = {
  new (length: number): InteropArray;
  new (buffer: ArrayBufferLike, byteOffset?: number, length?: number): InteropArray;
};

export type DType = {
  readonly name: DTypeName;
  /** NumPy's short code: 'f4'. */
  readonly code: string;
  /** nbuf's format, in the machine's byte order: 'f'. */
  readonly format: string;
  /** Bytes of one element. */
  readonly itemsize: number;
  /** Entries of the typed array that make one element: 2 for complex numbers. */
  readonly entries: 1 | 2;
  /** Bytes of one entry. */
  readonly unit: number;
  /** Shows the elements; of float16 their bits where the runtime has no Float16Array. */
  readonly TypedArray: InteropArrayConstructor;
};

const Float16 = (globalThis as { Float16Array?: unknown }).Float16Array;
/** Does this runtime have Float16Array? */
export const hasFloat16: boolean = Float16 !== undefined;

type Row = readonly [DTypeName, code: string, format: string, TypedArray: unknown];

const ROWS: readonly Row[] = [
  ['int8', 'i1', 'b', Int8Array],
  ['uint8', 'u1', 'B', Uint8Array],
  ['int16', 'i2', 'h', Int16Array],
  ['uint16', 'u2', 'H', Uint16Array],
  ['int32', 'i4', 'i', Int32Array],
  ['uint32', 'u4', 'I', Uint32Array],
  ['int64', 'i8', 'q', BigInt64Array],
  ['uint64', 'u8', 'Q', BigUint64Array],
  ['float16', 'f2', 'e', Float16 ?? Uint16Array],
  ['float32', 'f4', 'f', Float32Array],
  ['float64', 'f8', 'd', Float64Array],
  ['bool', 'b1', '?', Uint8Array],
  ['complex64', 'c8', 'Zf', Float32Array],
  ['complex128', 'c16', 'Zd', Float64Array],
];

/** Every type, by its name. */
export const dtypes: Readonly<Record<DTypeName, DType>> = Object.freeze(
  Object.fromEntries(
    ROWS.map(([name, code, format, TypedArray]) => {
      const itemsize = Number(code.slice(1));
      const entries = code.startsWith('c') ? 2 : 1;
      const unit = itemsize / entries;
      return [name, { name, code, format, itemsize, entries, unit, TypedArray } as DType];
    }),
  ) as Record<DTypeName, DType>,
);

/** Zeroed elements in JavaScript's own memory. */
export function newArray({ TypedArray, entries }: DType, size: number): InteropArray {
  try {
    return new TypedArray(size * entries);
  } catch (cause) {
    const message = `a typed array of ${size * entries} entries cannot be allocated`;
    throw new BufferError('ERR_NBUF_NOMEM', message, { cause });
  }
}

export type KnownFormat = {
  readonly dtype: DType;
  /** Are its bytes in the other order than the machine's? */
  readonly isSwapped: boolean;
};

const MAX_KNOWN = 256;
const known = new Map<string, KnownFormat | null>();

/** A format as one of the types; null for what is none: records, text, pointers, 'g'. */
export function dtypeOfFormat(format: string): KnownFormat | null {
  const found = known.get(format);
  if (found !== undefined) return found;
  const made = findDType(format);
  if (known.size >= MAX_KNOWN) known.clear();
  if (format.length < 64) known.set(format, made);
  return made;
}

function findDType(format: string): KnownFormat | null {
  if (isText(format)) return null;
  for (const dtype of Object.values(dtypes))
    for (const order of ['', '<', '>'])
      if (sameFormats(format, order + dtype.format))
        return { dtype, isSwapped: !sameFormats(format, dtype.format) };
  // One character is one byte; as such nbuf shows it, too.
  return sameFormats(format, 'c') ? { dtype: dtypes.uint8, isSwapped: false } : null;
}

/** 'u' has the bytes of 'H', and formats that have those are equal; its elements are text. */
function isText(format: string): boolean {
  try {
    return parseFormat(format).items.some(({ type }) => type === 'u');
  } catch {
    return false; // it cannot be read
  }
}

function sameFormats(a: string, b: string): boolean {
  try {
    return formatsEqual(a, b);
  } catch {
    return false; // it cannot be read
  }
}

function getterOf<T>(prototype: object, name: string | symbol): () => T {
  return Object.getOwnPropertyDescriptor(prototype, name)?.get as () => T;
}

const TypedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;
const tagOf = getterOf<string | undefined>(TypedArray, Symbol.toStringTag);
const gettersOf = (prototype: object) => ({
  buffer: getterOf<ArrayBuffer>(prototype, 'buffer'),
  byteOffset: getterOf<number>(prototype, 'byteOffset'),
  byteLength: getterOf<number>(prototype, 'byteLength'),
});
const ofArray = gettersOf(TypedArray);
const ofDataView = gettersOf(DataView.prototype);

/** What the engine says, too; no bytes where they were transferred. */
export function bytesOf(view: ArrayBufferView): Uint8Array {
  const get = tagOf.call(view) === undefined ? ofDataView : ofArray;
  try {
    const start = get.byteOffset.call(view);
    return new Uint8Array(get.buffer.call(view), start, get.byteLength.call(view));
  } catch {
    return new Uint8Array(0); // detached
  }
}

const BY_TAG: Readonly<Record<string, DTypeName>> = {
  Int8Array: 'int8',
  Uint8Array: 'uint8',
  Uint8ClampedArray: 'uint8',
  Int16Array: 'int16',
  Uint16Array: 'uint16',
  Int32Array: 'int32',
  Uint32Array: 'uint32',
  BigInt64Array: 'int64',
  BigUint64Array: 'uint64',
  Float16Array: 'float16',
  Float32Array: 'float32',
  Float64Array: 'float64',
};

/** What the engine says a typed array is (own properties may lie); null for everything else. */
export function dtypeOfArray(data: unknown): DType | null {
  const tag = ArrayBuffer.isView(data) ? tagOf.call(data) : undefined;
  const name = tag === undefined ? undefined : BY_TAG[tag];
  return name === undefined ? null : dtypes[name];
}
