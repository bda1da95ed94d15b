/** Formats, offsets and values as struct, ctypes, NumPy and a C compiler have them. */
import { acquire, calcsize, HostArray, parseFormat } from 'nbuf';
import { describe, expect, test } from 'vitest';
import {
  type Case,
  committed,
  generate,
  hasPython,
  type Leaf,
  leavesOf,
  meaningOf,
  places,
  type Spelled,
  valueAt,
} from './formats/leaves.ts';
import { firstSeed } from './random.ts';

const refusedFormat = expect.objectContaining({ code: 'ERR_NBUF_FORMAT' });

type StructCorpus = {
  readonly cases: Case[];
  readonly arrays: (Case & { readonly items: Spelled[] | Spelled[][] })[];
  readonly sizes: { readonly format: string; readonly size: number }[];
  readonly refused: string[];
};
type Corpus = { readonly cases: Case[] };

function arrayOf({ format, itemsize, hex = '' }: Case, shape: number[]): HostArray {
  const bytes = Buffer.from(hex, 'hex');
  return HostArray.fromBytes(bytes, { format, itemsize, shape });
}

function hasNoValue([, , , value]: Leaf): boolean {
  return value === null;
}

/** Every leaf of the element reads as the oracle says, and is written back as it was read. */
function checkValues(given: Case): void {
  if (given.itemsize === 0 || given.hex === undefined) return;
  using p = acquire(arrayOf(given, []));
  if (given.leaves.some(hasNoValue)) {
    expect(() => p.get(), given.format).toThrow(refusedFormat);
    return;
  }
  // Arrays of no objects: nothing to read.
  if (
    given.marks?.some((mark) => mark !== 'sole') ||
    parseFormat(given.format, given.itemsize).items.length === 0
  )
    return;
  const found = p.get();
  for (const [path, , , value] of given.leaves)
    expect(valueAt(found, path), `${given.format} ${path}`).toEqual(
      meaningOf(value ?? null),
    );
  const zeros = '00'.repeat(given.itemsize);
  using copy = acquire(arrayOf({ ...given, hex: zeros }, []), { writable: true });
  copy.set(found);
  expect(copy.get(), given.format).toEqual(found);
}

function placesOf(given: Case): string {
  const { format, itemsize } = given;
  return places(leavesOf(parseFormat(format, itemsize === 0 ? undefined : itemsize)));
}

function checkCase(given: Case): void {
  expect(placesOf(given), `${given.format} ${given.itemsize}`).toBe(places(given.leaves));
  checkValues(given);
}

/** Refused, or read within the element; what is read may be wrong, see docs/formats.md. */
function checkHidden({ format, itemsize }: Case): void {
  if (itemsize === 0) return;
  try {
    expect(parseFormat(format, itemsize).size).toBeLessThanOrEqual(itemsize);
  } catch (error) {
    expect(error, format).toEqual(refusedFormat);
  }
}

function checkStruct(corpus: StructCorpus): void {
  for (const given of corpus.cases) {
    expect(calcsize(given.format), given.format).toBe(given.itemsize);
    checkCase(given);
  }
  for (const given of corpus.arrays) {
    using p = acquire(arrayOf(given, [3]));
    const values = given.items.map((item) =>
      Array.isArray(item) ? item.map(meaningOf) : meaningOf(item as Spelled),
    );
    expect(p.toArray(), given.format).toEqual(values);
  }
  for (const { format, size } of corpus.sizes)
    expect(calcsize(format), format).toBe(size);
  for (const format of corpus.refused)
    expect(() => calcsize(format), JSON.stringify(format)).toThrow(refusedFormat);
}

/** ctypes does not tell everything; what it does tell must be right. */
function checkCtypes({ cases }: Corpus): void {
  for (const given of cases) {
    const marks = given.marks ?? [];
    const isHidden = marks.some((mark) => /union|packed|bits|inherited/.test(mark));
    if (isHidden) checkHidden(given);
    else if (marks.includes('text'))
      expect(() => placesOf(given), given.format).toThrow(refusedFormat);
    else if (given.format !== 'B') checkCase(given);
    else if (given.itemsize > 0) checkValues(given);
  }
}

/** Strides that the text leaves open are refused or guessed; all else must be right. */
function checkNumpy({ cases }: Corpus): void {
  for (const given of cases)
    if (given.open === true) checkHidden(given);
    else checkCase(given);
}

function checkC({ cases }: Corpus): void {
  for (const given of cases) {
    expect(calcsize(given.format), given.format).toBe(given.itemsize);
    const tree = parseFormat(given.format);
    expect(places(leavesOf(tree)), given.format).toBe(places(given.leaves));
    checkCase(given);
  }
}

const checks: readonly [
  name: string,
  script: string,
  count: number,
  check: (text: string) => void,
][] = [
  ['struct', 'struct_formats.py', 800, (text) => checkStruct(JSON.parse(text))],
  ['ctypes', 'ctypes_formats.py', 800, (text) => checkCtypes(JSON.parse(text))],
  ['numpy', 'numpy_formats.py', 800, (text) => checkNumpy(JSON.parse(text))],
  ['c_structs', 'c_structs.py', 200, (text) => checkC(JSON.parse(text))],
];

const seed = firstSeed();
const hasOracle = hasPython('numpy, _testbuffer, ctypes');

describe('formats as their writers mean them', () => {
  for (const [name, script, count, check] of checks) {
    test(`the committed corpus of ${name}`, () => check(committed(name)));

    test.runIf(hasOracle)(`fresh ones of ${name} with NBUF_SEED=${seed}`, () => {
      check(generate(script, ['--seed', `${seed}`, '--count', `${count}`]));
    });

    test.runIf(hasOracle)(`the corpus of ${name} is what its generator prints`, () => {
      expect(generate(script, []) === committed(name)).toBe(true);
    });
  }
});
