/**
 * The fast way to a view's elements: a typed array where byte order and alignment allow it,
 * else a DataView, with offset and strides in the units of that.
 */
import type { ElementValue, Format } from './elements.ts';
import { BufferError } from './errors.ts';
import { type Root, releasedError } from './root.ts';
import type { ViewInfo } from './view_info.ts';

type Read = (data: never, at: number) => ElementValue | undefined;
type Write = (data: never, at: number, value: ElementValue) => void;

export class Bound {
  readonly root: Root;
  readonly data: never;
  readonly read: Read;
  readonly write: Write;
  readonly check: (value: unknown) => ElementValue;
  /** Entries of the typed array, or bytes. */
  readonly unit: number;
  readonly viaBytes: boolean;
  readonly ndim: number;
  readonly base: number;
  readonly n0: number;
  readonly n1: number;
  readonly n2: number;
  readonly s0: number;
  readonly s1: number;
  readonly s2: number;

  constructor(root: Root, info: ViewInfo, early: DataView | null = null) {
    const { layout, format } = info;
    const { shape, strides } = layout;
    const start = layout.offset + root.shift;
    const { data, unit, read, write } =
      early === null
        ? reachElements(root, format, start, strides)
        : viaBytes(early, format);
    this.root = root;
    this.viaBytes = unit === 0;
    this.unit = unit || 1;
    this.data = data;
    this.read = read;
    this.write = write;
    this.check = format.access.check;
    this.ndim = shape.length;
    this.base = start / this.unit;
    this.n0 = shape[0] ?? 1;
    this.n1 = shape[1] ?? 1;
    this.n2 = shape[2] ?? 1;
    this.s0 = (strides[0] ?? 0) / this.unit;
    this.s1 = (strides[1] ?? 0) / this.unit;
    this.s2 = (strides[2] ?? 0) / this.unit;
  }

  /** The place of an index of at most three axes; -1 leaves it to the thorough check. */
  place(count: number, i: unknown, j: unknown, k: unknown): number {
    if (count !== this.ndim || count > 3) return -1;
    let at = this.base;
    if (count > 0) {
      if (!isIndex(i, this.n0)) return -1;
      at += i * this.s0;
    }
    if (count > 1) {
      if (!isIndex(j, this.n1)) return -1;
      at += j * this.s1;
    }
    if (count > 2) {
      if (!isIndex(k, this.n2)) return -1;
      at += k * this.s2;
    }
    return at;
  }

  /** The element at `at` units; its place was checked against the layout. */
  load(at: number): ElementValue {
    if (this.root.released) throw releasedError();
    if (this.viaBytes) this.root.checkAttached();
    const value = this.read(this.data, at);
    if (value === undefined) throw detached();
    return value;
  }

  /** Stores a value that `check` returned. */
  store(at: number, value: ElementValue): void {
    if (this.root.released) throw releasedError();
    if (this.viaBytes) this.root.checkAttached();
    else if ((this.data as { length: number }).length === 0) throw detached();
    this.write(this.data, at, value);
  }
}

function detached(): BufferError {
  return new BufferError(
    'ERR_NBUF_DETACHED',
    'the ArrayBuffer was transferred or detached by its user',
  );
}

type Reach = { data: never; unit: number; read: Read; write: Write };

function viaBytes(view: DataView, { access }: Format): Reach {
  return { data: view as never, unit: 0, read: access.read, write: access.write };
}

/** A typed array with its unit in bytes, or a DataView with unit 0. */
function reachElements(
  root: Root,
  format: Format,
  start: number,
  strides: readonly number[],
): Reach {
  const { access, typedArray } = format;
  const { direct } = access;
  if (
    direct !== null &&
    typedArray !== null &&
    isAligned(start, strides, typedArray.unit)
  ) {
    const entries = root.entries(typedArray.make, typedArray.unit);
    if (entries !== null)
      return {
        data: entries as never,
        unit: typedArray.unit,
        read: direct.read,
        write: direct.write as Write,
      };
  }
  return viaBytes(root.view(), format);
}

function isAligned(start: number, strides: readonly number[], unit: number): boolean {
  if (start % unit !== 0) return false;
  for (let k = 0; k < strides.length; k++)
    if ((strides[k] as number) % unit !== 0) return false;
  return true;
}

function isIndex(value: unknown, extent: number): value is number {
  // The type first: `>>>` would run an object's valueOf and throw at bigints and symbols.
  return typeof value === 'number' && value >>> 0 === value && value < extent;
}
