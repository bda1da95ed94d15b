/** The chunks of a column of Arrow's: where their values and nulls are. */
import {
  acquireAs,
  BufferError,
  type Provider,
  type RequestOptions,
  type View,
} from '../index.ts';
import { product } from './arrow_data.ts';
import type { Plan } from './arrow_plan.ts';
import { bytesOf, checkObject, dtypes, kindOf, newArray, typeError } from './common.ts';

/** Which entries are null: those whose bit is 0. They may be more than an array holds. */
type Nulls = {
  readonly count: number;
  readonly bits: Uint8Array;
  /** The bit of the first entry. */
  readonly offset: number;
};

/** One Data, read once. `children` as the plan has them. */
export type Chunk = {
  readonly length: number;
  readonly values: unknown;
  readonly nulls: Nulls;
  /** Of Bool: the first bit. */
  readonly offset: number;
  readonly children: readonly Chunk[];
};

/** The axes of entries at one level of a chunk, steps in entries. */
type Axes = { readonly shape: readonly number[]; readonly steps: readonly number[] };

function countOf(value: unknown, name: string): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw typeError(`${name}: expected an integer from 0, found ${kindOf(value)}`);
}

/** Before anything is allocated for, or counted in, so many entries. */
function checkRoom(array: ArrayBufferView, needed: number): void {
  const { byteLength } = bytesOf(array);
  if (needed <= byteLength) return;
  acquireAs(array, { shape: [0] }).release(); // DETACHED, if that is why
  throw new BufferError(
    'ERR_NBUF_BOUNDS',
    `apache-arrow: the column needs ${needed} bytes of a buffer of ${byteLength}`,
  );
}

function isNull({ bits, offset }: Nulls, entry: number): boolean {
  const bit = offset + entry;
  return ((bits[Math.floor(bit / 8)] as number) & (1 << (bit % 8))) === 0;
}

/** The nulls among the first `length` entries. */
function nullsOf(data: Record<string, unknown>, offset: number, length: number): Nulls {
  const { nullCount, nullBitmap } = data;
  const none = { count: 0, bits: new Uint8Array(0), offset };
  if (!(typeof nullCount === 'number' && nullCount > 0)) return none;
  if (!(nullBitmap instanceof Uint8Array))
    throw typeError(`nullBitmap: expected a Uint8Array, found ${kindOf(nullBitmap)}`);
  checkRoom(nullBitmap, Math.ceil((offset + length) / 8));
  const nulls = { ...none, bits: nullBitmap };
  let count = 0;
  for (let entry = 0; entry < length; entry++) if (isNull(nulls, entry)) count++;
  return { ...nulls, count };
}

/** BOUNDS for a Data that has fewer entries than the one around it needs. */
export function chunkOf(value: unknown, plan: Plan, needed: number | null): Chunk {
  const data = checkObject(value, 'data');
  const found = countOf(data.length, 'data.length');
  if (needed !== null && found < needed)
    throw new BufferError(
      'ERR_NBUF_BOUNDS',
      `apache-arrow: expected ${needed} entries in a child, found ${found}`,
    );
  const length = needed ?? found;
  const offset = countOf(data.offset ?? 0, 'data.offset');
  const given: unknown = data.children;
  const inner = Array.isArray(given) ? given : [];
  const children =
    plan.kind === 'list'
      ? [chunkOf(inner[0], plan.child, length * plan.size)]
      : plan.kind === 'struct'
        ? plan.fields.map((field, at) => chunkOf(inner[at], field.plan, length))
        : [];
  const values = data.values;
  if (plan.kind === 'number')
    checkRoom(arrayOf(values, length === 0), length * plan.itemsize);
  if (plan.kind === 'bool')
    checkRoom(arrayOf(values, length === 0), Math.ceil((offset + length) / 8));
  // Last: what lies about its length is known by now.
  const nulls = nullsOf(data, offset, length);
  return { length, values, nulls, offset, children };
}

/** Nulls of a chunk and of all that is in it. */
export function nullCount(chunk: Chunk): number {
  return chunk.children.reduce((sum, child) => sum + nullCount(child), chunk.nulls.count);
}

export function rowsOf(chunk: Chunk): Axes {
  return { shape: [chunk.length], steps: [1] };
}

/** The axes with those of a list behind them. */
function inside(axes: Axes, plan: Plan & { kind: 'list' }): Axes {
  return {
    shape: [...axes.shape, ...plan.shape],
    steps: [...axes.steps.map((step) => step * plan.size), ...plan.steps],
  };
}

function arrayOf(values: unknown, isEmpty: boolean): ArrayBufferView {
  if (ArrayBuffer.isView(values)) return values;
  if (isEmpty) return new Uint8Array(0);
  throw typeError(`data.values: expected a typed array, found ${kindOf(values)}`);
}

/** Where the numbers of a column are; null below a struct, and for bits. */
export function numbersOf(
  plan: Plan,
  chunk: Chunk,
  axes: Axes,
  request?: RequestOptions,
): Provider | null {
  if (plan.kind === 'list')
    return numbersOf(plan.child, chunk.children[0] as Chunk, inside(axes, plan), request);
  if (plan.kind !== 'number') return null;
  const { format, itemsize } = plan;
  const { shape } = axes;
  const strides = axes.steps.map((step) => step * itemsize);
  const values = arrayOf(chunk.values, shape.includes(0));
  return acquireAs(values, { shape, strides, format }, request);
}

function bitsOf(chunk: Chunk, { shape, steps }: Axes): Provider {
  const count = product(shape);
  const values = arrayOf(chunk.values, count === 0);
  const bits = bytesOf(values);
  checkRoom(bits, Math.ceil((chunk.offset + count) / 8));
  const bools = newArray(dtypes.bool, count) as Uint8Array;
  for (let at = 0; at < count; at++) {
    const bit = chunk.offset + at;
    bools[at] = ((bits[Math.floor(bit / 8)] as number) >> (bit % 8)) & 1;
  }
  return acquireAs(bools, { shape, strides: steps, format: '?' });
}

function copyLeaf(target: View, plan: Plan, chunk: Chunk, axes: Axes): void {
  const source =
    plan.kind === 'bool' ? bitsOf(chunk, axes) : numbersOf(plan, chunk, axes);
  try {
    target.copyFrom(source);
  } finally {
    source?.release();
  }
}

function fillAll(target: View, plan: Plan, fill: unknown): void {
  if (plan.kind === 'list') fillAll(target, plan.child, fill);
  else if (plan.kind !== 'struct') target.fill(fill as never);
  else
    for (const { name, plan: inner } of plan.fields)
      fillAll(target.field([name]) as View, inner, fill);
}

function fillNulls(
  target: View,
  plan: Plan,
  chunk: Chunk,
  axes: Axes,
  fill: unknown,
): void {
  if (chunk.nulls.count === 0) return;
  for (let entry = 0; entry < chunk.length; entry++) {
    if (!isNull(chunk.nulls, entry)) continue;
    const index = axes.shape.map(
      (extent, axis) => Math.floor(entry / (axes.steps[axis] as number)) % extent,
    );
    fillAll(target.slice(...index, '...'), plan, fill);
  }
}

/** Copies a chunk, with `fill` for its nulls. `target` has the axes, and what entries have. */
export function copyChunk(
  target: View,
  plan: Plan,
  chunk: Chunk,
  axes: Axes,
  fill: unknown,
): void {
  if (plan.kind === 'list')
    copyChunk(target, plan.child, chunk.children[0] as Chunk, inside(axes, plan), fill);
  else if (plan.kind === 'struct')
    plan.fields.forEach(({ name, plan: inner }, at) => {
      const field = target.field([name]) as View;
      copyChunk(field, inner, chunk.children[at] as Chunk, axes, fill);
    });
  else copyLeaf(target, plan, chunk, axes);
  fillNulls(target, plan, chunk, axes, fill);
}
