/** What writeFormat writes: the same elements to us, to NumPy and, where it can, to struct. */
import { calcsize, formatsEqual, parseFormat, writeFormat } from 'nbuf';
import { describe, expect, test } from 'vitest';
import { randomFormat } from './formats/grammar.ts';
import {
  type Case,
  committed,
  generate,
  hasPython,
  leavesOf,
  places,
} from './formats/leaves.ts';
import { createRandom, firstSeed, type Random } from './random.ts';

type Items = ReturnType<typeof parseFormat>['items'];

type Answer = {
  readonly numpy: { readonly itemsize: number; readonly leaves: Case['leaves'] } | null;
  readonly struct: number | null;
};
/** A text, and the itemsize for which it is written; 0 for its own. */
type Given = { readonly format: string; readonly itemsize: number };

const MANY_LEAVES = 2000;

function isAccepted(format: string): boolean {
  try {
    parseFormat(format);
    return true;
  } catch {
    return false;
  }
}

/** Formats without an itemsize, and with one that leaves room behind. */
function someFormats(random: Random, count: number): Given[] {
  const formats = Array.from({ length: count }, () => randomFormat(random));
  return formats.filter(isAccepted).map((format) => {
    const hasRoom = random.chance(0.3) && calcsize(format) < 2 ** 40;
    return { format, itemsize: hasRoom ? calcsize(format) + random.int(1, 9) : 0 };
  });
}

function sizeOf({ format, itemsize }: Given): number {
  return itemsize === 0 ? calcsize(format) : itemsize;
}

function written({ format, itemsize }: Given): string {
  return writeFormat(format, itemsize === 0 ? undefined : itemsize);
}

function treeOf({ format, itemsize }: Given): ReturnType<typeof parseFormat> {
  return parseFormat(format, itemsize === 0 ? undefined : itemsize);
}

/** At least the number of leaves, without making them: empty ones count too. */
function countLeaves(items: Items): number {
  return items.reduce((sum, item) => {
    const inner = item.type === 'T' ? Math.max(1, countLeaves(item.items ?? [])) : 1;
    return sum + inner * item.shape.reduce((all, extent) => all * Math.max(1, extent), 1);
  }, 0);
}

/** Ours: the same leaves, all padding written, and nothing more to say the second time. */
function checkOurs(given: Given): void {
  const text = written(given);
  const hint = `${JSON.stringify(given)} ${text}`;
  expect(calcsize(text), hint).toBe(sizeOf(given));
  expect(writeFormat(text), hint).toBe(text);
  if (sizeOf(given) > 0) expect(writeFormat(text, sizeOf(given)), hint).toBe(text);
  if (given.itemsize === 0)
    expect(formatsEqual(given.format, text, { names: true }), hint).toBe(true);
  const tree = treeOf(given);
  if (countLeaves(tree.items) > MANY_LEAVES) return;
  expect(places(leavesOf(parseFormat(text))), hint).toBe(places(leavesOf(tree)));
}

/** In records as NumPy has them, every item has a name, and none is of a type it refuses. */
function isForNumpy(items: Items): boolean {
  return items.every(({ type, name, items: inner }) =>
    type === 'T'
      ? name !== null && isForNumpy(inner ?? [])
      : name !== null && /^(?:[cbB?hHiIlLqQefdgsw]|Z[fdg])$/.test(type),
  );
}

function isRecordForNumpy({ items }: ReturnType<typeof parseFormat>): boolean {
  const [lone] = items;
  const isLone = items.length === 1 && lone?.shape.length === 0 && lone.offset === 0;
  return isLone && lone.type === 'T' && isForNumpy(lone.items ?? []);
}

/** How many of them NumPy and struct could judge. */
function checkOthers(given: readonly Given[]): { numpy: number; struct: number } {
  const all = given.filter((one) => countLeaves(treeOf(one).items) <= MANY_LEAVES);
  const texts = all.map(written);
  const answers: Answer[] = JSON.parse(
    generate('read_back.py', [], JSON.stringify(texts)),
  );
  const judged = { numpy: 0, struct: 0 };
  for (const [k, { numpy, struct }] of answers.entries()) {
    const one = all[k] as Given;
    const hint = `${JSON.stringify(one)} ${texts[k]}`;
    if (struct !== null) expect(struct, hint).toBe(sizeOf(one));
    judged.struct += Number(struct !== null);
    const tree = treeOf(one);
    // NumPy's own sizes end at 2^31, and wrap.
    const isTooLarge = sizeOf(one) >= 2 ** 31;
    if (isTooLarge || !isRecordForNumpy(tree) || numpy === null) continue;
    judged.numpy++;
    expect(numpy.itemsize, hint).toBe(sizeOf(one));
    expect(places(numpy.leaves), hint).toBe(places(leavesOf(tree)));
  }
  return judged;
}

const seed = firstSeed();
const hasOracle = hasPython('numpy');

describe('writeFormat', () => {
  for (const [which, count] of [
    [3118, 2000],
    [seed, 6000],
  ] as const)
    test(`says the same of ${count} formats with NBUF_SEED=${which}`, () => {
      const all = someFormats(createRandom(which), count);
      expect(all.length).toBeGreaterThan(count / 2);
      for (const given of all) checkOurs(given);
    });

  test.each([
    ['t0xt', 2],
    ['<3t0i5t', 2],
    ['3t0i5t', 5],
    ['3t0x0t5t', 2],
    ['T{t(0)xt}', 2],
    ['(2)T{7t0x8t}', 4],
    ['8t0xt', 2],
    ['tt', 1],
  ])("keeps the bytes in which the bits of '%s' are", (format, size) => {
    expect(calcsize(writeFormat(format))).toBe(size);
    checkOurs({ format, itemsize: 0 });
  });

  for (const name of ['ctypes', 'numpy', 'c_structs'])
    test(`says the same of the corpus of ${name}`, () => {
      const { cases }: { cases: Case[] } = JSON.parse(committed(name));
      const plain = cases.filter(({ itemsize, open }) => itemsize > 0 && open !== true);
      const all = plain.filter(({ marks = [] }) => marks.length === 0);
      expect(all.length).toBeGreaterThan(100);
      for (const given of all) checkOurs(given);
      if (!hasOracle) return;
      const { numpy } = checkOthers(all);
      // The others have pointers, or a long double in the other byte order.
      expect(numpy).toBeGreaterThan(all.length / 5);
    });

  test.runIf(hasOracle)(`is read by struct with NBUF_SEED=${seed}`, () => {
    const all = someFormats(createRandom(seed), 6000);
    expect(checkOthers(all).struct).toBeGreaterThan(100);
  });
});
