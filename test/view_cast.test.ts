/** cast, which has memoryview's rules, and what it refuses. */

import { execFileSync, spawnSync } from 'node:child_process';
import { acquire, BufferError, calcsize, HostArray, type View } from 'nbuf';
import { describe, expect, test } from 'vitest';

const PYTHON = process.env.NBUF_PYTHON ?? '/usr/bin/python3';
const hasOracle = spawnSync(PYTHON, ['-c', '']).status === 0;
const FORMATS = [...'cbB?hHiIlLqQnNfdP'];

function bytes(count: number): View {
  return acquire(
    HostArray.fromBytes(
      Uint8Array.from({ length: count }, (_, k) => k),
      {},
    ),
  );
}

function errorCode(use: () => unknown): string {
  try {
    use();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'none';
}

/** Python's answers to memoryview(bytes(n)).cast(a).cast(b, shape). */
const SCRIPT = `
import json, sys
def ask(n, a, b, shape):
    try:
        view = memoryview(bytes(k % 256 for k in range(n))).cast(a)
        view = view.cast(b) if shape is None else view.cast(b, shape)
        return [list(view.shape), view.itemsize, view.tobytes().hex()]
    except (TypeError, ValueError):
        return None
print(json.dumps([ask(*c) for c in json.load(sys.stdin)]))
`;

type Question = [size: number, from: string, to: string, shape: number[] | null];

function questions(): Question[] {
  const found: Question[] = [];
  for (const from of FORMATS)
    for (const to of FORMATS) {
      found.push([24, from, to, null], [24, from, to, [24 / calcsize(to)]]);
      found.push([24, from, to, [1, 24 / calcsize(to)]], [24, from, to, [2, 24]]);
      found.push([calcsize(from) * 3, from, to, null]);
    }
  return found;
}

describe('cast', () => {
  test.runIf(hasOracle)('grants and refuses what memoryview does', () => {
    const asked = questions();
    const input = JSON.stringify(asked);
    const answers = JSON.parse(
      execFileSync(PYTHON, ['-c', SCRIPT], { input }).toString(),
    );
    asked.forEach(([size, from, to, shape], k) => {
      const cast = (): unknown => {
        const view = bytes(size).cast(from);
        const made = shape === null ? view.cast(to) : view.cast(to, shape);
        return [made.shape, made.itemsize, Buffer.from(made.toBytes()).toString('hex')];
      };
      const message = JSON.stringify(asked[k]);
      if (answers[k] !== null) expect(cast(), message).toEqual(answers[k]);
      else expect(errorCode(cast), message).toMatch(/^ERR_(NBUF_FORMAT|OUT_OF_RANGE)$/);
    });
  });

  test('refuses two formats that are no bytes', () => {
    const view = bytes(8).cast('h');
    expect(errorCode(() => view.cast('i'))).toBe('ERR_NBUF_FORMAT');
    expect(errorCode(() => view.cast('2s'))).toBe('ERR_NBUF_FORMAT');
    expect(view.cast('<b').cast('>i').shape).toEqual([2]);
  });

  test('refuses what is not C-contiguous, and sizes that do not fit', () => {
    const view = bytes(8);
    const strided = view.slice([null, null, 2]);
    expect(errorCode(() => strided.cast('h'))).toBe('ERR_NBUF_CONTIGUITY');
    const transposed = view.reshape([2, 4]).transpose();
    expect(errorCode(() => transposed.cast('h'))).toBe('ERR_NBUF_CONTIGUITY');
    expect(errorCode(() => view.cast('d', [2]))).toBe('ERR_OUT_OF_RANGE');
    expect(errorCode(() => view.slice([0, 7]).cast('h'))).toBe('ERR_OUT_OF_RANGE');
    expect(errorCode(() => view.cast('k'))).toBe('ERR_NBUF_FORMAT');
    expect(errorCode(() => view.cast(5 as never))).toBe('ERR_INVALID_ARG_TYPE');
    expect(errorCode(() => view.cast('h', 4 as never))).toBe('ERR_INVALID_ARG_TYPE');
  });

  test('starts at any byte: alignment is no condition', () => {
    const view = bytes(9).slice([1, 9]).cast('<H', [2, 2]);
    expect(view.toArray()).toEqual([
      [0x201, 0x403],
      [0x605, 0x807],
    ]);
    expect(errorCode(() => view.typedArray())).toBe('ERR_NBUF_STRIDES');
  });

  test('shares the memory, keeps readonly, and takes 0-d and empty views', () => {
    using p = acquire(HostArray.allocate([], 'd'), { writable: true });
    const raw = p.cast('B');
    raw.set(6, 0xf0);
    raw.set(7, 0x3f);
    expect(p.get()).toBe(1);
    expect(raw.cast('d', []).shape).toEqual([]);
    expect(p.toReadonly().cast('B').readonly).toBe(true);
    expect(p.cast('B').slice([0, 0]).cast('d').shape).toEqual([0]);
    expect(p.cast('B').slice([0, 0]).cast('d', [0, 3]).shape).toEqual([0, 3]);
  });

  test('of a provider without shape: bytes', () => {
    using p = acquire(Float64Array.of(1, 2), 0);
    expect([p.shape, p.strides, p.format]).toEqual([null, null, null]);
    const doubles = p.cast('d');
    expect([doubles.shape, doubles.strides, doubles.format]).toEqual([[2], [8], 'd']);
    expect([...doubles]).toEqual([1, 2]);
    expect(() => p.cast('d').cast('q')).toThrow(BufferError);
  });
});
