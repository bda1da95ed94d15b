/** HostArray: an exporter that owns host memory and may re-assign its layout or size. */
import type { InspectOptions } from 'node:util';
import { type ElementValue, knownFormat } from './elements.ts';
import { BufferError, isArray, show, typeError } from './errors.ts';
import { EXPORTER } from './exposed.ts';
import { Flags } from './flags.ts';
import type { ElementOf } from './format_types.ts';
import { fromNested } from './from_nested.ts';
import { changeArray } from './holders.ts';
import {
  type AdoptOptions,
  type AllocateOptions,
  checkAlign,
  checkFormat,
  checkObject,
  type LayoutChange,
  type LayoutOptions,
  type LockCounts,
  layoutOf,
} from './host_array_options.ts';
import { bytesOf, newBytes } from './js_memory.ts';
import { late } from './late.ts';
import { makeLayout, packedStrides } from './layout.ts';
import {
  byteLengthOf,
  checkAtLeast,
  checkIntegers,
  checkOrder,
  checkShape,
  checkStrides,
} from './layout_check.ts';
import {
  type ArrayState,
  check,
  checkStatus,
  type External,
  native,
  passLayout,
} from './native.ts';
import type { ArrayFrom } from './request_types.ts';
import type { ProviderInfo } from './root.ts';
import type { ViewInfo } from './view_info.ts';

const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom') as never;

/** What this package's modules know of an array. */
export type ArrayRecord = {
  readonly external: External;
  readonly index: number;
  /** What the last acquire was granted, for the next one like it. */
  granted: {
    readonly epoch: number;
    readonly flags: number;
    readonly info: ProviderInfo;
    readonly view: ViewInfo;
  } | null;
};

export let recordOf: (value: object) => ArrayRecord | null;

/** Whoever has this may construct: any other External would be taken for an array's. */
export const OWN: unique symbol = Symbol('nbuf.own');

/**
 * `F`: the format, where it is a literal, and `E`: one element, which follows from it. They say
 * how the array was made: after `setLayout` with another format, acquire it as a `HostArray`.
 */
export class HostArray<F extends string = string, E extends ElementValue = ElementOf<F>> {
  /** For the compiler alone: there is no such thing at run time. */
  declare protected readonly element?: E;
  readonly #record: ArrayRecord;

  static {
    recordOf = (value) => (#record in value ? value.#record : null);
  }

  /** @internal Arrays come from the static functions. */
  constructor(external: External, key: typeof OWN) {
    if (key !== OWN)
      throw typeError('HostArray: expected allocate(), from() or fromBytes(), found new');
    const index = checkStatus(native.arrayIndex(external));
    this.#record = { external, index, granted: null };
  }

  /** Zeroed memory of its own. `shape` in elements; format default 'B'. NOMEM, ERR_OUT_OF_RANGE. */
  static allocate<const T extends string = 'B'>(
    shape: readonly number[],
    format: T = 'B' as T,
    options: AllocateOptions = {},
  ): HostArray<T> {
    const text = checkFormat(format);
    const { order, align } = checkObject(options, 'options') as AllocateOptions;
    const packing = order === undefined ? 'C' : checkOrder(order, ['C', 'F']);
    const alignment = checkAlign(align);
    const size = knownFormat(text).itemsize;
    const extents = checkShape(shape, size);
    return allocateArray(extents, text, size, packing, alignment) as HostArray<T>;
  }

  /**
   * A copy of nested arrays (numbers become 'd', bigints 'q', booleans '?'), a TypedArray, or
   * anything that exports. All rows of one axis need the same length.
   */
  static from<S>(source: S): ArrayFrom<S>;
  static from<const T extends string>(
    source: unknown,
    format: T | undefined,
  ): HostArray<T>;
  static from(source: unknown, format?: string): HostArray {
    const text = format === undefined ? undefined : checkFormat(format);
    if (isArray(source)) return late.fromNested(source, text);
    const provider = late.acquire(source, Flags.FULL_RO, 'from');
    try {
      if (text === undefined || text === provider.format)
        return provider.toContiguous('A');
      if (provider.size === 0) return HostArray.allocate(provider.shape ?? [0], text);
      return late.fromNested([provider.toArray()], text, true);
    } finally {
      provider.release();
    }
  }

  /** A copy of bytes, laid out as the options say; every element must lie inside (BOUNDS). */
  static fromBytes<const T extends string = 'B'>(
    bytes: ArrayBufferView | ArrayBufferLike,
    options: LayoutOptions<T>,
  ): HostArray<T> {
    const given = checkObject(options, 'options');
    const source = bytesOf(bytes);
    const { layout, format, readonly } = layoutOf(given, source.length);
    passLayout(layout);
    return new HostArray(
      check(native.allocateFrom(format, source, readonly ? 1 : 0)),
      OWN,
    );
  }

  /**
   * Memory at an address, `byteLength` bytes of it, that stays where it is as long as it is
   * used: that is the caller's promise. Never resized. `owner` is kept reachable, `free` called
   * once nobody uses the memory any more.
   */
  static unsafeFromAddress<const T extends string = 'B'>(
    address: bigint,
    byteLength: number,
    options: AdoptOptions<T> = {},
  ): HostArray<T> {
    if (typeof address !== 'bigint')
      throw typeError(`address: expected a bigint, found ${show(address)}`);
    const bytes = checkAtLeast(byteLength, 0, 'byteLength');
    const given = checkObject(options, 'options');
    const { owner, free } = given;
    if (free !== undefined && typeof free !== 'function')
      throw typeError(`free: expected a function, found ${show(free)}`);
    const { layout, format, readonly } = layoutOf(given, bytes);
    passLayout(layout);
    return new HostArray(
      check(native.adopt(format, address, bytes, readonly ? 1 : 0, owner, free)),
      OWN,
    );
  }

  /** Extents in elements. */
  get shape(): readonly number[] {
    return Object.freeze(this.#state().shape);
  }
  /** Bytes between neighbours along each axis. */
  get strides(): readonly number[] {
    return Object.freeze(this.#state().strides);
  }
  get format(): F {
    return this.#state().format as F;
  }
  /** Bytes of one element. */
  get itemsize(): number {
    return this.#state().itemsize;
  }
  /** Bytes that the elements take. */
  get byteLength(): number {
    return this.#state().byteLength;
  }
  /** Bytes of the memory block; 0 once it was disposed of and freed. */
  get capacity(): number {
    return this.#state().capacity;
  }
  /** How many providers hold each lock. */
  get locks(): LockCounts {
    const { memoryLocks, layoutLocks } = this.#state();
    return { memory: memoryLocks, layout: layoutLocks };
  }

  /**
   * Another size: keeps the order and the common prefix of bytes in memory order, zero-fills
   * the rest. LOCKED while anybody holds either lock; CONTIGUITY unless the layout is
   * contiguous at offset 0; READONLY; UNSUPPORTED for adopted or mapped memory.
   */
  resize(shape: readonly number[]): void {
    const extents = checkShape(shape);
    const { itemsize } = this.#state(); // afterwards: a getter may have changed it
    byteLengthOf(extents, itemsize);
    const layout = makeLayout(extents, extents, 0, itemsize);
    const { index } = this.#record;
    changeArray(index, false, () => {
      passLayout(layout);
      return native.resize(index);
    });
    this.#record.granted = null;
  }

  /**
   * Another layout over the same memory. Omitted shape and format are kept, omitted strides are
   * C-contiguous, an omitted offset is 0. LOCKED while anybody holds the layout lock; BOUNDS.
   * Existing providers keep the layout they were given.
   */
  setLayout(change: LayoutChange): void {
    const { shape, strides, offset, format } = checkObject(
      change,
      'layout',
    ) as LayoutChange;
    const text = format === undefined ? undefined : checkFormat(format);
    const asked = shape === undefined ? undefined : checkShape(shape);
    const given = strides === undefined ? undefined : checkIntegers(strides, 'strides');
    const start = offset === undefined ? 0 : checkAtLeast(offset, 0, 'offset');
    const now = this.#state(); // afterwards: a getter may have changed it
    const size = text === undefined ? now.itemsize : knownFormat(text).itemsize;
    const extents = asked ?? now.shape;
    byteLengthOf(extents, size);
    const steps = given === undefined ? undefined : checkStrides(given, extents.length);
    const parts = 1 | (steps === undefined ? 0 : 2) | (text === undefined ? 0 : 4);
    const layout = makeLayout(extents, steps ?? extents, start, size);
    const { index } = this.#record;
    changeArray(index, true, () => {
      passLayout(layout);
      return native.setLayout(index, parts, text);
    });
    this.#record.granted = null;
  }

  /** Gives the memory up: later acquires fail with RELEASED, it goes with its last provider. */
  dispose(): void {
    native.dispose(this.#record.index);
    this.#record.granted = null;
  }
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** @internal The protocol by which other addons, and other copies of nbuf, acquire it. */
  [EXPORTER](): unknown {
    return check(native.exportArray(this.#record.index));
  }

  /** @internal */
  [INSPECT](_depth: number, _options: InspectOptions): string {
    const { shape, format, strides, capacity, memoryLocks, layoutLocks, disposed } =
      this.#state();
    if (disposed) return `${this.constructor.name} <disposed>`;
    const extents = shape.length === 0 ? 'scalar' : shape.join('×');
    return (
      `${this.constructor.name} ${extents} '${format}' strides [${strides.join(', ')}] ` +
      `${capacity} bytes, locks: memory ${memoryLocks}, layout ${layoutLocks}`
    );
  }

  #state(): ArrayState {
    return check(native.arrayState(this.#record.index));
  }
}

function allocateArray(
  shape: readonly number[],
  format: string,
  itemsize: number,
  order: 'C' | 'F',
  align = 64,
): HostArray {
  const bytes = byteLengthOf(shape, itemsize);
  passLayout(makeLayout(shape, packedStrides(shape, itemsize, order), 0, itemsize));
  return new HostArray(check(native.allocate(format, bytes, align)), OWN);
}

late.allocate = (shape, format, itemsize, order) => {
  return allocateArray(shape, format, itemsize, order);
};
late.fromNested = (nested, format, unwrap = false) => {
  const { shape, values, format: text } = fromNested(unwrap ? nested[0] : nested, format);
  const access = knownFormat(text);
  const array = allocateArray(shape, text, access.itemsize, 'C');
  const bytes = newBytes(values.length * access.itemsize);
  const view = new DataView(bytes.buffer);
  for (let k = 0; k < values.length; k++)
    access.access.write(view, k * access.itemsize, values[k] as never);
  const provider = late.acquire(array, Flags.FULL, 'from');
  provider.writeBytes(bytes);
  provider.release();
  return array;
};

/** Used where a BufferError for a missing feature is due. */
export function unsupported(message: string): BufferError {
  return new BufferError('ERR_NBUF_UNSUPPORTED', message);
}
