/** The core's parser against a slow model of the whole grammar, on random strings. */
import { parseFormat } from 'nbuf';
import { describe, expect, test } from 'vitest';
import { randomFormat, spoil } from './formats/grammar.ts';
import { isModelled, modelTree } from './formats/model.ts';
import { Refused } from './formats/model_place.ts';
import { createRandom, firstSeed } from './random.ts';

function byModel(text: string): unknown {
  try {
    return modelTree(text);
  } catch (error) {
    if (error instanceof Refused) return 'refused';
    throw error;
  }
}

function isFormatError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && error.code === 'ERR_NBUF_FORMAT';
}

/** Every refusal says where, and that place is in the text; only sizes have none. */
function checkMessage(message: string, text: string): void {
  const place = /position (\d+)$/.exec(message)?.[1];
  if (place === undefined) expect(message, text).toContain('less than 2^53 bytes');
  else expect(Number(place), `${text}: ${message}`).toBeLessThanOrEqual(text.length);
}

function byCore(text: string): unknown {
  try {
    return parseFormat(text);
  } catch (error) {
    if (!isFormatError(error)) throw error;
    checkMessage(error.message, text);
    return 'refused';
  }
}

/** How many were accepted. */
function compare(texts: readonly string[]): number {
  let accepted = 0;
  for (const text of texts) {
    const expected = byModel(text);
    const found = byCore(text);
    if (expected !== 'refused') accepted++;
    // toEqual on each of them would take most of the time.
    if (JSON.stringify(found) === JSON.stringify(expected)) continue;
    expect(found, JSON.stringify(text)).toEqual(expected);
  }
  return accepted;
}

/** Bytes that calcsize says, and offsets of the items of the outermost list or record. */
const ANCHORS: readonly [format: string, size: number, offsets: number[]][] = [
  // struct: padding between items only, and only in native order
  ['', 0, []],
  ['ib', 5, [0, 4]],
  ['bi', 8, [0, 4]],
  ['=bi', 5, [0, 1]],
  ['^bi', 5, [0, 1]],
  ['ib0i', 8, [0, 4, 8]],
  ['h0q', 8, [0, 8]],
  ['i 3h', 10, [0, 4]],
  ['b3xb', 5, [0, 4]],
  // C: records are aligned, and padded at the end, by the order in force at the brace
  ['T{ib}', 8, [0, 4]],
  ['T{bi}b', 9, [0, 8]],
  ['bT{bi}', 12, [0, 4]],
  ['bT{bi^}', 9, [0, 1]],
  ['T{i:a:<b:b:}', 5, [0, 4]],
  ['T{@i:a:T{<h:x:}:n:b:b:}', 7, [0, 4, 6]],
  ['(2)T{hb}', 8, [0]],
  ['b(2,3)hb', 15, [0, 2, 14]],
  // order characters on either side of the shape, and out of records
  ['<(2)ib', 9, [0, 8]],
  ['(2)<ib', 9, [0, 8]],
  ['T{b<}i', 5, [0, 1]],
  ['b<i@i', 12, [0, 1, 8]],
  // lengths are not counts
  ['b3sh', 6, [0, 1, 4]],
  ['b2wb', 13, [0, 4, 12]],
  ['2Zf', 16, [0]],
  // pointers are native in every order; what they point at takes no place
  ['b&T{<q:a:}', 16, [0, 8]],
  ['<b&dP', 17, [0, 1, 9]],
  ['bX{{i:}}b', 17, [0, 8, 16]],
  // bits share bytes until something else comes
  ['ttt', 1, [0, 0, 0]],
  ['5t5tb', 3, [0, 0, 2]],
  ['8ttb', 3, [0, 1, 2]],
  ['T{t}t', 2, [0, 1]],
  ['bg', 32, [0, 16]],
];

const REFUSED: readonly string[] = [
  ...['i3 h', '3 i', '()i', '(2,)i', '(,2)i', '(2', '(2)', '2(2)i', '3', '-1i', '1.i'],
  ...['T', 'T{', 'T{i', 'T{i}}', '}', 'T i', 'T {i}', '{i}', 'X', 'Xi', 'X{', 'X{{}'],
  ...['&', 'T{&}', '&}', 'i:', 'i:a', 'i::', ':a:', 'i:a::b:', '&i:a::b:', 'i:a:i:a:'],
  ...['T{i:a:b:a:}', 'Z', 'Zi', 'ZZd', 'Z2d', '2Z', '<n', '=N', '!n', '>T{n}', 'z', '<z'],
  ...['[bfloat16]', '[$bfloat16]', '[x$]', '[x$y]', '[x$bfloat16', '[x bfloat16]'],
];

describe.runIf(isModelled)('without the model', () => {
  test.each(ANCHORS)("'%s' has %i bytes", (format, size, offsets) => {
    const { items, itemsize } = parseFormat(format);
    const [lone] = items;
    const isRecord = items.length === 1 && lone?.type === 'T' && offsets.length > 1;
    expect(itemsize).toBe(size);
    expect((isRecord ? (lone.items ?? []) : items).map(({ offset }) => offset)).toEqual(
      offsets,
    );
  });

  test.each(REFUSED)("'%s' is refused", (format) => {
    expect(byCore(format)).toBe('refused');
    expect(byModel(format)).toBe('refused');
  });
});

const fresh = firstSeed();

describe.runIf(isModelled)('the model and the core agree about', () => {
  for (const [seed, count] of [
    [3118, 3000],
    [fresh, 12_000],
  ] as const) {
    test(`${count} formats with NBUF_SEED=${seed}`, () => {
      const random = createRandom(seed);
      const texts = Array.from({ length: count }, () => randomFormat(random));
      expect(compare(texts)).toBeGreaterThan(count / 2);
    });

    test(`${count} spoiled formats with NBUF_SEED=${seed}`, () => {
      const random = createRandom(seed ^ 0x5a5a);
      const texts = Array.from({ length: count }, () =>
        spoil(random, randomFormat(random)),
      );
      const accepted = compare(texts);
      expect(accepted).toBeGreaterThan(count / 20);
      expect(count - accepted).toBeGreaterThan(count / 4);
    });
  }
});
