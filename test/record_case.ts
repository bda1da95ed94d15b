/** Random records as a format, as a dtype, and NumPy's answers about them. */
import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Random } from './random.ts';

const SCRIPT = fileURLToPath(new URL('corpus/records.py', import.meta.url));
const PYTHON: string = process.env.NBUF_PYTHON ?? '/usr/bin/python3';

export const hasNumpy: boolean =
  spawnSync(PYTHON, ['-c', 'import numpy, sys; assert sys.version_info >= (3, 9)'])
    .status === 0;

/** Answers in the order of the questions; each begins with a mode of corpus/records.py. */
export function askNumpy<Answer>(questions: readonly unknown[]): Answer[] {
  const input = JSON.stringify(questions);
  const output = execFileSync(PYTHON, [SCRIPT], { input, maxBuffer: 2 ** 29 });
  return JSON.parse(output.toString());
}

/** As corpus/records.py takes it. */
export type Dtype =
  | string
  | [Dtype, number[]]
  | { names: string[]; formats: Dtype[]; offsets: number[]; itemsize: number };

/** Any part of a dtype: `paths` lead to the fields in it, inner ones too. */
type Part = { dtype: Dtype; format: string; size: number; paths: string[][] };

/** A record. */
export type RecordCase = Part;

const SIMPLE: readonly (readonly [dtype: string, format: string, size: number])[] = [
  ['b1', '?', 1],
  ['i1', 'b', 1],
  ['u1', 'B', 1],
  ['i2', 'h', 2],
  ['u2', 'H', 2],
  ['i4', 'i', 4],
  ['u4', 'I', 4],
  ['i8', 'q', 8],
  ['u8', 'Q', 8],
  ['f2', 'e', 2],
  ['f4', 'f', 4],
  ['f8', 'd', 8],
  ['c8', 'Zf', 8],
  ['c16', 'Zd', 16],
  ['S3', '3s', 3],
  ['U2', '2w', 8],
  ['V3', '3x', 3],
];
const NAMES = [
  ...['a', 'b', 'x y', 'é', '€', '中', '\u{1f600}', 'a.b', '0', 'f0', "it's", '{}'],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'length', 'then'],
];
const SHAPES = [[], [], [], [2], [1], [3], [2, 3], [1, 2, 1]];

function simple(random: Random): Part {
  const [dtype, format, size] = random.pick(SIMPLE);
  const order = random.pick(['<', '>']);
  return { dtype: order + dtype, format: order + format, size, paths: [] };
}

function pad(bytes: number): string {
  return bytes === 0 ? '' : `${bytes}x`;
}

function field(random: Random, depth: number): Part {
  const isRecord = depth < 3 && random.chance(0.3);
  const part = isRecord ? randomRecord(random, depth + 1) : simple(random);
  const shape = random.pick(SHAPES);
  if (shape.length === 0) return part;
  const size = shape.reduce((product, extent) => product * extent, part.size);
  const format = `(${shape})${part.format}`;
  return { dtype: [part.dtype, shape], format, size, paths: part.paths };
}

/** Gaps between fields and at the end; every byte order is written out. */
export function randomRecord(random: Random, depth = 0): RecordCase {
  const names = random.shuffle(NAMES).slice(0, random.pick([1, 2, 3, 3, 5]));
  const parts = names.map(() => field(random, depth));
  const offsets: number[] = [];
  let at = 0;
  let text = '';
  parts.forEach((part, k) => {
    const gap = random.pick([0, 0, 1, 2, 5]);
    offsets.push(at + gap);
    at += gap + part.size;
    text += `${pad(gap)}${part.format}:${names[k]}:`;
  });
  const end = random.pick([0, 0, 1, 3]);
  const itemsize = at + end;
  const paths = parts.flatMap((part, k) => {
    const name = names[k] as string;
    return [[name], ...part.paths.map((path) => [name, ...path])];
  });
  const formats = parts.map((part) => part.dtype);
  return {
    dtype: { names, formats, offsets, itemsize },
    format: `<T{${text}${pad(end)}}`,
    size: itemsize,
    paths,
  };
}

/** What corpus/npy_records.py's sliced() does with one array. */
export type Step = { slice: (number | null)[][] } | { transpose: number[] };

/** Slices with steps of both signs, and axes in any order. */
export function randomSteps(random: Random, shape: readonly number[]): Step[] {
  const slices = shape.map((extent) => {
    const start = random.pick([null, 0, random.int(-extent, extent - 1)]);
    const step = random.pick([1, 1, 2, -1, -2]);
    return [start, null, step];
  });
  const axes = random.shuffle(shape.map((_, axis) => axis));
  return [{ slice: slices }, { transpose: axes }];
}
