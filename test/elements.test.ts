/** Every single-element format against Python's struct and NumPy: test/corpus/elements.py. */

import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { acquire, calcsize, type ElementValue, HostArray, type View } from 'nbuf';
import { describe, expect, test } from 'vitest';
import { decodeLongDouble, encodeLongDouble } from '../lib/long_double.ts';
import { firstSeed } from './random.ts';

type Spelled =
  | number
  | boolean
  | { f: string }
  | { n: string }
  | { b: string }
  | { t: number[] }
  | { c: [Spelled, Spelled] };
type Case = { format: string; hex: string; value: Spelled; from?: Spelled };
type LongDouble = { kind: 'x87' | 'quad'; hex: string; value: Spelled; read?: true };
type Corpus = {
  sizes: Record<string, number | null>;
  halves: string;
  cases: Case[];
  reads: Case[];
  refused: { format: string; value: Spelled }[];
  longDoubles: LongDouble[];
};

const GENERATOR = fileURLToPath(new URL('corpus/elements.py', import.meta.url));
const CORPUS = new URL('corpus/elements.json', import.meta.url);
const PYTHON = process.env.NBUF_PYTHON ?? '/usr/bin/python3';
const hasOracle = spawnSync(PYTHON, ['-c', 'import numpy']).status === 0;

function valueFrom(spelled: Spelled): ElementValue {
  if (typeof spelled !== 'object') return spelled;
  if ('f' in spelled) return Buffer.from(spelled.f, 'hex').readDoubleBE();
  if ('n' in spelled) return BigInt(spelled.n);
  if ('b' in spelled) return Uint8Array.from(Buffer.from(spelled.b, 'hex'));
  if ('t' in spelled)
    return spelled.t.map((point) => String.fromCodePoint(point)).join('');
  const [re, im] = spelled.c.map(valueFrom) as [number, number];
  return { re, im };
}

/** One element in the middle of a block of 0xaa, at any distance from its start. */
function place(hex: string, format: string, offset: number): HostArray {
  const bytes = new Uint8Array(hex.length / 2 + offset + 5).fill(0xaa);
  bytes.set(Buffer.from(hex, 'hex'), offset);
  return HostArray.fromBytes(bytes, { shape: [], offset, format });
}

/** The whole block, to see that nothing beside the element was written. */
function blockOf(view: View): string {
  return Buffer.from(view.buffer).toString('hex');
}

function isNaNValue(value: ElementValue): boolean {
  return typeof value === 'number' && Number.isNaN(value);
}

function checkRead({ format, hex, value }: Case, offset: number): void {
  const expected = valueFrom(value);
  using p = acquire(place(hex, format, offset));
  expect(p.get()).toEqual(expected);
  expect(p.at()).toEqual(expected);
  expect(p.toArray()).toEqual(expected);
  expect([...p]).toEqual([expected]);
}

function checkWrite({ format, hex, value, from }: Case, offset: number): void {
  const given = valueFrom(from ?? value);
  if (isNaNValue(given)) return; // a NaN's bits are not compared
  const zeros = '00'.repeat(hex.length / 2);
  const expected = blockOf(acquire(place(hex, format, offset)));
  using set = acquire(place(zeros, format, offset), { writable: true });
  set.set(given);
  expect(blockOf(set)).toBe(expected);
  using filled = acquire(place(zeros, format, offset), { writable: true });
  filled.fill(given);
  expect(blockOf(filled)).toBe(expected);
}

function replay(corpus: Corpus): void {
  for (const [format, size] of Object.entries(corpus.sizes)) {
    // ctypes writes '<P'; struct has no size for it.
    if (size !== null) expect(calcsize(format), format).toBe(size);
    else if (!format.endsWith('P')) expect(() => calcsize(format), format).toThrow();
  }
  [...corpus.cases, ...corpus.reads].forEach((given, k) => {
    const isWritten = k < corpus.cases.length;
    try {
      for (const offset of [0, 1 + (k % 15), 16]) {
        checkRead(given, offset);
        if (isWritten) checkWrite(given, offset);
      }
    } catch (cause) {
      throw new Error(JSON.stringify(given), { cause });
    }
  });
  for (const { format, value } of corpus.refused) {
    using p = acquire(place('00'.repeat(calcsize(format)), format, 1), {
      writable: true,
    });
    const before = blockOf(p);
    for (const write of [() => p.set(valueFrom(value)), () => p.fill(valueFrom(value))])
      expect(write, JSON.stringify({ format, value })).toThrow(
        expect.objectContaining({ name: 'RangeError', code: 'ERR_OUT_OF_RANGE' }),
      );
    expect(blockOf(p)).toBe(before);
  }
}

/** lib/long_double.ts asks the processor for its kind; both are tested on every machine. */
function onProcessor<Result>(kind: 'x87' | 'quad', use: () => Result): Result {
  const arch = Object.getOwnPropertyDescriptor(process, 'arch') as PropertyDescriptor;
  Object.defineProperty(process, 'arch', {
    ...arch,
    value: kind === 'x87' ? 'x64' : 'arm64',
  });
  try {
    return use();
  } finally {
    Object.defineProperty(process, 'arch', arch);
  }
}

function replayLongDoubles(cases: readonly LongDouble[]): void {
  for (const { kind, hex, value, read } of cases)
    onProcessor(kind, () => {
      const stored = Uint8Array.from(Buffer.from(hex, 'hex'));
      const bytes = new Uint8Array(16);
      bytes.set(stored);
      expect(decodeLongDouble(bytes), hex).toBe(valueFrom(value));
      if (read) return;
      encodeLongDouble(valueFrom(value) as number, bytes.fill(0xff));
      expect(bytes.subarray(0, stored.length), hex).toEqual(stored);
      expect(bytes.subarray(stored.length).every((byte) => byte === 0)).toBe(true);
    });
}

/** As elements of this machine's format 'g', in both byte orders. */
function replayElements(cases: readonly LongDouble[]): void {
  const kind = process.arch === 'x64' ? 'x87' : 'quad';
  for (const { hex, value, read } of cases.filter((given) => given.kind === kind)) {
    const little = hex.padEnd(32, '0');
    const big = Buffer.from(little, 'hex').reverse().toString('hex');
    for (const given of [
      {
        format: 'Zg',
        hex: little + little,
        value: { c: [value, value] as [Spelled, Spelled] },
      },
      { format: '<g', hex: little, value },
      { format: '>g', hex: big, value },
    ]) {
      checkRead(given, 3);
      if (!read) checkWrite(given, 5);
    }
  }
}

/** All 65536 halves through an array in one byte order. */
function decodeHalves(format: 'e' | '<e' | '>e', order: 'LE' | 'BE'): Float64Array {
  const bytes = Buffer.alloc(65536 * 2);
  for (let bits = 0; bits < 65536; bits++)
    if (order === 'LE') bytes.writeUInt16LE(bits, bits * 2);
    else bytes.writeUInt16BE(bits, bits * 2);
  using p = acquire(HostArray.fromBytes(bytes, { format }));
  return Float64Array.from(p.toArray() as number[]);
}

function digest(values: Float64Array): string {
  const bytes = Buffer.alloc(values.length * 8);
  values.forEach((value, k) => {
    bytes.writeDoubleBE(value, k * 8);
    if (Number.isNaN(value)) bytes.write('7ff8000000000000', k * 8, 'hex');
  });
  return createHash('sha256').update(bytes).digest('hex');
}

const committed: Corpus = JSON.parse(readFileSync(CORPUS, 'utf8'));

describe('elements as struct and NumPy have them', () => {
  test('the corpus has every format of struct, complex numbers and characters', () => {
    const found = new Set(
      [...committed.cases, ...committed.reads].map(({ format }) =>
        format.replaceAll(/[@=<>!\d]/g, ''),
      ),
    );
    for (const type of [...'cbB?hHiIlLqQnNefdspPuw', 'Ze', 'Zf', 'Zd'])
      expect(found, type).toContain(type);
    expect(committed.cases.length).toBeGreaterThan(1000);
    expect(committed.refused.length).toBeGreaterThan(150);
  });

  test('reading and writing the committed corpus, at several alignments', () => {
    replay(committed);
  });

  test('all halves, in both byte orders', () => {
    expect(digest(decodeHalves('<e', 'LE'))).toBe(committed.halves);
    expect(digest(decodeHalves('>e', 'BE'))).toBe(committed.halves);
  });

  test('long doubles of x87 and binary128', () => {
    expect(committed.longDoubles.length).toBeGreaterThan(100);
    replayLongDoubles(committed.longDoubles);
  });

  test.runIf(calcsize('g') === 16)('long doubles as elements', () => {
    replayElements(committed.longDoubles);
  });
});

describe.runIf(hasOracle)('elements as this machine has them', () => {
  const seed = firstSeed();
  const generate = (args: readonly string[]): string =>
    execFileSync(PYTHON, [GENERATOR, ...args], { encoding: 'utf8', maxBuffer: 2 ** 26 });

  test(`fresh cases with NBUF_SEED=${seed}`, () => {
    const fresh: Corpus = JSON.parse(generate(['--seed', `${seed}`, '--count', '20']));
    replay(fresh);
    replayLongDoubles(fresh.longDoubles);
  });

  test('the committed corpus is what its generator prints', () => {
    expect(generate([]) === readFileSync(CORPUS, 'utf8')).toBe(true);
  });
});
