/** PEP 3118's request words over a known layout: what each must be granted. Pure. */
import type { Snapshot } from './raw.ts';
import { hex } from './rules_fields.ts';
import { packedStrides, walkOf } from './rules_inside.ts';

export const WRITABLE = 0x1;
export const FORMAT = 0x4;
export const ND = 0x8;
export const STRIDES = 0x18;
export const INDIRECT = 0x118;
export const FULL_RO = 0x11c;
export const SNAPSHOT = 0x10000;
export const LEVELS = 0x20000;
export const PINNED = 0x40000;
/** Every request flag that nbuf.h knows. */
export const KNOWN: number = 0x1fd | SNAPSHOT | LEVELS | PINNED;

export const READONLY_FLAG = 1;
export const BORROWED_FLAG = 2;
export const ENV_BOUND_FLAG = 4;

/** NBUF_STATUS_LIST; index: the status. */
export const STATUSES: readonly string[] = [
  'OK',
  'LOCKED',
  'READONLY',
  'CONTIGUITY',
  'SUBOFFSETS',
  'STRIDES',
  'FORMAT',
  'BOUNDS',
  'RELEASED',
  'DETACHED',
  'EXTERNAL_FORBIDDEN',
  'NOT_EXPORTER',
  'ABI',
  'NOMEM',
  'IO',
  'UNSUPPORTED',
  'INVALID_ARG_TYPE',
  'OUT_OF_RANGE',
];

export function statusName(status: number): string {
  return STATUSES[status] ?? `the unknown status ${status}`;
}

/** All 256 words over the bits of PEP 3118. */
export const WORDS: readonly number[] = Array.from({ length: 0x200 }, (_, k) => k).filter(
  (word) => (word & 2) === 0,
);

/** All bits that no request flag has: refused, alone and beside others. */
export const UNKNOWN: readonly number[] = Array.from(
  { length: 32 },
  (_, k) => (1 << k) >>> 0,
).filter((bit) => (bit & KNOWN) === 0);

/** What a layout is, as far as requests go. */
export type Facts = {
  readonly isC: boolean;
  readonly isF: boolean;
  readonly isIndirect: boolean;
  /** PEP 3118's suboffsets can say it. */
  readonly isClassic: boolean;
  readonly isReadonly: boolean;
  readonly isBorrowed: boolean;
};

/** PyBuffer_IsContiguous: strides of an axis with less than two elements do not count. */
function steps(
  shape: readonly bigint[],
  strides: readonly bigint[],
  expected: readonly bigint[],
): boolean {
  if (shape.includes(0n)) return true;
  return shape.every((extent, k) => extent < 2n || strides[k] === expected[k]);
}

function isClassic(axis: readonly number[], post: readonly bigint[]): boolean {
  const isInOrder = axis.every((level, k) => k === 0 || level >= (axis[k - 1] ?? 0));
  return isInOrder && post.every((offset, level) => offset >= 0n && axis.includes(level));
}

/** Of what FULL_RO with LEVELS was granted. */
export function factsOf(whole: Snapshot): Facts {
  const { shape, strides, axis, post } = walkOf(whole);
  const { itemsize, flags } = whole.fields;
  const isIndirect = post.length > 0;
  const fortran = packedStrides([...shape].reverse(), itemsize).reverse();
  return {
    isC: !isIndirect && steps(shape, strides, packedStrides(shape, itemsize)),
    isF: !isIndirect && steps(shape, strides, fortran),
    isIndirect,
    isClassic: isClassic(axis, post),
    isReadonly: (flags & READONLY_FLAG) !== 0,
    isBorrowed: (flags & BORROWED_FLAG) !== 0,
  };
}

const asks = (word: number, mask: number): boolean => (word & mask) === mask;

type Rule = readonly [status: string, isUnmet: (word: number, f: Facts) => boolean];

/** In CPython's order, though any reason that holds will do. */
const RULES: readonly Rule[] = [
  ['READONLY', (word, f) => asks(word, WRITABLE) && f.isReadonly],
  ['UNSUPPORTED', (word, f) => asks(word, PINNED) && f.isBorrowed],
  ['CONTIGUITY', (word, f) => asks(word, 0x38) && !f.isC],
  ['CONTIGUITY', (word, f) => asks(word, 0x58) && !f.isF],
  ['CONTIGUITY', (word, f) => asks(word, 0x98) && !f.isC && !f.isF],
  ['SUBOFFSETS', (word, f) => f.isIndirect && !asks(word, INDIRECT)],
  ['SUBOFFSETS', (word, f) => f.isIndirect && !f.isClassic && !asks(word, LEVELS)],
  ['STRIDES', (word, f) => !asks(word, STRIDES) && !f.isC],
  ['FORMAT', (word) => !asks(word, ND) && asks(word, FORMAT)],
];

/** The statuses with which the word may be refused; none: it must be granted. */
export function unmet(word: number, facts: Facts): ReadonlySet<string> {
  return new Set(
    RULES.filter(([, isUnmet]) => isUnmet(word, facts)).map(([status]) => status),
  );
}

/** What became of one request. */
export type Answer = {
  readonly word: number;
  readonly status: number;
  /** *out was not NULL. */
  readonly hasOut: boolean;
  /** Of what was granted. */
  readonly snapshot: Snapshot | null;
};

const NAMES: readonly (readonly [string, number])[] = [
  ['INDIRECT', 0x118],
  ['ANY_CONTIGUOUS', 0x98],
  ['F_CONTIGUOUS', 0x58],
  ['C_CONTIGUOUS', 0x38],
  ['STRIDES', 0x18],
  ['ND', 0x8],
  ['FORMAT', 0x4],
  ['WRITABLE', 0x1],
  ['LAYOUT_SNAPSHOT', SNAPSHOT],
  ['LEVELS', LEVELS],
  ['REQUIRE_PINNED', PINNED],
];

/** 0x11c (INDIRECT|FORMAT) */
export function wordName(word: number): string {
  const names: string[] = [];
  let rest = 0;
  for (const [name, mask] of NAMES)
    if (asks(word, mask) && (mask & ~rest) !== 0) {
      names.push(name);
      rest |= mask;
    }
  return `${hex(word)} (${names.join('|') || 'SIMPLE'})`;
}

/** Granted exactly when it must be. */
export function checkGranted({ word, status }: Answer, facts: Facts): string[] {
  const reasons = [...unmet(word, facts)];
  if (status === 0 && reasons.length > 0)
    return [
      `expected ${wordName(word)} to be refused (${reasons.join(' or ')}), found it granted`,
    ];
  if (status !== 0 && reasons.length === 0)
    return [
      `expected ${wordName(word)} to be granted, found it refused with ${statusName(status)}`,
    ];
  return [];
}

/** Refused with a status that fits. */
export function checkStatus({ word, status }: Answer, facts: Facts): string[] {
  const reasons = unmet(word, facts);
  if (status === 0 || reasons.size === 0 || reasons.has(STATUSES[status] ?? ''))
    return [];
  return [
    `expected ${wordName(word)} to be refused with ${[...reasons].join(' or ')}, found ${statusName(status)}`,
  ];
}

type Member = 'format' | 'shape' | 'strides' | 'suboffsets' | 'axisLevel' | 'postOffsets';

/** Who understands levels may be given either, if suboffsets can say it. */
function expectedMembers(
  word: number,
  facts: Facts,
  ndim: number,
  levelCount: number,
): Record<Member, boolean> {
  const isShown = facts.isIndirect && asks(word, INDIRECT);
  const hasLevels = isShown && asks(word, LEVELS) && (levelCount > 0 || !facts.isClassic);
  return {
    format: asks(word, FORMAT),
    shape: asks(word, ND) && ndim > 0,
    strides: asks(word, STRIDES) && ndim > 0,
    suboffsets: isShown && !hasLevels && ndim > 0,
    axisLevel: hasLevels && ndim > 0,
    postOffsets: hasLevels,
  };
}

/** What was asked for is there, what was not is NULL. */
export function checkMembers(answer: Answer, facts: Facts, whole: Snapshot): string[] {
  const { word, snapshot } = answer;
  if (snapshot === null || unmet(word, facts).size > 0) return [];
  const { ndim } = whole.fields;
  const expected = expectedMembers(word, facts, ndim, snapshot.fields.levelCount);
  const problems: string[] = [];
  for (const [name, isThere] of Object.entries(expected)) {
    const found = snapshot.fields[name as Member] !== 0n;
    if (found === isThere) continue;
    const wanted = isThere
      ? 'an address, for it was requested'
      : 'NULL, for it was not requested';
    problems.push(
      `${wordName(word)}: expected ${name} to be ${wanted}; found ${found ? 'an address' : 'NULL'}`,
    );
  }
  const axes = asks(word, ND) ? ndim : 1;
  if (snapshot.fields.ndim !== axes)
    problems.push(
      `${wordName(word)}: expected ndim ${axes}, found ${snapshot.fields.ndim}`,
    );
  return problems;
}

const SAME = ['flags', 'buf', 'len', 'itemsize', 'blockCount'] as const;

function sameList(a: readonly bigint[] | null, b: readonly bigint[] | null): boolean {
  if (a === null || b === null) return true; // what was not requested
  return a.length === b.length && a.every((value, k) => value === b[k]);
}

/** Whatever the word: what is given is the same. */
export function checkSame(answer: Answer, whole: Snapshot): string[] {
  const { word, snapshot: s } = answer;
  if (s === null) return [];
  const problems = SAME.filter((name) => s.fields[name] !== whole.fields[name]).map(
    (name) =>
      `${wordName(word)}: expected ${name} ${whole.fields[name]} as for FULL_RO, found ${s.fields[name]}`,
  );
  const isPlain = (word & ND) !== 0;
  for (const name of ['shape', 'strides'] as const)
    if (isPlain && !sameList(s[name], whole[name]))
      problems.push(
        `${wordName(word)}: expected ${name} [${whole[name]}] as for FULL_RO, found [${s[name]}]`,
      );
  if (s.format !== null && s.format !== whole.format)
    problems.push(
      `${wordName(word)}: expected format '${whole.format}' as for FULL_RO, found '${s.format}'`,
    );
  return problems;
}
