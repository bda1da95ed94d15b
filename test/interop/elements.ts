/** Random views of every element type, beside what a DataView reads at their addresses. */

import { acquire, type Full, HostArray, type Provider, type View } from 'nbuf';
import { type Random, randomShape, randomStrides } from '../random.ts';

type Read = (data: DataView, at: number, little: boolean) => unknown;
type Kind = { readonly itemsize: number; readonly read: Read };

/** As bits: what they mean is the neighbour's to show. */
const KINDS: Readonly<Record<string, Kind>> = {
  b: { itemsize: 1, read: (data, at) => data.getInt8(at) },
  B: { itemsize: 1, read: (data, at) => data.getUint8(at) },
  '?': { itemsize: 1, read: (data, at) => data.getUint8(at) },
  h: { itemsize: 2, read: (data, at, little) => data.getInt16(at, little) },
  H: { itemsize: 2, read: (data, at, little) => data.getUint16(at, little) },
  e: { itemsize: 2, read: (data, at, little) => halfOf(data.getUint16(at, little)) },
  i: { itemsize: 4, read: (data, at, little) => data.getInt32(at, little) },
  I: { itemsize: 4, read: (data, at, little) => data.getUint32(at, little) },
  f: { itemsize: 4, read: (data, at, little) => data.getFloat32(at, little) },
  q: { itemsize: 8, read: (data, at, little) => data.getBigInt64(at, little) },
  Q: { itemsize: 8, read: (data, at, little) => data.getBigUint64(at, little) },
  d: { itemsize: 8, read: (data, at, little) => data.getFloat64(at, little) },
  Zf: {
    itemsize: 8,
    read: (data, at, little) => [
      data.getFloat32(at, little),
      data.getFloat32(at + 4, little),
    ],
  },
};

export const types: readonly string[] = Object.keys(KINDS);

function halfOf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0
    ? sign * fraction * 2 ** -24
    : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

export type Elements = {
  readonly provider: Provider;
  readonly view: View<string, never, Full>;
  /** One letter, or two for complex numbers. */
  readonly type: string;
  readonly shape: readonly number[];
  /** In C order. Of '?' and 'e' the bits' own values; pairs of complex numbers. */
  readonly values: readonly unknown[];
  /** Would a typed array show them: C-contiguous, aligned, in this machine's order, writable? */
  readonly isPlain: boolean;
};

function placesOf(shape: readonly number[], strides: readonly number[]): number[] {
  let places = [0];
  shape.forEach((extent, axis) => {
    const steps = Array.from({ length: extent }, (_, k) => k * (strides[axis] as number));
    places = places.flatMap((place) => steps.map((step) => place + step));
  });
  return places;
}

export type ElementsOptions = {
  readonly types?: readonly string[];
  readonly shape?: readonly number[];
};

/** Half of them C-contiguous, the rest of any layout; some big-endian, unaligned, readonly. */
export function randomElements(random: Random, options: ElementsOptions = {}): Elements {
  const type = random.pick(options.types ?? types);
  const { itemsize, read } = KINDS[type] as Kind;
  const shape = [...(options.shape ?? randomShape(random, { maxNdim: 4, maxSize: 60 }))];
  const size = shape.reduce((a, b) => a * b, 1);
  const packed = shape.map((_, axis) =>
    shape.slice(axis + 1).reduce((a, b) => a * b, itemsize),
  );
  const strides = random.chance(0.5) ? packed : randomStrides(random, shape, itemsize);
  const places = placesOf(shape, strides);
  const low = Math.min(0, ...places);
  const high = Math.max(0, ...places) + itemsize;
  const slack = random.chance(0.7) ? 8 * random.int(0, 2) : random.int(0, 9);
  const offset = slack - low;
  const memory = random.bytes(offset + high + random.int(0, 4));
  const isLittle = random.chance(0.85);
  const format = `${isLittle ? '<' : '>'}${type}`;
  const array = HostArray.fromBytes(memory, { shape, strides, offset, format });
  const provider = acquire(array);
  const isReadonly = random.chance(0.1);
  const data = new DataView(memory.buffer);
  const unit = type === 'Zf' ? 4 : itemsize;
  const isPacked = places.every((place, k) => place === k * itemsize);
  return {
    provider,
    view: (isReadonly ? provider.toReadonly() : provider) as never,
    type,
    shape,
    values: places.map((place) => read(data, offset + place, isLittle)),
    isPlain:
      !isReadonly &&
      (isLittle || unit === 1) &&
      (size === 0 || (isPacked && offset % unit === 0)),
  };
}

/** The code of what `run` throws; 'none' if it does not. */
export function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
  return 'none';
}
