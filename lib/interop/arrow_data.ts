/** Views as Arrow's Data: the numbers, and the lists and structs around them. */
import { BufferError, type FormatItem, parseFormat, type View } from '../index.ts';
import {
  type Arrow,
  type ArrowData,
  type ArrowPlainType,
  MAX_INT32,
} from './arrow_types.ts';
import { refusal } from './common.ts';
import { type DTypeName, dtypeOfFormat } from './dtypes.ts';

/** Where the bytes of a column come from. All are asked in C order. */
export type ArrowSource = {
  readonly arrow: Arrow;
  /** May elements be copied? */
  readonly mayCopy: boolean;
  /** Must they be? Records are, and then all of their fields. */
  readonly mustCopy: boolean;
  /** A view's numbers in a typed array, in the machine's byte order. */
  values(view: View, mustCopy: boolean): ArrayBufferView;
  /** A view's bytes. */
  bytes(view: View, mustCopy: boolean): Uint8Array;
};

const CLASSES: Readonly<Partial<Record<DTypeName, ArrowPlainType>>> = {
  int8: 'Int8',
  uint8: 'Uint8',
  int16: 'Int16',
  uint16: 'Uint16',
  int32: 'Int32',
  uint32: 'Uint32',
  int64: 'Int64',
  uint64: 'Uint64',
  float16: 'Float16',
  float32: 'Float32',
  float64: 'Float64',
  complex64: 'Float32',
  complex128: 'Float64',
};

/** More are no table any more. */
const MAX_FIELDS = 10_000;

/** All elements of a view, one behind the other; `inner`: lists that each of them is. */
export type ArrowLeaf = { readonly data: ArrowData; readonly inner: readonly number[] };

export function product(extents: readonly number[]): number {
  return extents.reduce((all, extent) => all * extent, 1);
}

function itemsOf(view: View): readonly FormatItem[] {
  return parseFormat(view.format ?? 'B', view.itemsize).items;
}

/** What was not requested is as PEP 3118 says; elements that are sub-arrays become axes. */
export function withPlainElements(view: View): View {
  let plain: View = view.slice();
  for (;;) {
    const [item, more] = itemsOf(plain);
    if (item === undefined || more !== undefined || item.name !== null || item.spread)
      return plain;
    if (item.shape.length === 0) return plain;
    plain = plain.field([0]) as View;
  }
}

/** Null for what is no record, else its fields' names and how `view.field` calls them. */
function fieldsOf(view: View): [name: string, key: string | number][] | null {
  let items = itemsOf(view);
  const [first] = items;
  if (items.length === 1 && first !== undefined && first.name === null && !first.spread) {
    if (first.type !== 'T') return null;
    items = first.items ?? [];
  }
  const taken = new Set(items.map((item) => item.name));
  if (taken.size === 0 || (taken.size === 1 && taken.has(null))) return listed(items);
  let next = 0;
  return items.map(({ name }) => {
    while (name === null && taken.has(`f${next}`)) next++;
    const found = name ?? `f${next++}`; // as view.field calls them
    return [found, found];
  });
}

function listed(items: readonly FormatItem[]): [string, number][] {
  const counts = items.map((item) => (item.spread ? (item.shape[0] ?? 1) : 1));
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total > MAX_FIELDS)
    throw new BufferError(
      'ERR_NBUF_FORMAT',
      `a record of ${total} items: expected at most ${MAX_FIELDS}; give one, view.field([0])`,
    );
  return Array.from({ length: total }, (_, index) => [`f${index}`, index]);
}

function structOf(source: ArrowSource, view: View): ArrowData | null {
  const fields = fieldsOf(view);
  if (fields === null) return null;
  const { arrow } = source;
  if (!source.mayCopy)
    throw refusal(
      'ERR_NBUF_CONTIGUITY',
      `Arrow keeps the fields of records '${view.format}' apart, here they alternate; ` +
        `give one as a column, view.field([${JSON.stringify(fields[0]?.[1] ?? 0)}])`,
    );
  const owned = { ...source, mustCopy: true };
  const children = fields.map(([, key]) =>
    dataOf(owned, withPlainElements(view.field([key]) as View), view.ndim),
  );
  const types = fields.map(
    ([name], at) => new arrow.Field(name, (children[at] as ArrowData).type, false),
  );
  return arrow.makeData({
    type: new arrow.Struct(types),
    length: view.size,
    nullCount: 0,
    children,
  });
}

function boolsOf({ arrow, mayCopy }: ArrowSource, view: View): ArrowData {
  if (!mayCopy)
    throw refusal(
      'ERR_NBUF_FORMAT',
      "Arrow's Bool is one bit, '?' one byte: view.cast('B') is a column of those bytes",
    );
  const bytes = view.toBytes();
  const data = new Uint8Array(Math.ceil(bytes.length / 64) * 8);
  for (let at = 0; at < bytes.length; at++)
    if (bytes[at] !== 0) data[at >> 3] = (data[at >> 3] as number) | (1 << (at & 7));
  const type = new arrow.Bool();
  return arrow.makeData({ type, length: bytes.length, nullCount: 0, data });
}

function textOf(source: ArrowSource, view: View): ArrowData | null {
  const [item] = itemsOf(view);
  if (item?.type !== 's' || item.itemsize !== view.itemsize) return null;
  const type = new source.arrow.FixedSizeBinary(view.itemsize);
  const data = source.bytes(view, source.mustCopy);
  return source.arrow.makeData({ type, length: view.size, nullCount: 0, data });
}

function numbersOf(source: ArrowSource, view: View): ArrowLeaf | null {
  const name = dtypeOfFormat(view.format ?? 'B')?.dtype.name;
  if (name === 'bool') return { data: boolsOf(source, view), inner: [] };
  const Class = name === undefined ? undefined : CLASSES[name];
  if (Class === undefined) return null;
  const inner = name?.startsWith('complex') ? [2] : [];
  const { arrow } = source;
  const values = source.values(view, source.mustCopy);
  // Float16's values are bits there, also where the runtime has a Float16Array.
  const data =
    name === 'float16'
      ? new Uint16Array(values.buffer, values.byteOffset, values.byteLength / 2)
      : values;
  const length = view.size * product(inner);
  const type = new arrow[Class]();
  return { data: arrow.makeData({ type, length, nullCount: 0, data }), inner };
}

/** FORMAT where Arrow has no such type. */
export function leafOf(source: ArrowSource, view: View): ArrowLeaf {
  const numbers = numbersOf(source, view);
  if (numbers !== null) return numbers;
  const data = structOf(source, view) ?? textOf(source, view);
  if (data !== null) return { data, inner: [] };
  throw new BufferError(
    'ERR_NBUF_FORMAT',
    `Arrow has no fixed-size type for elements of format '${view.format}': expected numbers, ` +
      "'?', 's' or records of them; copyFrom(view, { convert }) makes others of them",
  );
}

/** `length` lists of `size` entries each. */
export function listOf(
  arrow: Arrow,
  child: ArrowData,
  size: number,
  length: number,
): ArrowData {
  if (size > MAX_INT32)
    throw new BufferError(
      'ERR_NBUF_UNSUPPORTED',
      `a fixed-size list of ${size} entries: Arrow counts them in 32 bits; reshape the view`,
    );
  const type = new arrow.FixedSizeList(size, new arrow.Field('item', child.type, false));
  return arrow.makeData({ type, length, nullCount: 0, child });
}

/** A column in which the first `outer` axes are rows and each other one is a list. */
export function dataOf(source: ArrowSource, view: View, outer: number): ArrowData {
  const { data, inner } = leafOf(source, view);
  const shape = [...(view.shape as readonly number[]), ...inner];
  let made = data;
  for (let axis = shape.length - 1; axis >= outer; axis--) {
    const length = product(shape.slice(0, axis));
    made = listOf(source.arrow, made, shape[axis] as number, length);
  }
  return made;
}
