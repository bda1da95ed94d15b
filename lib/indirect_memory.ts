/**
 * The elements of an indirect layout as if they lay in one piece of memory: each place where its
 * last level starts is given addresses of its own, and a direct layout over those. Whoever
 * works with a DataView and a direct layout, works with this as well.
 */
import { BufferError } from './errors.ts';
import { isEmpty, type Layout, makeLayout } from './layout.ts';
import { check, checkStatus, native, passIndex, passLayout, scratch } from './native.ts';
import type { Root } from './root.ts';
import { RunWalk } from './runs.ts';

/** Elements that are located one by one before all pointers are read. */
const FEW = 4;

/** Where the last level starts, for every combination of the indices before it. */
type Places = { readonly blocks: Int32Array; readonly offsets: Float64Array };

/** A layout that moves from place to place in steps of `span`, and from `low` inside each. */
type Plan = { readonly layout: Layout; readonly span: number; readonly low: number };

/** Is an axis in the last level, behind all pointers? */
function isInner({ levels }: Layout, axis: number): boolean {
  return levels === null || levels.axis[axis] === levels.post.length;
}

/** Does an axis lead to other places? */
function isOuter(layout: Layout, axis: number): boolean {
  const { shape, strides } = layout;
  return !isInner(layout, axis) && (shape[axis] as number) > 1 && strides[axis] !== 0;
}

/** The bytes around a place between which its elements lie. */
function reachOf(layout: Layout): { low: number; high: number } {
  const { shape, strides } = layout;
  const inner = shape.flatMap((extent, k) =>
    isInner(layout, k) ? [(extent - 1) * (strides[k] as number)] : [],
  );
  return {
    low: inner.reduce((sum, span) => sum + Math.min(0, span), 0),
    high: inner.reduce((sum, span) => sum + Math.max(0, span), layout.itemsize),
  };
}

function planOf(layout: Layout): Plan {
  const { shape, strides, itemsize } = layout;
  if (isEmpty(shape))
    return { layout: makeLayout(shape, strides, 0, itemsize), span: 1, low: 0 };
  const { low, high } = reachOf(layout);
  // One byte more: the end of a place does not touch the start of the next one.
  const span = high - low + 1;
  const steps = strides.slice();
  let count = 1;
  for (let k = shape.length - 1; k >= 0; k--) {
    if (isInner(layout, k)) continue;
    const moves = isOuter(layout, k);
    steps[k] = moves ? count * span : 0;
    if (moves) count *= shape[k] as number;
  }
  if (Number.isSafeInteger(count * span))
    return { layout: makeLayout(shape, steps, -low, itemsize), span, low };
  throw new BufferError(
    'ERR_NBUF_UNSUPPORTED',
    `the elements behind ${count} pointers, ${span} bytes each, are too many to be had one ` +
      'by one: slice, or copy with toContiguous()',
  );
}

export class IndirectMemory {
  /** A direct layout of the same elements over this memory. */
  readonly layout: Layout;
  readonly #root: Root;
  readonly #source: Layout;
  readonly #span: number;
  readonly #low: number;
  #places: Places | null = null;
  #accesses = 0;
  /** Where `#find` has found something, for whoever called it. */
  #at = 0;

  constructor(root: Root, source: Layout) {
    const plan = planOf(source);
    this.layout = plan.layout;
    this.#span = plan.span;
    this.#low = plan.low;
    this.#root = root;
    this.#source = source;
  }

  /** All addresses are below this. */
  get size(): number {
    const { shape, strides, offset, itemsize } = this.layout;
    return shape.reduce(
      (end, n, k) => end + Math.max(0, (n - 1) * (strides[k] as number)),
      offset + itemsize,
    );
  }

  /** The part in which an address is, and where in its block. */
  locate(address: number): { readonly part: Root; readonly at: number } {
    const part = this.#partAt(address);
    return { part, at: this.#at - part.shift };
  }

  /** The part that has an address; `#at` is where in its buffer. */
  #partAt(address: number): Root {
    const places = this.#places ?? this.#resolve();
    if (places === null) return this.#locate(address);
    const rank = Math.floor(address / this.#span);
    const inner = address - rank * this.#span + this.#low;
    const part = this.#root.part(places.blocks[rank] as number);
    this.#at = (places.offsets[rank] as number) + inner + part.shift;
    return part;
  }

  /** Null for the first few elements of many: reading all pointers costs more than those. */
  #resolve(): Places | null {
    this.#accesses++;
    const slot = this.#root.live();
    if (this.#accesses <= FEW) return null;
    passLayout(this.#source);
    this.#places = check<Places>(native.resolve(slot));
    return this.#places;
  }

  #locate(address: number): Root {
    const { shape } = this.#source;
    const slot = this.#root.live();
    // The inner axes stand still: what they add is known.
    let rank = Math.floor(address / this.#span);
    const inner = address - rank * this.#span + this.#low;
    const index = shape.map(() => 0);
    for (let k = shape.length - 1; k >= 0; k--) {
      if (!isOuter(this.#source, k)) continue;
      index[k] = rank % (shape[k] as number);
      rank = Math.floor(rank / (shape[k] as number));
    }
    passLayout(this.#source);
    passIndex(index);
    const block = checkStatus(native.locate(slot));
    const start = scratch[0] as number;
    const part = this.#root.part(block);
    this.#at = start + inner + part.shift;
    return part;
  }

  #find(address: number): DataView {
    return this.#partAt(address).view();
  }

  getInt8(at: number): number {
    return this.#find(at).getInt8(this.#at);
  }
  getUint8(at: number): number {
    return this.#find(at).getUint8(this.#at);
  }
  getInt16(at: number, little?: boolean): number {
    return this.#find(at).getInt16(this.#at, little);
  }
  getUint16(at: number, little?: boolean): number {
    return this.#find(at).getUint16(this.#at, little);
  }
  getInt32(at: number, little?: boolean): number {
    return this.#find(at).getInt32(this.#at, little);
  }
  getUint32(at: number, little?: boolean): number {
    return this.#find(at).getUint32(this.#at, little);
  }
  getFloat32(at: number, little?: boolean): number {
    return this.#find(at).getFloat32(this.#at, little);
  }
  getFloat64(at: number, little?: boolean): number {
    return this.#find(at).getFloat64(this.#at, little);
  }
  getBigInt64(at: number, little?: boolean): bigint {
    return this.#find(at).getBigInt64(this.#at, little);
  }
  getBigUint64(at: number, little?: boolean): bigint {
    return this.#find(at).getBigUint64(this.#at, little);
  }

  setInt8(at: number, value: number): void {
    this.#find(at).setInt8(this.#at, value);
  }
  setUint8(at: number, value: number): void {
    this.#find(at).setUint8(this.#at, value);
  }
  setInt16(at: number, value: number, little?: boolean): void {
    this.#find(at).setInt16(this.#at, value, little);
  }
  setUint16(at: number, value: number, little?: boolean): void {
    this.#find(at).setUint16(this.#at, value, little);
  }
  setInt32(at: number, value: number, little?: boolean): void {
    this.#find(at).setInt32(this.#at, value, little);
  }
  setUint32(at: number, value: number, little?: boolean): void {
    this.#find(at).setUint32(this.#at, value, little);
  }
  setFloat32(at: number, value: number, little?: boolean): void {
    this.#find(at).setFloat32(this.#at, value, little);
  }
  setFloat64(at: number, value: number, little?: boolean): void {
    this.#find(at).setFloat64(this.#at, value, little);
  }
  setBigInt64(at: number, value: bigint, little?: boolean): void {
    this.#find(at).setBigInt64(this.#at, value, little);
  }
  setBigUint64(at: number, value: bigint, little?: boolean): void {
    this.#find(at).setBigUint64(this.#at, value, little);
  }
}

/** As RunWalk: the longest runs, which rows may make that lie side by side in one block. */
export class PieceWalk {
  part: Root | null = null;
  /** In bytes from the start of the part's block. */
  at = 0;
  length = 0;
  readonly #memory: IndirectMemory;
  readonly #walk: RunWalk;
  /** The run behind the current one; null before the first, and when there is none. */
  #next: { readonly part: Root; readonly at: number } | null = null;
  #isStarted = false;

  constructor(memory: IndirectMemory) {
    this.#memory = memory;
    this.#walk = new RunWalk(memory.layout);
  }

  next(): boolean {
    if (!this.#isStarted) this.#step();
    if (this.#next === null) return false;
    const { part, at } = this.#next;
    this.part = part;
    this.at = at;
    this.length = 0;
    do {
      this.length += this.#walk.length;
      this.#step();
    } while (this.#next?.part === part && this.#next.at === at + this.length);
    return true;
  }

  #step(): void {
    this.#isStarted = true;
    this.#next = this.#walk.next() ? this.#memory.locate(this.#walk.at) : null;
  }
}
