/** Random columns for the tests of apache-arrow, and its values as plain ones. */
import { acquire, calcsize, type ElementValue, HostArray, type View } from 'nbuf';
import { type Random, randomShape, randomStrides } from '../../../test/random.ts';

/** Numbers that Arrow shares. */
export const NUMBERS = [
  'b',
  'B',
  'h',
  'H',
  'i',
  'I',
  'q',
  'Q',
  'e',
  'f',
  'd',
  'l',
  '=L',
  'c',
];
/** What only a copy says. */
export const OTHERS = [
  '>i',
  '>d',
  '>Q',
  '?',
  'T{i:a:>d:b:}',
  'T{(2)h:x:?:y:T{f:u:}:z:3s:t:}',
  '=iq',
];

function extentOf(
  shape: readonly number[],
  strides: readonly number[],
  itemsize: number,
) {
  let [low, high] = [0, itemsize];
  if (!shape.includes(0))
    shape.forEach((extent, axis) => {
      const span = (extent - 1) * (strides[axis] as number);
      if (span < 0) low += span;
      else high += span;
    });
  return { low, high };
}

/** A view of random bytes in any layout, with at least one axis. */
export function randomView(
  random: Random,
  format: string,
  isPlain: boolean,
  rows: number = random.chance(0.05) ? 0 : random.int(1, 4),
): View {
  const itemsize = calcsize(format);
  const shape = [rows, ...randomShape(random, { maxNdim: 3, maxSize: 40 })];
  const strides = isPlain ? undefined : randomStrides(random, shape, itemsize);
  const { low, high } =
    strides === undefined
      ? { low: 0, high: shape.reduce((product, extent) => product * extent, itemsize) }
      : extentOf(shape, strides, itemsize);
  const pad = isPlain ? 0 : random.int(0, 9);
  const bytes = random.bytes(high - low + 2 * pad);
  const array = HostArray.fromBytes(bytes, { shape, strides, offset: pad - low, format });
  return acquire(array, { writable: true }) as View;
}

type Value = ElementValue | Value[];

/** nbuf's elements as Arrow has them: complex numbers are lists, and so are unnamed fields structs. */
export function expected(value: unknown, depth: number): unknown {
  if (depth > 0) return (value as unknown[]).map((each) => expected(each, depth - 1));
  return element(value as Value);
}

function element(value: unknown): unknown {
  if (value instanceof Uint8Array) return value.length === 1 ? value[0] : [...value];
  if (Array.isArray(value)) return value.map(element);
  if (typeof value !== 'object' || value === null) return value;
  if ('re' in value && 'im' in value) return [value.re, value.im];
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, element(each)]),
  );
}

/** A list of unnamed fields, which Arrow has as a struct. */
export function named(value: unknown, depth: number): unknown {
  if (depth > 0) return (value as unknown[]).map((each) => named(each, depth - 1));
  return Object.fromEntries((value as unknown[]).map((each, at) => [`f${at}`, each]));
}

/** Values of apache-arrow, of any depth. */
export function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value)) return [...(value as unknown as Iterable<unknown>)];
  if (Symbol.iterator in value && 'data' in value)
    return Array.from(value as Iterable<unknown>, plain);
  if (Array.isArray(value)) return value.map(plain);
  const json = 'toJSON' in value ? (value as { toJSON(): object }).toJSON() : value;
  return Object.fromEntries(
    Object.entries(json).map(([key, each]) => [key, plain(each)]),
  );
}

/** The code of what is thrown; 'none' where nothing is. */
export function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'none';
}

export function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing was thrown';
}

export function shapeOf(view: View): readonly number[] {
  return view.shape as readonly number[];
}

/** All axes but the rows. */
export function innerAxes(view: View): number[] {
  return shapeOf(view)
    .slice(1)
    .map((_, axis) => axis + 1);
}

/** What a field's metadata says, from the specification: axis i of a row is physical permutation[i]. */
export function logicalShape(said: {
  shape: number[];
  permutation?: number[];
}): unknown[] {
  return said.permutation?.map((axis) => said.shape[axis]) ?? said.shape;
}
