/** Layouts row by row, and as pieces of adjacent bytes: for whoever reads in bulk. */

import { isEmpty, type Layout } from './layout.ts';

type Axes = { readonly shape: number[]; readonly strides: number[] };

/**
 * The same addresses in the same order with the fewest axes: axes of one element go, and an
 * axis that continues the next inner one joins it. For layouts that are not empty.
 */
export function mergeAxes(layout: Layout): Axes {
  const shape: number[] = [];
  const strides: number[] = [];
  let last = -1;
  for (let k = 0; k < layout.shape.length; k++) {
    const extent = layout.shape[k] as number;
    const stride = layout.strides[k] as number;
    if (extent === 1) continue;
    if (last >= 0 && strides[last] === stride * extent) {
      shape[last] = (shape[last] as number) * extent;
      strides[last] = stride;
    } else {
      last = shape.push(extent) - 1;
      strides.push(stride);
    }
  }
  return { shape, strides };
}

/** All index vectors in C order but for the innermost axis: the rows that this one makes. */
export class Rows {
  /** The row's first element, in bytes from the block's start. */
  at: number;
  /** Elements in each row, and the bytes from one to the next. */
  readonly count: number;
  readonly step: number;
  readonly #shape: readonly number[];
  readonly #strides: readonly number[];
  readonly #counter: number[];
  #isStarted = false;
  #isDone = false;

  constructor({ shape, strides }: Axes, offset: number) {
    const isLone = shape.length === 0;
    this.at = offset;
    this.count = isLone ? 1 : (shape[shape.length - 1] as number);
    this.step = isLone ? 0 : (strides[shape.length - 1] as number);
    this.#shape = shape;
    this.#strides = strides;
    this.#counter = new Array<number>(shape.length).fill(0);
    if (isEmpty(shape)) this.end();
  }

  /** Moves to the next row, at first to the first one; false behind the last. */
  next(): boolean {
    if (this.#isDone) return false;
    if (!this.#isStarted) {
      this.#isStarted = true;
      return true;
    }
    for (let axis = this.#shape.length - 2; axis >= 0; axis--) {
      const last = (this.#shape[axis] as number) - 1;
      const stride = this.#strides[axis] as number;
      const position = this.#counter[axis] as number;
      if (position < last) {
        this.#counter[axis] = position + 1;
        this.at += stride;
        return true;
      }
      this.#counter[axis] = 0;
      this.at -= last * stride;
    }
    this.end();
    return false;
  }

  end(): void {
    this.#isDone = true;
  }
}

/** The rows of a layout with as few axes as it can have. */
export function rowsOf(layout: Layout): Rows {
  // Merging takes axes for granted that are not empty.
  return new Rows(isEmpty(layout.shape) ? EMPTY : mergeAxes(layout), layout.offset);
}
const EMPTY: Axes = { shape: [0], strides: [0] };

/** The longest runs of adjacent elements, in C order. */
export class RunWalk {
  /** All of them are in the view's own block. */
  readonly part: null = null;
  /** Where the run starts, in bytes from the block's start, and its bytes. */
  at: number = Number.NaN;
  length = 0;
  readonly #rows: Rows;
  /** Bytes of a run that continues no other one. */
  readonly #bytes: number;
  /** Runs left in this row, and where the next one of them starts. */
  #left = 0;
  #next = 0;

  constructor(layout: Layout) {
    const { shape, strides, itemsize, offset } = { ...layout, ...mergeAxes(layout) };
    const last = shape.length - 1;
    const isAdjacent = strides[last] === itemsize;
    this.#bytes = isAdjacent ? itemsize * (shape[last] as number) : itemsize;
    const axes = isAdjacent
      ? { shape: shape.slice(0, -1), strides: strides.slice(0, -1) }
      : { shape, strides };
    this.#rows = new Rows(isEmpty(layout.shape) ? EMPTY : axes, offset);
    this.#nextRow();
  }

  /** Moves to the next run; false behind the last. */
  next(): boolean {
    if (this.#left === 0) return false;
    this.at = this.#next;
    this.length = this.#bytes;
    this.#left--;
    if (this.#left > 0) this.#next += this.#rows.step;
    else this.#nextRow();
    return true;
  }

  /** Only the first runs of a row can continue the current one: all others are apart. */
  #nextRow(): void {
    const rows = this.#rows;
    while (rows.next()) {
      this.#next = rows.at;
      this.#left = rows.count;
      if (this.#next !== this.at + this.length) return;
      this.length += this.#bytes;
      this.#next += rows.step;
      this.#left--;
      if (this.#left > 0) return;
    }
  }
}
