/** Columns of Arrow whose objects lie, or are larger than what they stand for. */
import { acquire, HostArray } from 'nbuf';
import { fromArrow, toArrow } from 'nbuf/interop';
import { expect, test } from 'vitest';
import { codeOf } from './cases.ts';

const int8 = { typeId: 2, bitWidth: 8, isSigned: true };
const bool = { typeId: 6 };
const field = (type: object, name = 'item') => ({ name, type, metadata: null });
const struct = (...types: object[]) => ({
  typeId: 13,
  children: types.map((type, at) => field(type, `f${at}`)),
});
const copy = { copy: 'if-needed', fill: 1 } as const;

/** A typed array that says of itself what is not true. */
function lying(said: Record<string, unknown>): Uint8Array {
  const bytes = new Uint8Array(8);
  for (const [name, value] of Object.entries(said))
    Object.defineProperty(bytes, name, { value });
  return bytes;
}

test('sizes are those that the engine knows', () => {
  const values = lying({ byteLength: 2 ** 40 });
  const length = 2 ** 40;
  expect(codeOf(() => fromArrow({ type: int8, length, values }, copy))).toBe('BOUNDS');
  expect(codeOf(() => fromArrow({ type: bool, length, values }, copy))).toBe('BOUNDS');
  const nulls = { type: bool, length, values, nullCount: 1, nullBitmap: values };
  expect(codeOf(() => fromArrow(nulls, copy))).toBe('BOUNDS');
  for (const said of [{ byteOffset: 9 }, { buffer: new ArrayBuffer(1) }]) {
    const bits = lying(said);
    bits[0] = 0b101;
    const p = fromArrow({ type: bool, length: 3, values: bits }, copy);
    expect(p.toArray()).toEqual([true, false, true]);
  }
});

test('nulls are counted without a list of them', () => {
  const length = 2 ** 27;
  const nullBitmap = new Uint8Array(length / 8);
  const column = { type: struct(), length, nullCount: length, nullBitmap };
  expect(() => fromArrow(column)).toThrow(`${length} nulls`);
});

test('types that share their children', () => {
  let type: object = int8;
  for (let depth = 0; depth < 40; depth++) type = struct(type, type);
  const column = { type, length: 0, children: [] };
  expect(codeOf(() => fromArrow(column, copy))).toBe('FORMAT');
});

test('what was transferred is DETACHED, and no copy helps', () => {
  const values = new Int8Array(4);
  structuredClone(values.buffer, { transfer: [values.buffer] });
  expect(codeOf(() => fromArrow({ type: int8, length: 4, values }))).toBe('DETACHED');
  const text = new Uint8Array(4);
  const view = acquire(text).cast('2s');
  structuredClone(text.buffer, { transfer: [text.buffer] });
  class Any {}
  const arrow = { makeData: () => ({}), FixedSizeBinary: Any, Field: Any, Vector: Any };
  const make = () => toArrow(view as never, arrow as never);
  expect(codeOf(make)).toBe('DETACHED');
  expect(make).not.toThrow('if-needed');
});

test('text of 16 bits has no type', () => {
  const arrow = { makeData: () => ({}) };
  const text = acquire(HostArray.allocate([2], 'u'));
  expect(codeOf(() => toArrow(text as never, arrow as never))).toBe('FORMAT');
});

test('a copy says so, and takes no writing that would be lost', () => {
  const chunk = { type: int8, length: 2, values: Int8Array.of(1, 2) };
  const column = { data: [chunk, chunk] };
  const joined = fromArrow(column, copy);
  expect([joined.copied, joined.toArray()]).toEqual([true, [1, 2, 1, 2]]);
  expect([...(joined.typedArray() as Int8Array)]).toEqual([1, 2, 1, 2]);
  joined.release();
  expect(codeOf(() => fromArrow(column, { ...copy, writable: true }))).toBe('READONLY');
  const one = fromArrow({ data: [chunk] }, { ...copy, writable: true });
  one.set(0, 9);
  expect([one.copied, chunk.values[0]]).toEqual([false, 9]);
});
