/** The fast way to a view's elements: a DataView over its block, offset and strides in bytes. */
import { FLOAT64, loadNumber, storeNumber } from './element_codes.ts';
import { numbersOf } from './element_rows.ts';
import type { ElementValue, Format } from './elements.ts';
import { IndirectMemory } from './indirect_memory.ts';
import { index, type Layout } from './layout.ts';
import { type Root, releasedError } from './root.ts';
import type { ViewInfo } from './view_info.ts';

/** Places below this are computed with 32-bit integers, which V8 keeps in registers. */
const SMALL = 2 ** 31;

export class Bound {
  readonly root: Root;
  /** Where the elements lie in `data`: the view's own layout, unless that follows pointers. */
  readonly layout: Layout;
  /**
   * Over the whole buffer, at any alignment. A RemoteView stands in where there is none, an
   * IndirectMemory where there are many.
   */
  readonly data: DataView;
  readonly access: Format['access'];
  /** Of element_codes.ts; 0 where only `access` knows how. */
  readonly code: number;
  /** Axes, up to 3; -1 where there are more, or where places may not be small. */
  readonly axes: number;
  /** The first extent where `axes` is 1, or 2, and there is a code; else 0: no index is below. */
  readonly lone: number;
  readonly rows: number;
  readonly readonly: boolean;
  readonly base: number;
  readonly n0: number;
  readonly n1: number;
  readonly n2: number;
  readonly s0: number;
  readonly s1: number;
  readonly s2: number;

  constructor(
    root: Root,
    info: ViewInfo,
    layout: Layout,
    data: DataView,
    size: number = root.info.described.blockSize + root.shift,
  ) {
    const { format } = info;
    const { shape } = layout;
    this.root = root;
    this.layout = layout;
    this.data = data;
    this.access = format.access;
    this.readonly = info.readonly;
    this.base = layout.offset + root.shift;
    [this.n0 = 1, this.n1 = 1, this.n2 = 1] = shape;
    [this.s0 = 0, this.s1 = 0, this.s2 = 0] = layout.strides;
    // The extents, too: steps of 0 need no bytes, and -1 would be below 2^32.
    const isSmall = size < SMALL && shape.every((extent) => extent < SMALL);
    this.code = isSmall && data instanceof DataView ? format.code : 0;
    this.axes = isSmall && shape.length <= 3 ? shape.length : -1;
    const fast = this.code === 0 ? 0 : this.axes;
    this.lone = fast === 1 ? this.n0 : 0;
    this.rows = fast === 2 ? this.n0 : 0;
  }

  // One small function for each number of axes: V8 inlines only so many bytes into a loop.
  // Each gives the place of an index, in bytes; -1 leaves it to the thorough check.

  place1(i: unknown): number {
    return isIndex(i, this.lone) ? (this.base + Math.imul(i, this.s0)) | 0 : -1;
  }

  place2(i: unknown, j: unknown): number {
    return isIndex(i, this.rows) && isIndex(j, this.n1)
      ? (this.base + Math.imul(i, this.s0) + Math.imul(j, this.s1)) | 0
      : -1;
  }

  placeOther(count: number, i: unknown, j: unknown, k: unknown): number {
    return this.code === 0 ? -1 : this.place(count, i, j, k);
  }

  /** Also of elements without a code. */
  place(count: number, i: unknown, j: unknown, k: unknown): number {
    if (count !== this.axes) return -1;
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

  /** The checked place of any index; negative ones count from the end if `fromEnd` says so. */
  find(indices: readonly unknown[], fromEnd: boolean): number {
    return index(this.layout, indices, fromEnd) + this.root.shift;
  }

  /**
   * The number at a place that place1, place2 or placeOther gave. Apart from `load`, for V8 then knows
   * the result's type: a sum over such numbers allocates nothing.
   */
  loadNumber(at: number): number {
    if (this.root.slot === null) throw releasedError();
    try {
      // The commonest without the jump of a switch. With `+`, the type is known also where the
      // other call is not made in place.
      return this.code === FLOAT64
        ? this.data.getFloat64(at, true)
        : +loadNumber(this.code, this.data, at);
    } catch (error) {
      return +(this.access.read(this.#other(error), at) as number);
    }
  }

  /** As loadNumber, also where there is no code: the element is a number all the same. */
  number(at: number): number {
    return this.code === 0 ? +(this.load(at) as number) : this.loadNumber(at);
  }

  /** The elements at `count` places from `at` on, `step` bytes apart. */
  row(at: number, step: number, count: number): ElementValue[] {
    if (this.code !== 0) return this.#numbers(at, step, count);
    const out = new Array<ElementValue>(count);
    for (let k = 0; k < count; k++) out[k] = this.load(at + k * step);
    return out;
  }

  #numbers(at: number, step: number, count: number): number[] {
    if (this.root.slot === null) throw releasedError();
    try {
      return numbersOf(this.code, this.data, at, step, count);
    } catch (error) {
      return numbersOf(this.code, this.#other(error), at, step, count);
    }
  }

  /** Stores what an element of `code` holds; false leaves it to the thorough check. */
  storeNumber(at: number, value: unknown): boolean {
    if (at < 0 || this.readonly || this.root.slot === null) return false;
    if (typeof value !== 'number') return false;
    try {
      if (this.code !== FLOAT64) return storeNumber(this.code, this.data, at, value);
      this.data.setFloat64(at, value, true);
      return true;
    } catch (error) {
      this.access.write(this.#other(error), at, value);
      return true;
    }
  }

  /** The element at a place that was checked against the layout. */
  load(at: number): ElementValue {
    if (this.root.slot === null) throw releasedError();
    try {
      return this.access.read(this.data, at);
    } catch (error) {
      return this.access.read(this.#other(error), at);
    }
  }

  /** Stores a value that `check` returned. */
  store(at: number, value: ElementValue): void {
    if (this.root.slot === null) throw releasedError();
    try {
      this.access.write(this.data, at, value);
    } catch (error) {
      this.access.write(this.#other(error), at, value);
    }
  }

  /**
   * A DataView throws by itself when its buffer is detached, so nothing is checked before an
   * access. Where our own memory was only moved elsewhere (DESIGN 6.3), native calls reach it.
   */
  #other(error: unknown): DataView {
    this.root.checkAttached();
    if (this.root.isAttached()) throw error;
    return this.root.remote();
  }
}

/** The elements of a view. */
export function bind(root: Root, info: ViewInfo): Bound {
  const { layout } = info;
  if (layout.levels === null) return new Bound(root, info, layout, root.view());
  const memory = new IndirectMemory(root, layout);
  const data = memory as unknown as DataView;
  return new Bound(root, info, memory.layout, data, memory.size);
}

/** As `bind` for one access; null where the view should be bound for all of them. */
export function bindEarly(root: Root, info: ViewInfo): Bound | null {
  const { layout, format } = info;
  if (format.tree === null || layout.levels !== null) return null;
  const early = root.early();
  return early === null ? null : new Bound(root, info, layout, early);
}

/** An index of an extent below 2^31. */
function isIndex(value: unknown, extent: number): value is number {
  // The type first: `|` would run an object's valueOf and throw at bigints and symbols.
  return typeof value === 'number' && (value | 0) === value && value >>> 0 < extent;
}
