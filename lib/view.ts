/** View: an n-d window over a provider's memory. Takes no lock; ends with its provider. */
import { type Bound, bind, bindEarly } from './bound.ts';
import type { ElementValue } from './elements.ts';
import { typeError } from './errors.ts';
import { EXPORTER } from './exposed.ts';
import type { FieldOf, PathOf } from './field_types.ts';
import type { ElementOf } from './format_types.ts';
import type { HostArray } from './host_array.ts';
import { settle } from './indirect_view.ts';
import { late } from './late.ts';
import { type Layout, transpose as transposeLayout } from './layout.ts';
import type { Full, Grant, IfGranted } from './request_types.ts';
import { broadcastTo, reshape } from './reshape.ts';
import { Root, releasedError } from './root.ts';
import { type Selection, slice } from './selection.ts';
import { giveAccess, isForNames, listOf, MAX_NAMED } from './view_access.ts';
import { castInfo } from './view_cast.ts';
import { type CopyOptions, checkConvert, copyAs } from './view_convert.ts';
import * as copies from './view_copy.ts';
import { elements, type Nested, toArray } from './view_elements.ts';
import { equals } from './view_equals.ts';
import { fieldOf, pathOf } from './view_field.ts';
import { ViewInfo } from './view_info.ts';
import { ViewMemory } from './view_memory.ts';
import { show } from './view_show.ts';

const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom') as never;

/** The parts of a view, for this package's modules; null for what is no view. */
export let partsOf: (value: object) => copies.Parts | null;
/** `get` and `set` of formats whose elements are no numbers. */
export let getAny: (view: View, args: ArrayLike<unknown>) => ElementValue;
export let setAny: (view: View, args: ArrayLike<unknown>) => void;

/**
 * `F`: the format, where it is a literal. `E`: one element, which follows from it. `G`: what the
 * provider was granted. Without them a view may have any format and any elements.
 */
export class View<
  F extends string = string,
  E extends ElementValue = ElementOf<F>,
  G extends Grant = Grant,
> extends ViewMemory<F> {
  readonly #root: Root;
  readonly #info: ViewInfo;
  #bound: Bound | null = null;

  static {
    getAny = (view, args) => view.#getSlowly(args);
    setAny = (view, args) => view.#setSlowly(args);
    partsOf = (value) =>
      #root in value ? { root: value.#root, info: value.#info } : null;
    late.partsOf = partsOf;
  }

  /** @internal Views come from providers. */
  constructor(root: Root, info: ViewInfo) {
    super();
    // Nobody else has a Root: a forged one could end other providers' slots.
    if (!(root instanceof Root))
      throw typeError('View: expected acquire() or a method of a view, found new');
    this.#root = root;
    this.#info = info;
  }

  /** Extents in elements; null when it was not requested. Readable after release. */
  get shape(): IfGranted<readonly number[], G['shape']> {
    return this.#info.shape as IfGranted<readonly number[], G['shape']>;
  }
  /** Bytes between neighbours along each axis; null when it was not requested. Readable after release. */
  get strides(): IfGranted<readonly number[], G['strides']> {
    return this.#info.strides as IfGranted<readonly number[], G['strides']>;
  }
  /** The format string (struct syntax with PEP 3118's additions); null when it was not requested. Readable after release. */
  get format(): IfGranted<F, G['format']> {
    const info = this.#info;
    const text = info.hidden?.format ? null : info.format.text;
    return text as IfGranted<F, G['format']>;
  }
  /** Bytes of one element. */
  get itemsize(): number {
    const info = this.#live();
    return info.hidden?.itemsize ?? info.layout.itemsize;
  }
  /** May the memory not be written through this view? */
  get readonly(): boolean {
    return this.#live().readonly;
  }
  /** The element at `index`: exactly ndim integers, each >= 0. */
  get(...index: number[]): E;
  get(i?: unknown, j?: unknown, k?: unknown, l?: unknown, m?: unknown): unknown {
    const bound = this.#bound;
    // biome-ignore lint/complexity/noArguments: a rest array would cost more than the access
    const count = arguments.length;
    if (bound !== null) {
      const at =
        count === 1
          ? bound.place1(i)
          : count === 2
            ? bound.place2(i, j)
            : bound.placeOther(count, i, j, k);
      if (at >= 0) return bound.loadNumber(at);
    }
    // biome-ignore lint/complexity/noArguments: as above
    const args = count > MAX_NAMED ? arguments : listOf(count, i, j, k, l, m);
    // With `+`, V8 knows that this method returns numbers and nothing else.
    if (this.#info.format.isNumber) return +(this.#getSlowly(args) as number);
    return this.#getSlowly(args);
  }

  /** Stores `value` at `index`: set(...index, value). Checks everything before it writes. */
  set(...indexAndValue: [...index: number[], value: E]): void;
  set(
    i?: unknown,
    j?: unknown,
    k?: unknown,
    l?: unknown,
    m?: unknown,
    ..._rest: unknown[]
  ): void {
    const bound = this.#bound;
    // biome-ignore lint/complexity/noArguments: a rest array would cost more than the access
    const count = arguments.length;
    if (bound !== null) {
      if (count === 2 && bound.storeNumber(bound.place1(i), j)) return;
      if (count === 3 && bound.storeNumber(bound.place2(i, j), k)) return;
      if (count === 4 && bound.storeNumber(bound.placeOther(3, i, j, k), l)) return;
    }
    // biome-ignore lint/complexity/noArguments: as above
    this.#setSlowly(count > MAX_NAMED ? arguments : listOf(count, i, j, k, l, m));
  }

  /** As `get`, but negative indices count from the end. */
  at(...index: number[]): E {
    const bound = this.#bound ?? this.#bindEarly();
    return bound.load(bound.find(index, true)) as E;
  }

  /** A window: basic slicing with NumPy's and Python's rules; no copy. */
  slice(...selection: Selection[]): View<F, E, Full> {
    return this.#window(slice(this.#info.layout, selection));
  }
  /** Axes in reverse, or in the given order. */
  transpose(...axes: number[]): View<F, E, Full> {
    return this.#window(transposeLayout(this.#info.layout, axes));
  }
  /** Another shape of as many elements; one extent may be -1. CONTIGUITY where it would copy. */
  reshape(shape: readonly number[]): View<F, E, Full> {
    return this.#window(reshape(this.#info.layout, shape));
  }
  /** Repeats axes of extent 1 with stride 0. The result is readonly: its elements share memory. */
  broadcastTo(shape: readonly number[]): View<F, E, Full> {
    const layout = broadcastTo(this.#info.layout, shape);
    this.#live();
    return makeView(this.#root, new ViewInfo(layout, this.#info.format, true, null));
  }
  /**
   * One field of all records, no copy: 'pos.x', or the names as an array, or indices of items
   * without names. A sub-array's axes come last. ERR_OUT_OF_RANGE for no such field.
   */
  field<const P extends PathOf<E>>(path: P): View<string, FieldOf<E, P>, Full> {
    const checked = pathOf(path);
    return makeView(this.#root, fieldOf(this.#live(), checked));
  }
  /** The same bytes as another format; one of both must be a byte format (B, b, c). C-contiguous only. */
  cast<const T extends string>(
    format: T,
    shape?: readonly number[],
  ): View<T, ElementOf<T>, Full> {
    const info = castInfo(this.#info, format, shape);
    this.#live();
    return makeView(this.#root, info);
  }
  /** The same view, which refuses to write. */
  toReadonly(): View<F, E, Full> {
    const { layout, format } = this.#live();
    return makeView(this.#root, new ViewInfo(layout, format, true, null));
  }

  /** Nested arrays of all elements; the element itself for ndim 0. */
  toArray(): Nested<E> {
    this.#live();
    return toArray(this.#bound ?? this.#bind()) as Nested<E>;
  }
  /** A packed copy of the bytes; 'A' keeps Fortran order where the view has it. */
  toBytes(order: 'C' | 'F' | 'A' = 'C'): Uint8Array {
    return copies.toBytes(this.#parts(), order);
  }
  /** Fills the view from packed bytes, as many as byteLength. */
  writeBytes(
    bytes: ArrayBufferView | ArrayBufferLike,
    order: 'C' | 'F' | 'A' = 'C',
  ): void {
    copies.writeBytes(this.#parts(), bytes, order);
  }
  /** A packed copy in a new HostArray. */
  toContiguous(order: 'C' | 'F' | 'A' = 'C'): HostArray<F, E> {
    const array = copies.toContiguous(this.#parts(), order, partsOf);
    return array as HostArray<F, E>;
  }
  /**
   * Copies from anything that exports, or nested arrays, broadcast to this shape. Overlap is
   * fine. Formats must be equivalent (FORMAT), unless `convert` names how to cast: 'same-kind'
   * or 'unsafe', as in NumPy; records convert field by field.
   */
  copyFrom(source: unknown, options?: CopyOptions): void {
    const convert = checkConvert(options);
    copies.withSource(source, this.#info.format.text, partsOf, (parts) =>
      copyAs(this.#parts(), parts, convert),
    );
  }
  /** Sets every element to one value. */
  fill(value: E): void {
    copies.fill(this.#parts(), value);
  }
  /** Equal shapes, and elements equal by exact value; NaN equals NaN only with {nan: true}. */
  equals(other: unknown, options: { nan?: boolean } = {}): boolean {
    const nan = Boolean(options?.nan);
    return copies.withSource(other, this.#info.format.text, partsOf, (parts) =>
      equals(this.#parts(), parts, nan),
    );
  }
  /** The elements in C order. */
  [Symbol.iterator](): IteratorObject<E, unknown, unknown> {
    const { format } = this.#live();
    return elements(this.#bound ?? this.#bind(), format.isNumber) as never;
  }

  /** @internal The protocol by which other addons, and other copies of nbuf, acquire a view. */
  [EXPORTER](): unknown {
    return copies.exportOf(this.#parts());
  }

  /** @internal */
  [INSPECT](depth: number | null): string {
    const name = this.constructor.name;
    if (this.#root.released) return `${name} <released>`;
    return show(name, this.#info, () => this.#bound ?? this.#bind(), depth);
  }

  #live(): ViewInfo {
    if (this.#root.released) throw releasedError();
    return this.#info;
  }
  #parts(): copies.Parts {
    return { root: this.#root, info: this.#info };
  }
  /** As #bind, for one access. */
  #bindEarly(): Bound {
    this.#live();
    return bindEarly(this.#root, this.#info) ?? this.#bind();
  }
  #bind(): Bound {
    this.#live();
    this.#bound = bind(this.#root, this.#info);
    return this.#bound;
  }
  #window(layout: Layout): View<F, E, Full> {
    this.#live();
    const info = this.#info.withLayout(layout);
    if (layout.levels === null) return makeView(this.#root, info);
    const parts = settle({ root: this.#root, info });
    return makeView(parts.root, parts.info);
  }
  /** Any format and any number of axes. */
  #getSlowly(args: ArrayLike<unknown>): ElementValue {
    const bound = this.#bound ?? this.#bindEarly();
    const at = bound.place(args.length, args[0], args[1], args[2]);
    return bound.load(at >= 0 ? at : bound.find(Array.prototype.slice.call(args), false));
  }
  #setSlowly(args: ArrayLike<unknown>): void {
    const bound = this.#bound ?? this.#bindEarly();
    const count = Math.max(0, args.length - 1);
    let at = bound.place(count, args[0], args[1], args[2]);
    if (at < 0) at = bound.find(Array.prototype.slice.call(args, 0, count), false);
    const value = bound.access.check(args[count]);
    this.#live();
    copies.checkWritable(this.#info);
    bound.store(at, value);
  }
}

/**
 * Views of other elements than numbers, with many axes, or behind pointers: a `get` that had seen
 * both would box every number that it returns, and loops over numbers are what must be fast.
 */
class OtherView extends View {}
giveAccess(OtherView.prototype, getAny, setAny);
Object.preventExtensions(OtherView); // as Provider: see there

function makeView(root: Root, info: ViewInfo): View<never, never, Full> {
  const Class = isForNames(info) ? View : OtherView;
  return new Class(root, info) as View<never, never, Full>;
}
