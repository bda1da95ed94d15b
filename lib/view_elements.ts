/** Walking a view element by element: iteration and nested arrays. */
import type { Bound } from './bound.ts';
import type { ElementValue } from './elements.ts';
import { rangeError } from './errors.ts';
import { asIterator } from './iterators.ts';
import type { Layout } from './layout.ts';
import { type Rows, rowsOf } from './runs.ts';

/** Where the next element of a view is, in C order. */
class Cursor {
  readonly bound: Bound;
  /** Its place for `bound`, and in how many bytes the next one of this row follows. */
  at = 0;
  readonly step: number;
  /** Elements left in this row. */
  left = 0;
  readonly #rows: Rows;

  constructor(bound: Bound) {
    this.bound = bound;
    this.#rows = rowsOf(bound.layout);
    this.step = this.#rows.step;
  }

  nextRow(): boolean {
    const rows = this.#rows;
    if (!rows.next()) return false;
    this.at = rows.at + this.bound.root.shift;
    this.left = rows.count;
    return true;
  }

  end(): void {
    this.left = 0;
    this.#rows.end();
  }
}

/**
 * Elements that are numbers. V8 takes the results of `next` apart where a loop is hot, and then
 * nothing is allocated, provided that `value` is a number always: it is 0 at the end, where
 * loops do not look at it. With undefined in its place, each number would be boxed.
 */
class Numbers {
  readonly #cursor: Cursor;

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
  }

  next(): IteratorResult<number, number> {
    const cursor = this.#cursor;
    let value = 0;
    let done = true;
    if (cursor.left > 0 || cursor.nextRow()) {
      const { at } = cursor;
      value = cursor.bound.number(at);
      cursor.left--;
      cursor.at = at + cursor.step;
      done = false;
    }
    return { value, done };
  }

  return(value?: unknown): IteratorResult<number, unknown> {
    this.#cursor.end();
    return { value, done: true };
  }
}
asIterator(Numbers);

/** All others: apart, so that numbers meet nothing else in theirs. */
class Values {
  readonly #cursor: Cursor;

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
  }

  next(): IteratorResult<ElementValue, undefined> {
    const cursor = this.#cursor;
    let value: ElementValue | undefined;
    let done = true;
    if (cursor.left > 0 || cursor.nextRow()) {
      const { at } = cursor;
      value = cursor.bound.load(at);
      cursor.left--;
      cursor.at = at + cursor.step;
      done = false;
    }
    return { value, done } as IteratorResult<ElementValue, undefined>;
  }

  return(value?: unknown): IteratorResult<ElementValue, unknown> {
    this.#cursor.end();
    return { value, done: true };
  }
}
asIterator(Values);

/** The elements in C order; `isNumber` as in Format. */
export function elements(
  bound: Bound,
  isNumber: boolean,
): IteratorObject<ElementValue, unknown, unknown> {
  const cursor = new Cursor(bound);
  return (isNumber ? new Numbers(cursor) : new Values(cursor)) as never;
}

/** Nested arrays, one axis each. */
export type Nested<E = ElementValue> = E | Nested<E>[];

export function toArray(
  bound: Bound,
  axis = 0,
  at: number = bound.layout.offset + bound.root.shift,
): Nested {
  const { shape, strides } = bound.layout;
  if (axis === shape.length) return bound.load(at);
  const extent = shape[axis] as number;
  const stride = strides[axis] as number;
  if (extent >= 2 ** 32)
    throw rangeError(`toArray: expected fewer than 2^32 entries, found ${extent}`);
  if (axis === shape.length - 1) return bound.row(at, stride, extent);
  const out = new Array<Nested>(extent);
  for (let k = 0; k < extent; k++) out[k] = toArray(bound, axis + 1, at + k * stride);
  return out;
}

/** Byte offsets of all elements in C order, from the block's start. */
export function* offsets(layout: Layout): Generator<number, void, undefined> {
  const rows = rowsOf(layout);
  while (rows.next()) for (let k = 0; k < rows.count; k++) yield rows.at + k * rows.step;
}
