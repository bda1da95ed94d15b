/** IndirectArray: an exporter over the memory of others, found through tables of pointers. */
import { type ElementValue, knownFormat } from './elements.ts';
import { rangeError, typeError } from './errors.ts';
import { EXPORTER } from './exposed.ts';
import type { ElementOf } from './format_types.ts';
import { changeArray } from './holders.ts';
import { type ArrayRecord, HostArray, OWN } from './host_array.ts';
import { checkFormat, checkObject, type LockCounts } from './host_array_options.ts';
import {
  checkSuboffsets,
  fromPointers,
  type PointerOptions,
} from './indirect_pointers.ts';
import {
  checkList,
  makeArray,
  NULL_POINTER,
  newEntries,
  POINTER,
  stack,
  withSources,
} from './indirect_rows.ts';
import { makeLayout, packedStrides } from './layout.ts';
import {
  byteLengthOf,
  checkAtLeast,
  checkIntegers,
  checkShape,
  checkStrides,
} from './layout_check.ts';
import { showLevels, suboffsetsOf } from './levels.ts';
import {
  type ArrayState,
  check,
  checkStatus,
  type External,
  native,
  passLayout,
} from './native.ts';
import type { ElementIn, FormatOf } from './request_types.ts';
import { frozenLevels, type ViewLevels } from './view_info.ts';

const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom') as never;

/** Bytes of a block unless the caller says it: large enough to be rare, small enough to be had. */
const BLOCK_BYTES = 2 ** 20;
/** Each block costs some hundred bytes more than its own. */
const MAX_BLOCKS = 2 ** 22;

export type IndirectAllocateOptions = {
  /** At most this many bytes in one block, but one row at least. Default 1 MiB. */
  readonly blockBytes?: number | undefined;
};

/** A layout over the same tables. Strides and suboffsets in bytes. */
export type IndirectLayoutChange = {
  readonly shape?: readonly number[] | undefined;
  readonly strides?: readonly number[] | undefined;
  readonly suboffsets?: readonly number[] | undefined;
  /** The entry of the first table where the array begins. */
  readonly start?: number | undefined;
  readonly format?: string | undefined;
};

export let indirectRecordOf: (value: object) => ArrayRecord | null;

/** Types as HostArray. */
export class IndirectArray<
  F extends string = string,
  E extends ElementValue = ElementOf<F>,
> {
  /** For the compiler alone: there is no such thing at run time. */
  declare protected readonly element?: E;
  readonly #record: ArrayRecord;

  static {
    indirectRecordOf = (value) => (#record in value ? value.#record : null);
  }

  /** @internal Arrays come from the static functions. */
  constructor(external: External, key: typeof OWN) {
    if (key !== OWN)
      throw typeError(
        'IndirectArray: expected allocate(), fromRows() or fromPointers(), found new',
      );
    const index = checkStatus(native.arrayIndex(external));
    this.#record = { external, index, granted: null };
  }

  /**
   * Zeroed memory of its own in many blocks: the first axis goes by pointers, its rows lie one
   * behind the other in blocks of `blockBytes`. `shape` in elements; format default 'B'. NOMEM,
   * ERR_OUT_OF_RANGE.
   */
  static allocate<const T extends string = 'B'>(
    shape: readonly number[],
    format: T = 'B' as T,
    options: IndirectAllocateOptions = {},
  ): IndirectArray<T> {
    const text = checkFormat(format);
    const { blockBytes } = checkObject(options, 'options') as IndirectAllocateOptions;
    const most =
      blockBytes === undefined ? BLOCK_BYTES : checkAtLeast(blockBytes, 1, 'blockBytes');
    const { itemsize } = knownFormat(text);
    const external = allocateRows(checkShape(shape, itemsize), text, itemsize, most);
    return new IndirectArray(external, OWN) as IndirectArray<T>;
  }

  /**
   * Equal sources (shape, strides, format) on a new first axis, without a copy: anything that
   * exports, also arrays of this kind, which makes one level more. Their memory stays locked as
   * long as this one lives (holder 'IndirectArray'). Readonly if one of them is.
   * ERR_OUT_OF_RANGE for shapes, FORMAT and STRIDES for the rest that differs.
   */
  static fromRows<const S>(
    sources: readonly S[],
  ): IndirectArray<FormatOf<S>, ElementIn<S>> {
    const external = withSources(checkList(sources, 'sources'), stack);
    return new IndirectArray(external, OWN) as IndirectArray<FormatOf<S>, ElementIn<S>>;
  }

  /**
   * Any array that PEP 3118 can describe. Every pointer is followed and every element checked:
   * BOUNDS for a null pointer and for what leaves the blocks. The sources stay locked.
   */
  static fromPointers<const T extends string = 'B'>(
    options: PointerOptions<T>,
  ): IndirectArray<T> {
    return new IndirectArray(fromPointers(options), OWN) as IndirectArray<T>;
  }

  /** Extents in elements. */
  get shape(): readonly number[] {
    return Object.freeze(this.#state().shape);
  }
  /** Bytes between neighbours along each axis: of pointers, or of elements. */
  get strides(): readonly number[] {
    return Object.freeze(this.#state().strides);
  }
  /** PEP 3118's suboffsets. SUBOFFSETS with the reason where it has none; see `levels`. */
  get suboffsets(): readonly number[] | null {
    const { levels } = this.#state();
    return levels === null ? null : Object.freeze(suboffsetsOf(levels));
  }
  /** The level in which each axis moves, and the bytes added behind each level's pointer. */
  get levels(): ViewLevels | null {
    return frozenLevels(this.#state().levels);
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
  /** How many providers hold each lock. */
  get locks(): LockCounts {
    const { memoryLocks, layoutLocks } = this.#state();
    return { memory: memoryLocks, layout: layoutLocks };
  }

  /**
   * Another layout over the same tables; what is omitted stays. Everything is checked again, as
   * by `fromPointers`. LOCKED while anybody holds the layout lock. Existing providers keep the
   * layout they were given.
   */
  setLayout(change: IndirectLayoutChange): void {
    const given = checkObject(change, 'layout') as IndirectLayoutChange;
    const { shape, strides, suboffsets, start, format } = given;
    const text = format === undefined ? undefined : checkFormat(format);
    const asked = shape === undefined ? undefined : checkShape(shape);
    const steps = strides === undefined ? undefined : checkIntegers(strides, 'strides');
    const offsets =
      suboffsets === undefined ? undefined : checkIntegers(suboffsets, 'suboffsets');
    const first = start === undefined ? undefined : checkAtLeast(start, 0, 'start');
    const now = this.#state(); // afterwards: a getter may have changed it
    const itemsize = text === undefined ? now.itemsize : knownFormat(text).itemsize;
    const extents = asked ?? now.shape;
    byteLengthOf(extents, itemsize);
    const kept = checkStrides(steps ?? now.strides, extents.length);
    const levels =
      offsets === undefined ? now.levels : checkSuboffsets(offsets, extents.length);
    if (levels?.axis.length !== extents.length)
      throw rangeError(
        `suboffsets: expected ${extents.length} entries, one per axis, found none`,
      );
    const offset = first === undefined ? now.offset : first * POINTER;
    const layout = makeLayout(extents, kept, offset, itemsize, levels);
    const parts = 1 | 2 | (text === undefined ? 0 : 4) | 8;
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
  [INSPECT](): string {
    const { shape, format, strides, memoryLocks, layoutLocks, disposed, levels } =
      this.#state();
    if (disposed) return `${this.constructor.name} <disposed>`;
    const extents = shape.length === 0 ? 'scalar' : shape.join('×');
    return (
      `${this.constructor.name} ${extents} '${format}' strides [${strides.join(', ')}]` +
      `${showLevels(levels)}, locks: memory ${memoryLocks}, layout ${layoutLocks}`
    );
  }

  #state(): ArrayState {
    return check(native.arrayState(this.#record.index));
  }
}

// As for Provider: a replaced prototype would be given OWN.
Object.preventExtensions(IndirectArray);

/** Blocks of rows, which nobody else has, and a pointer to each row. */
function allocateRows(
  shape: readonly number[],
  format: string,
  itemsize: number,
  most: number,
): External {
  const [rows, ...row] = shape;
  if (rows === undefined)
    throw rangeError('shape: expected one axis at least, for the pointers, found []');
  const rowBytes = byteLengthOf(row, itemsize);
  const perBlock = Math.max(1, Math.floor(most / Math.max(1, rowBytes)));
  // Rows without bytes have one block, too, so that each of them is a view of something.
  const blocks = rowBytes === 0 ? 1 : Math.ceil(rows / perBlock);
  if (blocks > MAX_BLOCKS)
    throw rangeError(
      `blockBytes: expected at most ${MAX_BLOCKS} blocks of that, found ${blocks}`,
    );
  const entries = newEntries(rows);
  const arrays: HostArray[] = [];
  try {
    // All of it at once first: what cannot be had is not tried piece by piece.
    HostArray.allocate([rows * rowBytes]).dispose();
    for (let k = 0; k < blocks; k++)
      arrays.push(
        HostArray.allocate([Math.min(perBlock, rows - k * perBlock) * rowBytes]),
      );
    for (let k = 0; k < rows; k++) {
      entries[2 * k] = rowBytes === 0 ? NULL_POINTER : Math.floor(k / perBlock);
      entries[2 * k + 1] = (k % perBlock) * rowBytes;
    }
    const strides = [POINTER, ...packedStrides(row, itemsize, 'C')];
    const levels = { axis: [0, ...row.map(() => 1)], post: [0] };
    const layout = makeLayout(shape, strides, 0, itemsize, levels);
    return withSources(arrays, (parts) =>
      makeArray(parts, entries, layout, format, false),
    );
  } finally {
    for (const array of arrays) array.dispose();
  }
}
