import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BufferError } from '../lib/errors.ts';
import {
  extent,
  index,
  isContiguous,
  isEmpty,
  type Layout,
  makeLayout,
  transpose,
} from '../lib/layout.ts';
import { broadcastTo, reshape } from '../lib/reshape.ts';
import { slice } from '../lib/selection.ts';
import { compile, includeDirectory, root } from './compiler.ts';
import {
  createRandom,
  firstSeed,
  type Random,
  randomLayout,
  randomReshape,
  randomSelection,
} from './random.ts';

const MAX = Number.MAX_SAFE_INTEGER;

type Question = {
  readonly op: string;
  readonly layout: Layout;
  readonly args: readonly unknown[];
};
type Answer = Readonly<Record<string, unknown>>;

/** What both lib/ and the core can do; `fits` asks for the bounds check. */
const OPERATIONS: Record<string, (layout: Layout, args: readonly unknown[]) => Answer> = {
  slice: (layout, args) => canonical(slice(layout, args)),
  at: (layout, args) =>
    canonical(makeLayout([], [], index(layout, args, true), layout.itemsize)),
  transpose: (layout, args) => canonical(transpose(layout, args)),
  reshape: (layout, args) => canonical(reshape(layout, args)),
  broadcast: (layout, args) => canonical(broadcastTo(layout, args)),
  contiguous: (layout, args) => ({
    contiguous: isContiguous(layout, args[0] as 'C' | 'F' | 'A'),
  }),
  fits: (layout, [blockSize]) => {
    const { low, high } = extent(layout);
    return { fits: low >= 0 && high <= (blockSize as number) };
  },
};

/**
 * Strides that nothing steps along are 0, as in the corpus. The level of an axis that nothing
 * steps along is anyone's choice.
 */
function canonical(layout: Omit<Layout, 'itemsize'>): Answer {
  const { shape, strides, offset, levels } = layout;
  const isStepped = (axis: number): boolean => !isEmpty(shape) && shape[axis] !== 1;
  const steps = strides.map((stride, axis) => (isStepped(axis) ? stride : 0));
  if (!levels) return { shape, strides: steps, offset };
  const axis = levels.axis.map((level, k) => (isStepped(k) ? level : -1));
  return { shape, strides: steps, offset, axis, post: levels.post };
}

function askLib({ op, layout, args }: Question): Answer | undefined {
  try {
    return OPERATIONS[op]?.(layout, args);
  } catch (error) {
    if (error instanceof BufferError)
      return { error: error.code.slice('ERR_NBUF_'.length) };
    if (error instanceof RangeError) return { error: 'OUT_OF_RANGE' };
    throw error;
  }
}

// ---- the line format of test/native/layout_tool.cc ----

/** Every digit, also beyond 2^53. */
function digits(value: unknown): string {
  return typeof value === 'number' ? BigInt(value).toString() : '-';
}

function selectionWords(item: unknown): string {
  if (typeof item === 'number') return `i ${digits(item)}`;
  if (item === null) return ':';
  if (!Array.isArray(item)) return String(item);
  return `r ${[0, 1, 2].map((k) => digits(item[k])).join(' ')}`;
}

function lineOf({ op, layout, args }: Question): string {
  const { shape, strides, offset, itemsize } = layout;
  const { axis, post } = layout.levels ?? { axis: [], post: [] };
  const words = op === 'slice' ? args.map(selectionWords) : args.map(String);
  const levels = [post.length + 1, ...axis, ...post];
  const numbers = [shape.length, ...shape, ...strides, offset, itemsize, ...levels];
  return [op, ...numbers, ...words].join(' ');
}

function parseAnswer(line: string, op: string): Answer {
  const [word, ...rest] = line.split(' ');
  if (word === 'yes' || word === 'no') return { [op]: word === 'yes' };
  if (word === 'error') return { error: rest[0]?.replace(/^ERR_(NBUF_)?/, '') };
  const [ndim = 0, ...numbers] = rest.map(Number);
  const [offset = Number.NaN, count = 1, ...behind] = numbers.slice(2 * ndim);
  const levels = { axis: behind.slice(0, ndim), post: behind.slice(ndim) };
  expect(count === 1 || levels.post.length === count - 1).toBe(true);
  return canonical({
    shape: numbers.slice(0, ndim),
    strides: numbers.slice(ndim, 2 * ndim),
    offset,
    levels: count === 1 ? null : levels,
  });
}

/** lib/ ends at 2^53 where the core counts to 2^63. */
function asLib(answer: Answer, { op, layout }: Question): Answer {
  if (op !== 'broadcast' && op !== 'reshape') return answer;
  const extents = (answer.shape ?? []) as number[];
  const bytes = extents.reduce((a, b) => a * (b || 1), layout.itemsize);
  return bytes > MAX ? { error: 'OUT_OF_RANGE' } : answer;
}

const directory: string = mkdtempSync(join(tmpdir(), 'nbuf-layout-'));
const tool: string = join(directory, 'layout_tool');

function askCore(questions: readonly Question[]): Answer[] {
  const input = questions.map((question) => `${lineOf(question)}\n`).join('');
  const { status, stdout, stderr } = spawnSync(tool, {
    input,
    encoding: 'utf8',
    maxBuffer: 2 ** 27,
  });
  expect(status, stderr).toBe(0);
  const lines = stdout.trimEnd().split('\n');
  expect(lines.length).toBe(questions.length);
  return lines.map((line, k) => parseAnswer(line, questions[k]?.op ?? ''));
}

// ---- random questions, a part of them absurd ----

/** Without elements every stride will do, and beside a 0 every extent. */
function absurdEmpty(random: Random): Layout {
  const shape = random.shuffle([0, random.pick([3, 2 ** 50]), random.pick([1, 2, 3])]);
  const strides = shape.map(() => random.pick([0, 1, -8, 2 ** 40, -(2 ** 52), MAX]));
  return makeLayout(shape, strides, random.int(0, 9), 1);
}

function someSelection(random: Random, shape: readonly number[]): unknown[] {
  const items: unknown[] = randomSelection(random, shape);
  if (random.chance(0.2))
    items.splice(random.int(0, items.length), 0, random.pick([0, -1, ':', '...', null]));
  if (random.chance(0.1))
    items.push(random.pick(['newaxis', [0, MAX, MAX], [null, null, 0], [-MAX, 2, -MAX]]));
  if (shape.length > 60) items.splice(random.int(0, items.length), 0, 'newaxis');
  return items;
}

function someTarget(random: Random, shape: readonly number[]): number[] {
  const target = shape.map((n) =>
    n === 1 || random.chance(0.03) ? random.int(0, 3) : n,
  );
  const added = random.pick([0, 0, 1, 2, 64 - shape.length]);
  for (let k = 0; k < added; k++) target.unshift(random.int(1, 1 + Number(added < 3)));
  if (random.chance(0.03)) target[0] = random.pick([-1, 2 ** 53 - 1]);
  return random.chance(0.05) ? target.slice(1) : target;
}

function someShape(random: Random, { shape }: Layout): number[] {
  const size = shape.reduce((a, b) => a * b, 1);
  const target = size > 1000 ? [size] : randomReshape(random, size);
  if (random.chance(0.1)) target.push(random.pick([1, 1, 2, 0, -1, -2, 2 ** 52]));
  if (random.chance(0.03)) while (target.length <= 64) target.push(1);
  return target;
}

function someAxes(random: Random, ndim: number): number[] {
  const axes = random.shuffle(Array.from({ length: ndim }, (_, k) => k));
  const given = axes.map((axis) => (random.chance(0.3) ? axis - ndim : axis));
  if (ndim > 0 && random.chance(0.1)) given[0] = random.int(-ndim - 1, ndim);
  return random.chance(0.05) ? [...given, 0] : given;
}

/** Any levels: the algebra follows no pointer. */
function withLevels(random: Random, layout: Layout): Layout {
  const { shape, strides, offset, itemsize } = layout;
  const post = Array.from({ length: random.int(1, 3) }, () => random.int(-99, 99));
  const axis = shape.map(() => random.int(0, post.length));
  if (random.chance(0.6)) axis.sort((a, b) => a - b);
  return makeLayout(shape, strides, offset, itemsize, { axis, post });
}

/** Those that lib/ has for direct layouts only. */
const DIRECT_ONLY: readonly string[] = ['at', 'contiguous', 'fits'];

function someQuestion(random: Random): Question {
  const { layout: direct, blockSize } = random.chance(0.05)
    ? { layout: absurdEmpty(random), blockSize: 9 }
    : randomLayout(random);
  const { shape } = direct;
  const op = random.pick(['slice', 'slice', ...Object.keys(OPERATIONS)]);
  const isDirect = DIRECT_ONLY.includes(op) || random.chance(0.6);
  const layout = isDirect ? direct : withLevels(random, direct);
  const args: Record<string, () => unknown[]> = {
    slice: () => someSelection(random, shape),
    at: () => shape.map((n) => random.int(-n - Number(random.chance(0.02)), n - 1)),
    transpose: () => someAxes(random, shape.length),
    reshape: () => someShape(random, layout),
    broadcast: () => someTarget(random, shape),
    contiguous: () => [random.pick(['C', 'F', 'A'])],
    fits: () => [Math.max(0, blockSize + random.pick([0, 0, 0, -1, -2, -blockSize]))],
  };
  return { op, layout, args: args[op]?.() ?? [] };
}

/** Neither side may answer as if by chance: each operation succeeds and fails often. */
function expectVariety(questions: readonly Question[], answers: readonly Answer[]): void {
  for (const op of Object.keys(OPERATIONS)) {
    const mine = answers.filter((_, k) => questions[k]?.op === op);
    const bad = mine.filter((a) => 'error' in a || a[op] === false);
    expect(bad.length, op).toBeGreaterThan(10);
    expect(mine.length - bad.length, op).toBeGreaterThan(100);
  }
}

beforeAll(() => {
  const core = join(root, 'native/core');
  const sources = [
    'layout_algebra.cc',
    'layout.cc',
    'format_layout.cc',
    'format_names.cc',
    'format_numpy.cc',
    'format_parse.cc',
    'format_types.cc',
  ].map((name) => join(core, name));
  const include = [`-I${includeDirectory}`, `-I${join(root, 'native')}`];
  const main = join(root, 'test/native/layout_tool.cc');
  const check = ['-fsanitize=undefined', '-fno-sanitize-recover=all'];
  const options = ['-O1', ...check, ...include, ...sources, main, '-o', tool];
  expect(compile('c++17', options)).toBe('');
});

afterAll(() => rmSync(directory, { recursive: true }));

describe('the layout algebra of the core', () => {
  test('answers as CPython and NumPy do', () => {
    const corpus = new URL('corpus/layout.json', import.meta.url);
    const all: (Question & { result: Answer })[] = JSON.parse(
      readFileSync(corpus, 'utf8'),
    );
    // Casts to another item size are lib/'s alone.
    const cases = all.filter(({ op }) => op in OPERATIONS);
    expect(cases.length).toBeGreaterThan(1200);
    const answers = askCore(cases);
    cases.forEach((given, k) => {
      expect(answers[k], JSON.stringify(given)).toEqual(given.result);
    });
  });

  const seed = firstSeed();
  test(`answers as lib/ does, with NBUF_SEED=${seed}`, () => {
    const random = createRandom(seed);
    const questions = Array.from({ length: 20_000 }, () => someQuestion(random));
    const answers = askCore(questions);
    expectVariety(questions, answers);
    questions.forEach((question, k) => {
      const answer = asLib(answers[k] as Answer, question);
      expect(answer, JSON.stringify(question)).toEqual(askLib(question));
    });
  });

  test('gives back an axis before it adds one', () => {
    const shape = Array.from({ length: 64 }, () => 1);
    const layout = makeLayout(shape, shape, 0, 1);
    const [full, over] = [
      { op: 'slice', layout, args: ['newaxis', 0] },
      { op: 'slice', layout, args: ['newaxis', 0, 'newaxis'] },
    ];
    const answers = askCore([full, over] as Question[]);
    expect(answers[0]).toEqual(askLib(full as Question));
    expect(answers[0]).toHaveProperty('shape', shape);
    expect(answers[1]).toEqual({ error: 'OUT_OF_RANGE' });
  });
});
