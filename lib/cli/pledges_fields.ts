/** Promises about what a provider says: its members, its blocks, and the words that ask. */
import { EXTRAS } from './answers.ts';
import { ABI, NotTried, PEP, type Pledge } from './promise_types.ts';
import type { Snapshot } from './raw.ts';
import {
  checkBlocks,
  checkBuf,
  checkFlags,
  checkFormat,
  checkIds,
  checkLen,
  checkLevels,
  checkShape,
  checkSize,
  checkStrides,
  checkSuboffsets,
  checkTables,
  hex,
} from './rules_fields.ts';
import { checkInside } from './rules_inside.ts';
import {
  type Answer,
  checkGranted,
  checkMembers,
  checkSame,
  checkStatus,
  type Facts,
  FULL_RO,
  KNOWN,
  LEVELS,
  wordName,
} from './rules_words.ts';
import type { Subject } from './subject.ts';

/** Judges what FULL_RO with LEVELS gives, while it is held. */
function ofWhole(check: (s: Snapshot, subject: Subject) => string[]): Pledge['attempt'] {
  return (subject) => {
    const whole = subject.take();
    try {
      return check(whole, subject);
    } finally {
      subject.release(whole);
    }
  };
}

const member = (
  id: string,
  text: string,
  check: (s: Snapshot, subject: Subject) => string[],
  needs: readonly string[],
): Pledge => ({ id, text, source: ABI, needs, attempt: ofWhole(check) });

/** Without LEVELS, too: that is who gets suboffsets. */
function bothWays(
  whole: Snapshot,
  subject: Subject,
  check: (s: Snapshot) => string[],
): string[] {
  const problems = check(whole);
  const { isGranted, out } = subject.ask(FULL_RO);
  if (!isGranted) return problems;
  const classic = subject.read(out);
  problems.push(...check(classic));
  subject.release(classic);
  return [...new Set(problems)];
}

/** Bytes that are touched at most; a mapped file may be larger than memory. */
const MOST_TOUCHED = 2 ** 30;

function touchBlocks(s: Snapshot, subject: Subject, writes: 0 | 1): void {
  let left = MOST_TOUCHED;
  for (const { base, size, flags } of s.blocks) {
    if (writes === 1 && (flags & 1) !== 0) continue;
    const bytes = Number(size < BigInt(left) ? size : BigInt(left));
    subject.probe.probeTouch(base, bytes, 0);
    // The end, also of what is too large to be touched.
    if (size > 0n) subject.probe.probeTouch(base + size - 1n, 1, 0);
    if (writes === 1 && s.fields.len > 0n) subject.probe.probeTouch(base, bytes, 1);
    left -= bytes;
  }
}

function checkReadable(s: Snapshot, subject: Subject): string[] {
  touchBlocks(s, subject, 0); // a crash here is the finding
  return [];
}

function checkWritable(s: Snapshot, subject: Subject): string[] {
  if ((s.fields.flags & 1) !== 0) throw new NotTried('the memory is READONLY');
  touchBlocks(s, subject, 1);
  return [];
}

/** The blocks of two providers at once, and of another exporter where one can be made. */
async function checkSameIds(subject: Subject): Promise<string[]> {
  const [a, b] = [subject.take(), subject.take()];
  const problems = checkIds(a);
  a.blocks.forEach(({ id }, k) => {
    const other = b.blocks[k]?.id;
    if (id !== other)
      problems.push(
        `expected blocks[${k}].id ${hex(id)} as long as the block lives, found ${other === undefined ? 'none' : hex(other)}`,
      );
  });
  subject.release(a, b);
  if (problems.length > 0 || subject.source.make === null) return problems;
  return checkOtherIds(subject);
}

async function checkOtherIds(subject: Subject): Promise<string[]> {
  const twin = await subject.another();
  const [a, b] = [subject.take(), twin.take()];
  const problems = checkIds({ ...a, blocks: [...a.blocks, ...b.blocks] });
  subject.release(a);
  twin.release(b);
  return problems.map((problem) => `${problem} (of two exporters)`);
}

const BASE = ['ops.provider'];
const SIZED = ['fields.size'];
const NUMBERS = ['fields.size', 'fields.shape', 'fields.len'];

export const FIELDS: readonly Pledge[] = [
  member(
    'fields.size',
    'struct_size covers all members of the first version',
    (s) => checkSize(s.fields),
    BASE,
  ),
  member(
    'fields.flags',
    'Only known provider flags are set',
    (s) => checkFlags(s.fields),
    SIZED,
  ),
  member('fields.shape', 'ndim is 0 to 64, extents are >= 0', checkShape, SIZED),
  member(
    'fields.len',
    'itemsize >= 1, and len = product(shape) * itemsize below 2^63',
    checkLen,
    ['fields.shape'],
  ),
  member(
    'fields.format',
    'The format is zero-terminated, known, and no larger than itemsize',
    checkFormat,
    NUMBERS,
  ),
  member('fields.strides', 'There is a stride for each axis', checkStrides, NUMBERS),
  member(
    'fields.suboffsets',
    'Suboffsets stand beside strides, without levels, and not all of them negative',
    (s, subject) => bothWays(s, subject, checkSuboffsets),
    [...NUMBERS, 'fields.strides'],
  ),
  member(
    'fields.levels',
    'level_count is 0 or 2 to 64, with a level for each axis, and strides',
    checkLevels,
    NUMBERS,
  ),
  member(
    'fields.buf',
    'buf is NULL and blocks are missing only when len is 0',
    checkBuf,
    NUMBERS,
  ),
  member(
    'blocks.extents',
    'Each block is memory: base, size >= 0, known flags',
    checkBlocks,
    SIZED,
  ),
  member('blocks.tables', 'Tables of pointers are blocks of their own', checkTables, [
    'blocks.extents',
  ]),
  member('blocks.readable', 'All bytes of each block can be read', checkReadable, [
    'blocks.extents',
  ]),
  member(
    'blocks.inside',
    'Every element and every pointer lies inside a block of its kind',
    (s, subject) => bothWays(s, subject, (each) => checkInside(each, subject.peek)),
    [
      ...NUMBERS,
      'fields.strides',
      'fields.suboffsets',
      'fields.levels',
      'fields.buf',
      'blocks.extents',
      'blocks.readable',
    ],
  ),
  member('blocks.writable', 'Memory that is not READONLY can be written', checkWritable, [
    'blocks.readable',
  ]),
  {
    id: 'blocks.ids',
    text: 'An id names one block as long as it lives, or is 0',
    source: ABI,
    needs: ['blocks.extents'],
    attempt: checkSameIds,
  },
];

const MOST_NOTES = 4;

/** The same rule over many words: a few examples are enough. */
function ofWords(
  answers: (subject: Subject) => readonly Answer[],
  check: (answer: Answer, facts: Facts, whole: Snapshot) => string[],
): Pledge['attempt'] {
  return (subject) => {
    const { whole, facts } = subject;
    const problems = answers(subject).flatMap((answer) => check(answer, facts, whole));
    const more = problems.length - MOST_NOTES;
    return more > 0
      ? [...problems.slice(0, MOST_NOTES), `and ${more} more of this kind`]
      : problems;
  };
}

const plain = (subject: Subject): readonly Answer[] => subject.answers.with(EXTRAS.plain);

/** Granted or refused as it must be, with the right status and members. */
function checkAll(answer: Answer, facts: Facts, whole: Snapshot): string[] {
  const granted = checkGranted(answer, facts);
  if (granted.length > 0) return granted;
  return [
    ...checkStatus(answer, facts),
    ...checkMembers(answer, facts, whole),
    ...checkSame(answer, whole),
  ];
}

function checkUnknown({ word, status }: Answer): string[] {
  const unknown = (word & ~KNOWN) >>> 0;
  return status !== 0
    ? []
    : [
        `expected the unknown flag ${hex(unknown)} to be refused, found ${wordName(word)} granted`,
      ];
}

function checkNoOut({ word, status, hasOut }: Answer): string[] {
  return status !== 0 && hasOut
    ? [`${wordName(word)}: expected *out = NULL after a refusal, found an address`]
    : [];
}

const WHOLE = ['fields', 'blocks.extents', 'blocks.inside'];

const words = (
  id: string,
  text: string,
  attempt: Pledge['attempt'],
  needs: readonly string[] = WHOLE,
): Pledge => ({ id, text, source: PEP, needs, attempt });

export const ASKED: readonly Pledge[] = [
  words(
    'words.granted',
    'Each of the 256 words of PEP 3118 is granted exactly when the layout allows it',
    ofWords(plain, checkGranted),
  ),
  words('words.status', 'A refusal says why', ofWords(plain, checkStatus)),
  words('words.out', '*out is NULL after each refusal', ofWords(plain, checkNoOut)),
  words(
    'words.members',
    'What was requested is there, what was not is NULL',
    ofWords(plain, checkMembers),
  ),
  words(
    'words.same',
    'Whatever the word, the same memory and layout',
    ofWords(plain, (answer, _facts, whole) => checkSame(answer, whole)),
  ),
  words(
    'words.unknown',
    'Every unknown request flag is refused, 0x2 included',
    ofWords((subject) => subject.answers.unknown(FULL_RO | LEVELS), checkUnknown),
    ['ops.provider'],
  ),
  words(
    'words.snapshot',
    'LAYOUT_SNAPSHOT changes nothing of what a word is granted',
    ofWords((subject) => subject.answers.with(EXTRAS.snapshot), checkAll),
  ),
  words(
    'words.levels',
    'LEVELS gives indirect layouts as levels, and changes nothing of others',
    ofWords((subject) => subject.answers.with(EXTRAS.levels), checkAll),
  ),
  words(
    'words.pinned',
    'REQUIRE_PINNED refuses memory that is BORROWED, and nothing else',
    ofWords((subject) => subject.answers.with(EXTRAS.pinned), checkAll),
  ),
];
