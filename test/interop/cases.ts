/** Random views of known bytes, and a slow model that reads those bytes itself. */
import { acquire, HostArray, type Provider } from 'nbuf';
import { type Random, randomShape, randomStrides } from '../random.ts';

export type Value = number | bigint | boolean | { re: number; im: number };

type Kind = {
  readonly format: string;
  readonly itemsize: number;
  /** Entries of a typed array have this many bytes. */
  readonly unit: number;
  readonly read: (view: DataView, at: number, little: boolean) => Value;
  readonly write: (view: DataView, at: number, value: never) => void;
};

function real(
  format: string,
  unit: number,
  get: keyof DataView,
  set: keyof DataView,
): Kind {
  return {
    format,
    itemsize: unit,
    unit,
    read: (view, at, little) => (view[get] as (...args: unknown[]) => Value)(at, little),
    write: (view, at, value) =>
      (view[set] as (...args: unknown[]) => void)(at, value, true),
  };
}

function complex(format: string, part: Kind): Kind {
  const { unit } = part;
  return {
    format,
    itemsize: 2 * unit,
    unit,
    read: (view, at, little) => ({
      re: part.read(view, at, little) as number,
      im: part.read(view, at + unit, little) as number,
    }),
    write: () => {},
  };
}

const f4 = real('f', 4, 'getFloat32', 'setFloat32');
const f8 = real('d', 8, 'getFloat64', 'setFloat64');

export const kinds: Readonly<Record<string, Kind>> = {
  int8: real('b', 1, 'getInt8', 'setInt8'),
  uint8: real('B', 1, 'getUint8', 'setUint8'),
  int16: real('h', 2, 'getInt16', 'setInt16'),
  uint16: real('H', 2, 'getUint16', 'setUint16'),
  int32: real('i', 4, 'getInt32', 'setInt32'),
  uint32: real('I', 4, 'getUint32', 'setUint32'),
  int64: real('q', 8, 'getBigInt64', 'setBigInt64'),
  uint64: real('Q', 8, 'getBigUint64', 'setBigUint64'),
  float32: f4,
  float64: f8,
  complex64: complex('Zf', f4),
  complex128: complex('Zd', f8),
};

export type Case = {
  readonly name: string;
  readonly kind: Kind;
  readonly provider: Provider;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
  /** The element at an index, out of the bytes. */
  readonly at: (index: readonly number[]) => Value;
};

/** Bytes whose floats are all finite and exact. */
function plainBytes(random: Random, length: number): Uint8Array {
  const bytes = random.bytes(length);
  for (let k = 0; k < length; k++) bytes[k] = (bytes[k] as number) & 0x3f;
  return bytes;
}

/** Any strides: `isAligned` keeps them, and the offset, multiples of an entry. */
export function randomCase(
  random: Random,
  options: { names?: readonly string[]; isAligned?: boolean; isSwapped?: boolean } = {},
): Case {
  const name = random.pick(options.names ?? Object.keys(kinds));
  const kind = kinds[name] as Kind;
  const { itemsize, unit } = kind;
  const shape = randomShape(random, { maxNdim: 5, maxSize: 100 });
  const round = (step: number) => Math.round(step / unit) * unit;
  const strides = randomStrides(random, shape, itemsize).map((step) =>
    options.isAligned === true ? round(step) : step,
  );
  let below = 0;
  let above = itemsize;
  if (!shape.includes(0))
    shape.forEach((extent, axis) => {
      const span = (extent - 1) * (strides[axis] as number);
      if (span < 0) below -= span;
      else above += span;
    });
  const slack = random.int(0, 9);
  const offset = below + (options.isAligned === true ? slack * unit : slack);
  const bytes = plainBytes(random, offset + above + random.int(0, 9));
  const order = options.isSwapped === true ? '>' : '';
  const layout = { shape, strides, offset, format: order + kind.format };
  const provider = acquire(HostArray.fromBytes(bytes, layout)) as Provider;
  const view = new DataView(bytes.buffer);
  const at = (index: readonly number[]): Value => {
    const place = index.reduce((sum, i, axis) => sum + i * (strides[axis] ?? 0), offset);
    return kind.read(view, place, options.isSwapped !== true);
  };
  return { name, kind, provider, shape, strides, offset, at };
}

/** Can strides in entries say it? Axes that are never stepped along do not matter. */
export function isSayable({ shape, strides, offset, kind }: Case, unit = kind.unit) {
  if (shape.includes(0)) return true;
  const isStepped = (axis: number) => shape[axis] !== 1;
  return (
    offset % unit === 0 &&
    strides.every((step, axis) => !isStepped(axis) || step % unit === 0)
  );
}

/** All indices in C order. */
export function* indicesOf(shape: readonly number[]): Generator<number[]> {
  if (shape.length === 0) yield [];
  else
    for (let i = 0; i < (shape[0] as number); i++)
      for (const rest of indicesOf(shape.slice(1))) yield [i, ...rest];
}

/** A view's own elements, in C order, by index. */
export function elementsOf<T>(
  shape: readonly number[],
  at: (index: readonly number[]) => T,
): T[] {
  return [...indicesOf(shape)].map(at);
}

/** Collects garbage until `isDone`, and lets finalizers run. */
export async function collect(isDone: () => boolean): Promise<boolean> {
  for (let turn = 0; turn < 40 && !isDone(); turn++) {
    (globalThis as { gc?: () => void }).gc?.();
    HostArray.allocate([1]).dispose(); // what finalizers leave is done at the next call
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return isDone();
}

/** The code of what a call throws; '' if nothing. */
export function codeOf(call: () => unknown): string {
  try {
    call();
    return '';
  } catch (error) {
    return String((error as { code?: unknown }).code).replace('ERR_NBUF_', '');
  }
}
