/** Request flags: all 256 words against CPython's answers, and bits that mean nothing. */

import { readFileSync } from 'node:fs';
import { acquire, Flags, HostArray, type Provider } from 'nbuf';
import { describe, expect, test } from 'vitest';

type Answer = {
  readonly flags: number[];
  readonly error?: string;
  readonly format: boolean;
  readonly shape: boolean;
  readonly strides: boolean;
  readonly ndim: number;
  readonly itemsize: number;
  readonly len: number;
  readonly readonly: number;
};
type Layout = {
  readonly name: string;
  readonly format: string;
  readonly itemsize: number;
  readonly readonly: number;
  readonly memory: number;
  readonly offset: number;
  readonly shape: number[];
  readonly strides: number[];
  readonly suboffsets: number[] | null;
  readonly answers: Answer[];
};

const CORPUS = new URL('corpus/negotiation.json', import.meta.url);
const layouts = (JSON.parse(readFileSync(CORPUS, 'utf8')).layouts as Layout[]).filter(
  (layout) => layout.suboffsets === null,
);

function arrayOf(layout: Layout): HostArray {
  return HostArray.fromBytes(new Uint8Array(layout.memory), {
    ...layout,
    readonly: layout.readonly === 1,
  });
}

/** Which fields are null and what the others say. An array without axes has empty ones. */
function fieldsOf(p: Provider): object {
  return {
    shape: p.shape !== null && p.shape.length > 0,
    strides: p.strides !== null && p.strides.length > 0,
    format: p.format !== null,
    ndim: p.ndim,
    itemsize: p.itemsize,
    len: p.byteLength,
    readonly: p.readonly ? 1 : 0,
  };
}

function codeOf(message: string, flags: number): string {
  if (message === 'ndarray is not writable') return 'ERR_NBUF_READONLY';
  if (/cast to unsigned bytes/.test(message)) return 'ERR_NBUF_FORMAT';
  const isDemand = [0x38, 0x58, 0x98].some((order) => (flags & order) === order);
  return isDemand ? 'ERR_NBUF_CONTIGUITY' : 'ERR_NBUF_STRIDES';
}

function expectAnswer(source: unknown, flags: number, answer: Answer): void {
  if (answer.error !== undefined) {
    const code = codeOf(answer.error, flags);
    expect(() => acquire(source, flags)).toThrow(expect.objectContaining({ code }));
    return;
  }
  const { shape, strides, format, ndim, itemsize, len, readonly } = answer;
  using p = acquire(source, flags);
  expect(fieldsOf(p)).toEqual({ shape, strides, format, ndim, itemsize, len, readonly });
}

/** All 256 words, and each again as a snapshot. */
function expectAnswers(layout: Layout, source: unknown): void {
  let count = 0;
  for (const answer of layout.answers)
    for (const flags of answer.flags)
      for (const word of [flags, flags | Flags.LAYOUT_SNAPSHOT]) {
        try {
          expectAnswer(source, word, answer);
        } catch (cause) {
          throw new Error(`${layout.name}, flags 0x${word.toString(16)}`, { cause });
        }
        count++;
      }
  expect(count).toBe(512);
}

describe('all 256 flag words as CPython answers them', () => {
  test('of HostArrays', () => {
    expect(layouts.length).toBeGreaterThan(60);
    for (const layout of layouts) {
      const array = arrayOf(layout);
      expectAnswers(layout, array);
      expect(array.locks).toEqual({ memory: 0, layout: 0 });
    }
  });

  test('of views', () => {
    for (const layout of layouts) {
      const array = arrayOf(layout);
      using p = acquire(array);
      expectAnswers(layout, p);
      expect(array.locks).toEqual({ memory: 1, layout: 1 });
    }
  });

  test('of views that were made readonly', () => {
    const readonly = layouts.filter((layout) => layout.readonly === 1);
    for (const layout of readonly) {
      using p = acquire(arrayOf({ ...layout, readonly: 0 }));
      expectAnswers(layout, p.toReadonly());
    }
  });
});

describe('unknown flags', () => {
  const known = 0x1fd | 0x10000 | 0x20000 | 0x40000;
  const sources: readonly (readonly [string, () => unknown])[] = [
    ['HostArray', () => HostArray.allocate([2])],
    ['view', () => acquire(HostArray.allocate([2])).slice([0, 1])],
    ['readonly view', () => acquire(HostArray.allocate([2])).toReadonly()],
    ['typed array', () => new Uint8Array(2)],
    ['SharedArrayBuffer', () => new SharedArrayBuffer(2)],
    ['exposed buffer', () => acquire(HostArray.allocate([2])).bytes()],
  ];
  test.each(sources)('are refused by a %s', (_name, make) => {
    const source = make();
    for (let bit = 0; bit < 32; bit++) {
      const flag = 2 ** bit;
      const word = flag + (flag === 0x10000 ? 0 : Flags.LAYOUT_SNAPSHOT) + Flags.ND;
      if (((known >>> bit) & 1) === 1) continue;
      expect(() => acquire(source, word), `0x${flag.toString(16)}`).toThrow(
        expect.objectContaining({ code: 'ERR_NBUF_UNSUPPORTED' }),
      );
    }
  });
});

describe('what was not requested', () => {
  test('without shape a provider is its bytes', () => {
    using p = acquire(HostArray.from([1, 2], '<H'), Flags.SIMPLE);
    expect([p.shape, p.strides, p.format]).toEqual([null, null, null]);
    expect([p.ndim, p.size, p.byteLength, p.itemsize]).toEqual([1, 4, 4, 2]);
    expect([...p]).toEqual([1, 0, 2, 0]);
    const part = p.slice([1, 3]);
    expect([part.shape, part.strides, part.format, part.itemsize]).toEqual([
      [2],
      [1],
      'B',
      1,
    ]);
  });

  test('without format its items are their first bytes, of the same itemsize', () => {
    using p = acquire(HostArray.from([1, 2], '<H'), Flags.ND);
    expect([p.shape, p.strides, p.format, p.itemsize]).toEqual([[2], null, null, 2]);
    expect([...p]).toEqual([1, 2]);
    expect(p.toBytes()).toEqual(Uint8Array.of(1, 0, 2, 0));
    expect(() => p.typedArray()).toThrow(
      expect.objectContaining({ code: 'ERR_NBUF_FORMAT' }),
    );
  });

  test('a writable exporter gives a writable provider to whoever asks', () => {
    using p = acquire(HostArray.allocate([1]), Flags.SIMPLE);
    expect(p.readonly).toBe(false);
    p.set(0, 5);
    expect(p.get(0)).toBe(5);
  });
});
