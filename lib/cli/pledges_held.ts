/** Promises about a provider that is held: nothing of it changes, whatever others do. */
import { acquire, BufferError } from '../index.ts';
import { LOCKS, NotTried, type Pledge } from './promise_types.ts';
import type { Snapshot } from './raw.ts';
import { hex } from './rules_fields.ts';
import { reachOf, walkOf } from './rules_inside.ts';
import { BORROWED_FLAG, FULL_RO, LEVELS, SNAPSHOT } from './rules_words.ts';
import type { Subject } from './subject.ts';

const MOST_BYTES = 1n << 20n;

/** The elements' memory: a direct layout's extent, else the blocks; the first MiB of each. */
export function bytesOf(subject: Subject, s: Snapshot): Buffer {
  if (s.fields.len === 0n) return Buffer.alloc(0);
  const walk = walkOf(s);
  const cut = (size: bigint): number => Number(size < MOST_BYTES ? size : MOST_BYTES);
  const read = (at: bigint, size: bigint): Buffer =>
    Buffer.from(subject.probe.probePeek(at, cut(size)));
  if (walk.post.length > 0)
    return Buffer.concat(s.blocks.slice(0, 64).map(({ base, size }) => read(base, size)));
  const { low, high } = reachOf(walk, 0);
  return read(s.fields.buf + low, high - low + s.fields.itemsize);
}

function text(value: unknown): string {
  return JSON.stringify(value, (_key, v) => (typeof v === 'bigint' ? hex(v) : v)) ?? '';
}

/** The first member that differs. */
export function differences(before: Snapshot, now: Snapshot): string[] {
  const problems: string[] = [];
  for (const [name, value] of Object.entries(before.fields)) {
    const found = now.fields[name as keyof Snapshot['fields']];
    if (found !== value)
      problems.push(`expected ${name} to stay ${text(value)}, found ${text(found)}`);
  }
  for (const name of [
    'format',
    'shape',
    'strides',
    'suboffsets',
    'levels',
    'blocks',
  ] as const)
    if (problems.length === 0 && text(now[name]) !== text(before[name]))
      problems.push(
        `expected ${name} to stay ${text(before[name])}, found ${text(now[name])}`,
      );
  return problems.slice(0, 3);
}

export type Held = { readonly snapshot: Snapshot; readonly bytes: Buffer };

export function hold(subject: Subject, word: number = FULL_RO | LEVELS): Held {
  const snapshot = subject.take(word);
  return { snapshot, bytes: bytesOf(subject, snapshot) };
}

/** What has changed of a provider that is still held. */
export function changes(subject: Subject, held: Held, when: string): string[] {
  const now = subject.read(held.snapshot.fields.address);
  const problems = differences(held.snapshot, now);
  if (problems.length === 0) {
    const bytes = bytesOf(subject, held.snapshot);
    const at = bytes.findIndex((byte, k) => byte !== held.bytes[k]);
    if (at >= 0)
      problems.push(
        `expected the same bytes (at rest during the check), found byte ${at} changed from ${held.bytes[at]} to ${bytes[at]}`,
      );
  }
  return problems.map((problem) => `${when}: ${problem}`);
}

/** Others come and go. */
async function checkConstant(subject: Subject): Promise<string[]> {
  const held = hold(subject);
  for (const word of [FULL_RO | LEVELS, 0, 1, 0x1c, 0x38, FULL_RO | SNAPSHOT]) {
    const { isGranted, out } = subject.ask(word);
    if (!isGranted) continue;
    subject.call('unlock', out);
    subject.call('release', out);
  }
  const problems = changes(subject, held, 'after others were acquired and released');
  if (subject.source.make !== null) {
    const twin = await subject.another();
    const other = twin.take();
    problems.push(...changes(subject, held, 'after another exporter was acquired from'));
    twin.release(other);
  }
  subject.call('unlock', held.snapshot.fields.address);
  problems.push(...changes(subject, held, 'after its unlock_layout'));
  subject.release(held.snapshot);
  return problems;
}

function checkSamePlace(subject: Subject): string[] {
  const [a, b] = [hold(subject), hold(subject)];
  const problems: string[] = [];
  if (a.snapshot.fields.address === b.snapshot.fields.address)
    problems.push(
      'expected a provider for each acquire (its locks are its own), found one for two',
    );
  for (const name of ['buf', 'len', 'itemsize', 'ndim', 'flags'] as const)
    if (a.snapshot.fields[name] !== b.snapshot.fields[name])
      problems.push(
        `expected two providers of one ${name}, found ${text(a.snapshot.fields[name])} and ${text(b.snapshot.fields[name])}`,
      );
  if (problems.length === 0 && !a.bytes.equals(b.bytes))
    problems.push('expected the same bytes in two providers, found others');
  problems.push(...changes(subject, a, 'after another acquire'));
  subject.release(b.snapshot);
  if (problems.length === 0)
    problems.push(...changes(subject, a, 'after the other was released'));
  subject.release(a.snapshot);
  return problems;
}

/** Memory that was given back too early looks different: the checks scribble over it. */
function churn(subject: Subject): void {
  for (let k = 0; k < 8; k++)
    subject.release(subject.take(), subject.take(SNAPSHOT | FULL_RO | LEVELS));
}

function checkRetain(subject: Subject): string[] {
  const held = hold(subject);
  const provider = held.snapshot.fields.address;
  subject.call('retain', provider, 3);
  subject.call('release', provider, 3);
  churn(subject);
  const problems = changes(subject, held, 'after 3 retains and 3 releases');
  subject.call('release', provider);
  return problems;
}

function checkUnlock(subject: Subject): string[] {
  const [a, b] = [hold(subject), hold(subject)];
  subject.call('unlock', a.snapshot.fields.address, 3);
  const problems = [
    ...changes(subject, a, 'after 3 calls of unlock_layout'),
    ...changes(subject, b, "after 3 calls of another's unlock_layout"),
  ];
  subject.release(a.snapshot);
  problems.push(...changes(subject, b, 'after the unlocked one was released'));
  subject.release(b.snapshot);
  return problems;
}

/** nbuf's own acquire, which refuses what is inconsistent (nbuf_validate). */
function checkConsumer(subject: Subject): string[] {
  const isBorrowed = (subject.whole.fields.flags & BORROWED_FLAG) !== 0;
  if (isBorrowed && !subject.isMemory)
    throw new NotTried('acquire() takes BORROWED memory only from its own typed array');
  const p = acquire(subject.source.value, { label: 'nbuf check' });
  const shape = [...(p.shape ?? [])].map(BigInt);
  const problems: string[] = [];
  if (text(shape) !== text(subject.whole.shape ?? []))
    problems.push(
      `expected shape ${text(subject.whole.shape)}, found ${text(shape)} in JavaScript`,
    );
  p.unlockLayout();
  p.unlockLayout();
  p.release();
  p.release();
  try {
    void p.byteLength;
    problems.push('expected RELEASED of a released Provider, found a value');
  } catch (error) {
    if (!(error instanceof BufferError))
      problems.push(`expected RELEASED, found ${error}`);
  }
  const { isGranted, out } = subject.ask(FULL_RO | LEVELS);
  if (!isGranted)
    return [...problems, 'expected a provider after a double release, found none'];
  subject.call('release', out);
  return problems;
}

const WHOLE = ['fields', 'blocks.extents', 'blocks.inside', 'blocks.readable'];

export const HOLDING: readonly Pledge[] = [
  {
    id: 'held.constant',
    text: 'Members, arrays and memory do not change while a provider is held, also once its layout is unlocked',
    source: 'nbuf.h, Ownership',
    needs: WHOLE,
    attempt: checkConstant,
  },
  {
    id: 'held.own',
    text: 'Each acquire gives a provider of its own, over the same memory in the same place',
    source: LOCKS,
    needs: WHOLE,
    attempt: checkSamePlace,
  },
  {
    id: 'held.retain',
    text: 'retain and release count: a provider lives until the last reference is dropped',
    source: 'nbuf.h, Ownership',
    needs: WHOLE,
    attempt: checkRetain,
  },
  {
    id: 'held.unlock',
    text: 'unlock_layout may be called again, and concerns nobody else',
    source: LOCKS,
    needs: WHOLE,
    attempt: checkUnlock,
  },
  {
    id: 'held.consumer',
    text: 'nbuf itself accepts the provider; a Provider released twice does no harm',
    source: 'nbuf_validate; docs/lifetime.md',
    needs: WHOLE,
    attempt: checkConsumer,
  },
];
