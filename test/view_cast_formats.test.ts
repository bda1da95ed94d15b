/** cast between bytes and anything: memoryview's rules, N-d to M-d, records. */

import { execFileSync, spawnSync } from 'node:child_process';
import { acquire, calcsize, HostArray, type Selection, type View } from 'nbuf';
import { describe, expect, test } from 'vitest';
import { createRandom, firstSeed, type Random } from './random.ts';

const PYTHON = process.env.NBUF_PYTHON ?? '/usr/bin/python3';
const hasOracle = spawnSync(PYTHON, ['-c', '']).status === 0;

/**
 * memoryview casts 1-d to N-d and back, so that N-d to M-d are two of its casts; of several
 * axes it slices none, so that one of bytes is sliced first.
 */
const SCRIPT = `
import json, sys
def ask(size, step, a, first, b, second):
    try:
        view = memoryview(bytes(k % 251 for k in range(size)))[::step]
        view = view.cast(a, first).cast('B')
        if a[-1] not in 'Bbc' and b[-1] not in 'Bbc':
            return None
        view = view.cast(b, second)
        return [list(view.shape), list(view.strides), view.itemsize, view.tolist()]
    except (TypeError, ValueError):
        return None
print(json.dumps([ask(*c) for c in json.load(sys.stdin)], default=lambda c: c[0]))
`;

type Question = [
  size: number,
  step: number,
  from: string,
  first: number[],
  to: string,
  second: number[],
];

const FORMATS = [...'cbB?hHiIlLqQnNfd'].flatMap((format) => [format, `@${format}`]);

/** Mostly a shape of `total` elements; now and then another. */
function shapeOf(random: Random, total: number): number[] {
  const shape: number[] = [];
  let left = Math.floor(total);
  while (left > 1 && shape.length < 4) {
    const divisors = [1, 2, 3, 4, 6, 8].filter((extent) => left % extent === 0);
    const extent = random.pick(divisors);
    shape.push(extent);
    left /= extent;
  }
  shape.push(random.chance(0.15) ? left + random.int(1, 2) : left);
  return random.shuffle(shape);
}

function question(random: Random): Question {
  const size = random.pick([8, 16, 24, 48, 96]);
  const step = random.chance(0.1) ? random.pick([2, -1]) : 1;
  const isFirst = random.chance(0.45);
  const isSecond = random.chance(0.45);
  const from = isFirst ? random.pick(['B', 'b', 'c', '@B']) : random.pick(FORMATS);
  const to = isSecond ? random.pick(['B', 'b', 'c', '@c']) : random.pick(FORMATS);
  const first = shapeOf(random, size / calcsize(from));
  return [size, step, from, first, to, shapeOf(random, size / calcsize(to))];
}

/** As JSON prints Python's values. */
function spelled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(spelled);
  if (value instanceof Uint8Array) return value[0];
  return typeof value === 'bigint' ? Number(value) : value;
}

function bytes(count: number): View {
  const values = Uint8Array.from({ length: count }, (_, k) => k % 251);
  return acquire(HostArray.fromBytes(values, {}), { writable: true });
}

function answerOf([size, step, from, first, to, second]: Question): unknown {
  const range: Selection = [null, null, step];
  const view = bytes(size).slice(range).cast(from, first).cast(to, second);
  return [view.shape, view.strides, view.itemsize, spelled(view.toArray())];
}

const codes = /^ERR_(NBUF_FORMAT|NBUF_CONTIGUITY|OUT_OF_RANGE)$/;

function codeOf(use: () => unknown): string {
  try {
    use();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'none';
}

test.runIf(hasOracle)('grants, refuses and reads what memoryview does', () => {
  const seed = firstSeed();
  const random = createRandom(seed);
  const asked = Array.from({ length: 1500 }, () => question(random));
  const input = JSON.stringify(asked);
  const answers = JSON.parse(
    execFileSync(PYTHON, ['-c', SCRIPT], { input, maxBuffer: 2 ** 28 }).toString(),
  ) as unknown[];
  asked.forEach((given, k) => {
    const message = `NBUF_SEED=${seed} ${JSON.stringify(given)}`;
    if (answers[k] === null)
      expect(
        codeOf(() => answerOf(given)),
        message,
      ).toMatch(codes);
    else expect(answerOf(given), message).toEqual(answers[k]);
  });
  const granted = answers.filter((answer) => answer !== null).length;
  expect(granted).toBeGreaterThan(300);
  expect(asked.length - granted).toBeGreaterThan(300);
});

describe('from several axes to several', () => {
  test('where the view is contiguous', () => {
    const view = bytes(24).cast('B', [2, 3, 4]);
    const cast = view.cast('<h', [4, 3]);
    expect([cast.shape, cast.strides]).toEqual([
      [4, 3],
      [6, 2],
    ]);
    expect(cast.get(3, 2)).toBe(22 + 256 * 23);
    expect(cast.cast('c', [3, 8]).get(2, 7)).toEqual(Uint8Array.of(23));
    expect(view.cast('d').shape).toEqual([3]);
    expect(bytes(8).cast('d', []).ndim).toBe(0);
    expect(bytes(8).cast('d', []).cast('B', [2, 4]).get(1, 3)).toBe(7);
    expect(view.slice(1).cast('<i', [3]).get(0)).toBe(0x0f0e0d0c);
  });

  test('else CONTIGUITY', () => {
    const view = bytes(24).cast('B', [2, 3, 4]);
    for (const window of [
      view.transpose(),
      view.slice(':', [0, 2]),
      view.slice([null, null, -1]),
      view.slice(0, 0, 0).broadcastTo([4]),
    ])
      expect(codeOf(() => window.cast('<h'))).toBe('ERR_NBUF_CONTIGUITY');
  });

  test('memoryview refuses axes without elements; here they have bytes for none', () => {
    expect(bytes(0).cast('d').shape).toEqual([0]);
    expect(bytes(0).cast('d', [3, 0]).toArray()).toEqual([[], [], []]);
    expect(codeOf(() => bytes(0).cast('d', [1]))).toBe('ERR_OUT_OF_RANGE');
  });
});

describe('records', () => {
  const POINT = '<T{H:a:xT{B:c:(2)B:d:}:b:x}';

  test('from bytes and back, on the same memory', () => {
    const raw = bytes(21);
    const records = raw.cast(POINT);
    expect([records.shape, records.itemsize]).toEqual([[3], 7]);
    expect(records.get(1)).toEqual({ a: 0x0807, b: { c: 10, d: [11, 12] } });
    records.set(2, { a: 1, b: { c: 2, d: [3, 4] } } as never);
    expect([...raw.toBytes()].slice(14)).toEqual([1, 0, 16, 2, 3, 4, 20]);
    const back = records.cast('B');
    expect(back.toBytes()).toEqual(raw.toBytes());
    back.set(14, 9);
    expect(records.field('a').get(2)).toBe(9);
    expect(records.cast('b', [3, 7]).get(2, 0)).toBe(9);
    expect(bytes(42).cast(POINT, [2, 3]).get(1, 2)).toEqual(bytes(42).cast(POINT).get(5));
  });

  test('also lists, sub-arrays, and formats with padding at the end', () => {
    expect(bytes(6).cast('<hB').get(1)).toEqual([0x0403, 5]);
    expect(bytes(8).cast('<(2,2)B').get(1)).toEqual([
      [4, 5],
      [6, 7],
    ]);
    expect(bytes(16).cast('@T{i:a:b:b:}').shape).toEqual([2]);
    expect(bytes(10).cast('@ib').shape).toEqual([2]);
    expect(bytes(6).cast('3s').get(1)).toEqual(Uint8Array.of(3, 4, 5));
  });

  test('a field that is dense', () => {
    const view = bytes(14).cast(POINT);
    expect(view.slice(1).field('b.d').cast('<H', []).get()).toBe(11 + 256 * 12);
    expect(codeOf(() => view.field('b.d').cast('<H'))).toBe('ERR_NBUF_CONTIGUITY');
  });

  test('readonly stays readonly', () => {
    const view = bytes(14).toReadonly().cast(POINT);
    expect(view.readonly).toBe(true);
    expect(view.cast('B').readonly).toBe(true);
  });
});

describe('refuses', () => {
  test.each([
    ['T{i:a:}', 'T{f:b:}', undefined, 'ERR_NBUF_FORMAT'],
    ['T{B:a:}', 'T{b:b:}', undefined, 'ERR_NBUF_FORMAT'],
    ['i', '4s', undefined, 'ERR_NBUF_FORMAT'],
    ['2B', 'h', undefined, 'ERR_NBUF_FORMAT'],
    ['B', 'T{i', undefined, 'ERR_NBUF_FORMAT'],
    ['B', '', undefined, 'ERR_NBUF_FORMAT'],
    ['B', '0s', undefined, 'ERR_NBUF_FORMAT'],
    ['B', 'T{h:a:3s:b:}', undefined, 'ERR_OUT_OF_RANGE'],
    ['B', 'T{i:a:}', [3], 'ERR_OUT_OF_RANGE'],
    ['B', 'T{i:a:}', [-1], 'ERR_OUT_OF_RANGE'],
    ['B', 'T{i:a:}', [2.5], 'ERR_INVALID_ARG_TYPE'],
    ['B', 'T{i:a:}', 4, 'ERR_INVALID_ARG_TYPE'],
    ['B', 7, undefined, 'ERR_INVALID_ARG_TYPE'],
  ])('%j as %j, %j', (from, to, shape, code) => {
    const view = bytes(16).cast(from as string);
    expect(codeOf(() => view.cast(to as string, shape as number[]))).toBe(code);
  });
});
