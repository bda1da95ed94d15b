/** Why a request was refused, in words: nbuf_error's `unmet` and `grantable`. */
import { Flags } from './flags.ts';

/** What the error of a refused request tells. */
export type Refusal = {
  readonly unmet: readonly string[];
  readonly grantable: number;
};

/** NBUF_LEVELS, which goes with INDIRECT by itself: nobody here has to know it. */
const LEVELS = 0x20000;

/** In the order of their bits: each flag, and the bit that no smaller one has. */
const NAMES: readonly (readonly [name: string, flags: number, own: number])[] = [
  ['WRITABLE', Flags.WRITABLE, 0x1],
  ['FORMAT', Flags.FORMAT, 0x4],
  ['ND', Flags.ND, 0x8],
  ['STRIDES', Flags.STRIDES, 0x10],
  ['C_CONTIGUOUS', Flags.C_CONTIGUOUS, 0x20],
  ['F_CONTIGUOUS', Flags.F_CONTIGUOUS, 0x40],
  ['ANY_CONTIGUOUS', Flags.ANY_CONTIGUOUS, 0x80],
  ['INDIRECT', Flags.INDIRECT, 0x100],
  ['LAYOUT_SNAPSHOT', Flags.LAYOUT_SNAPSHOT, 0x10000],
  ['REQUIRE_PINNED', 0x40000, 0x40000],
];

/** Tried first, when a whole request is named. */
const SETS: readonly (readonly [name: string, flags: number])[] = [
  ['FULL', Flags.FULL],
  ['FULL_RO', Flags.FULL_RO],
  ['RECORDS', Flags.RECORDS],
  ['RECORDS_RO', Flags.RECORDS_RO],
];

const hex = (word: number): string => `0x${(word >>> 0).toString(16)}`;

/** The names of a request: `RECORDS_RO|C_CONTIGUOUS`. */
function nameRequest(word: number): string {
  const names: string[] = [];
  let said = 0;
  for (const [name, flags] of [...SETS, ...[...NAMES].reverse()]) {
    if ((word & flags) !== flags || (flags & ~said) === 0) continue;
    names.push(name);
    said |= flags;
  }
  if ((word & ~said) !== 0) names.push(hex(word & ~said));
  return names.length === 0 ? 'SIMPLE' : names.join('|');
}

/** From the core's words. Unknown bits are listed one by one: '0x2'. */
export function refusalOf(unmet: number, grantable: number): Refusal {
  const names: string[] = [];
  let rest = unmet & ~LEVELS;
  for (const [name, , own] of NAMES) {
    if ((unmet & own) !== 0) names.push(name);
    rest &= ~own;
  }
  for (let bit = 0; bit < 32; bit++)
    if (((rest >>> bit) & 1) !== 0) names.push(hex(1 << bit));
  if (names.length === 0) names.push('LEVELS'); // not of nbuf: its own peers are asked for them
  return { unmet: Object.freeze(names), grantable: (grantable & ~LEVELS) >>> 0 };
}

const MARK = '; unmet: ';

/** The core's message, which says the same in the words of C and as long as it fits. */
export function refusalText(message: string, { unmet, grantable }: Refusal): string {
  const end = message.indexOf(MARK);
  const reason = end < 0 ? message : message.slice(0, end);
  return (
    `${reason}${MARK}${unmet.join(', ')}; would be granted: ` +
    `${nameRequest(grantable)} (${hex(grantable)})`
  );
}
