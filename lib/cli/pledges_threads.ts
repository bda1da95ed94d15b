/** Promises about threads. */
import { bytesOf, changes, type Held, hold } from './pledges_held.ts';
import { NotTried, type Pledge, THREADS } from './promise_types.ts';
import type { Snapshot } from './raw.ts';
import { checkOps } from './rules_fields.ts';
import {
  BORROWED_FLAG,
  ENV_BOUND_FLAG,
  FULL_RO,
  LEVELS,
  statusName,
} from './rules_words.ts';
import type { Subject } from './subject.ts';

const THREAD_COUNT = 4;
const ROUNDS = 20_000;
/** retain and release are short: it takes many for two threads to meet in one. */
const RETAINS = 300_000;

const WORD = FULL_RO | LEVELS;

/** Where the documented exceptions end. */
function requireFree(subject: Subject): void {
  const { flags } = subject.whole.fields;
  if ((flags & BORROWED_FLAG) !== 0)
    throw new NotTried('the memory is BORROWED: it belongs to its JavaScript thread');
  if ((flags & ENV_BOUND_FLAG) !== 0)
    throw new NotTried("the memory is ENV_BOUND: released on its environment's thread");
}

function requestFor(subject: Subject): bigint {
  const { struct, address } = subject.struct(16);
  struct.setU32(0, 16);
  struct.setU32(4, WORD);
  return address;
}

type Storm = { done: number; refused: number; different: number; status: number };

/** Several threads acquire, compare, retain, unlock and release at once, or keep all. */
export function storm(
  subject: Subject,
  model: Snapshot | null,
  rounds: number,
  threads: number,
  keep = 0n,
): Storm {
  const [done, refused, different, status] = subject.probe.probeStorm(
    subject.table.last,
    subject.exporter,
    requestFor(subject),
    model?.fields.address ?? 0n,
    keep,
    rounds,
    threads,
  );
  return { done, refused, different, status };
}

/** What a storm may last where acquire is slow, in milliseconds on one thread. */
const PATIENCE = 1000;
const TRIED = 20;

/** As many rounds as there is time for. */
export function roundsFor(subject: Subject, most: number): number {
  const start = performance.now();
  storm(subject, null, TRIED, 0);
  const each = (performance.now() - start) / TRIED;
  return Math.min(most, Math.max(TRIED, Math.floor(PATIENCE / each)));
}

/** Refusals of who lends to a few at once: a pool, or one that is never shared. */
function isScarce({ refused, status }: Storm): boolean {
  return refused > 0 && /^(LOCKED|NOMEM)$/.test(statusName(status));
}

function tell(found: Storm): string[] {
  const { done, refused, different, status } = found;
  const problems: string[] = [];
  if (refused > 0 && !isScarce(found))
    problems.push(
      `expected a provider in each of ${done} rounds on other threads, found ${refused} refusals (${statusName(status)})`,
    );
  if (different > 0)
    problems.push(
      `expected the same members on all threads, found others in ${different} of ${done} rounds`,
    );
  return problems;
}

/** After everything was released there must be one again. */
function checkAgain(subject: Subject, found: Storm): string[] {
  const { status, out, isGranted } = subject.ask(WORD);
  if (!isGranted)
    return [
      `expected a provider after all of other threads were released, found ${statusName(status)}`,
    ];
  subject.call('release', out);
  if (found.refused > found.done / 2)
    throw new NotTried(
      `the exporter lends to fewer at once: ${found.refused} of ${found.done} requests were refused (${statusName(found.status)})`,
    );
  return [];
}

/** No JavaScript can run there: what tries crashes, or waits for ever. */
function checkAlone(subject: Subject): string[] {
  requireFree(subject);
  return tell(storm(subject, null, 10, 1));
}

function checkAcquire(subject: Subject): string[] {
  requireFree(subject);
  const held = hold(subject);
  const rounds = roundsFor(subject, ROUNDS);
  const found = storm(subject, held.snapshot, rounds, THREAD_COUNT);
  const problems = tell(found);
  problems.push(...changes(subject, held, 'after other threads acquired and released'));
  subject.release(held.snapshot);
  return problems.length > 0 ? problems : checkAgain(subject, found);
}

function checkElsewhere(subject: Subject): string[] {
  requireFree(subject);
  const [a, b] = [hold(subject), hold(subject)];
  subject.call('unlock', a.snapshot.fields.address, 1, 1);
  subject.call('release', a.snapshot.fields.address, 1, 1);
  const problems = changes(subject, b, 'after another was released on another thread');
  subject.call('release', b.snapshot.fields.address, 1, 1);
  return problems;
}

/** Retains at once, releases one by one: what was lost in between is missing at the end. */
function checkCounts(subject: Subject): string[] {
  requireFree(subject);
  const held = hold(subject);
  const provider = held.snapshot.fields.address;
  for (let k = 0; k < 3; k++) {
    subject.call('retain', provider, RETAINS, THREAD_COUNT);
    subject.call('release', provider, RETAINS * THREAD_COUNT);
    const problems = changes(
      subject,
      held,
      `after ${RETAINS * THREAD_COUNT} retains on ${THREAD_COUNT} threads and as many releases`,
    );
    if (problems.length > 0) return problems;
  }
  subject.call('release', provider);
  return [];
}

/** The same for the exporter's own count. */
function checkExporterCount(subject: Subject): string[] {
  requireFree(subject);
  const { retain, release } = subject.table;
  const { probe, exporter } = subject;
  for (let k = 0; k < 3; k++) {
    probe.probeCall(retain, exporter, RETAINS, THREAD_COUNT);
    probe.probeCall(release, exporter, RETAINS * THREAD_COUNT, 0);
    const problems = checkOps(subject.opsOf(exporter), 'acquire');
    if (problems.length > 0)
      return [
        `after retains on ${THREAD_COUNT} threads and as many releases: ${problems[0]}`,
      ];
    const { status, isGranted, out } = subject.ask(WORD);
    if (!isGranted)
      return [
        `expected a provider after retains on ${THREAD_COUNT} threads and as many releases, found ${statusName(status)}`,
      ];
    subject.call('release', out);
  }
  return [];
}

const KEPT = 2000;

/** Providers that several threads acquired at once, let go one by one; one of them stays. */
function checkMany(subject: Subject): string[] {
  requireFree(subject);
  const held = hold(subject);
  const rounds = roundsFor(subject, KEPT);
  const problems: string[] = [];
  for (let k = 0; k < 4 && problems.length === 0; k++)
    problems.push(...keepMany(subject, held, rounds));
  subject.release(held.snapshot);
  return problems;
}

function keepMany(subject: Subject, held: Held, rounds: number): string[] {
  const kept = subject.struct(rounds * THREAD_COUNT * 8);
  const found = storm(subject, held.snapshot, rounds, THREAD_COUNT, kept.address);
  const addresses = Array.from({ length: rounds * THREAD_COUNT }, (_, k) =>
    kept.struct.u64(k * 8),
  ).filter((address) => address !== 0n);
  const problems = tell(found);
  if (new Set(addresses).size !== addresses.length)
    problems.push('expected a provider for each acquire, found one given to two threads');
  if (problems.length > 0) return problems;
  const last = addresses.pop();
  if (last === undefined) return checkAgain(subject, found);
  for (const address of addresses) subject.call('release', address);
  problems.push(
    ...changes(subject, held, 'after providers of other threads were released'),
  );
  if (!bytesOf(subject, subject.read(last)).equals(held.bytes))
    problems.push('expected the last of them to show the same bytes, found others');
  subject.call('release', last);
  return problems;
}

const needs = ['fields', 'blocks.extents', 'blocks.inside', 'held.own', 'held.retain'];
const pledge = (id: string, text: string, attempt: Pledge['attempt']): Pledge => ({
  id,
  text,
  source: THREADS,
  needs,
  attempt,
});

export const THREADED: readonly Pledge[] = [
  pledge(
    'threads.alone',
    'acquire, unlock and release run no JavaScript: they work on a thread without any',
    checkAlone,
  ),
  pledge(
    'threads.acquire',
    'Several threads may acquire, retain, unlock and release at once',
    checkAcquire,
  ),
  pledge(
    'threads.release',
    'A provider may be unlocked and released on another thread than acquired it',
    checkElsewhere,
  ),
  pledge(
    'threads.retain',
    'References of a provider are counted without a race',
    checkCounts,
  ),
  pledge(
    'threads.exporter',
    'References of an exporter are counted without a race',
    checkExporterCount,
  ),
  pledge(
    'threads.many',
    'Providers that threads acquired at once are counted without a race',
    checkMany,
  ),
];
