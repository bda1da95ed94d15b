/** The process that tries an exporter. It may crash: what it does is told beforehand. */
import { writeSync } from 'node:fs';
import { listExports, listFunctions, loadModule, loadSource } from './load.ts';
import { APART, needsOf, PLEDGES } from './pledges.ts';
import { NotTried, type Outcome, type Pledge } from './promise_types.ts';
import { loadProbe } from './raw.ts';
import { Subject } from './subject.ts';
import { type Importer, type Target, UsageError } from './target.ts';
import { tryWorker } from './worker.ts';

/** What a child is to do. */
export type Job = {
  readonly task: 'list' | 'try' | 'worker';
  readonly target: Target;
  /** The CLI's own file, which the child runs. */
  readonly cli: string;
  /** What became of promises so far, in other processes. */
  readonly done: Readonly<Record<string, Outcome>>;
  /** The promises that count; null: all. */
  readonly only: readonly string[] | null;
};

/** What it tells, a line of JSON each. */
export type Told =
  | { readonly at: string }
  | ({ readonly id: string } & Outcome)
  | { readonly exports: readonly string[]; readonly functions: readonly string[] }
  | { readonly usage: string }
  | { readonly loaded: true }
  | { readonly end: true };

/** Not stdout: that is the module's. */
const TELL = 3;
export const MARK = 'nbuf-check ';

function tell(told: Told): void {
  writeSync(TELL, `${MARK}${JSON.stringify(told)}\n`);
}

type Done = Readonly<Record<string, Outcome>>;

/** Tries it, unless a promise that it needs was broken, or could not be tried either. */
async function attempt(
  pledge: Pledge,
  done: Done,
  run: () => readonly string[] | Promise<readonly string[]>,
): Promise<Outcome> {
  const missing = needsOf(pledge).find((id) => {
    const need = done[id];
    return need?.status === 'broken' || need?.isBlocked === true;
  });
  if (missing !== undefined) {
    const why = done[missing]?.status === 'broken' ? 'broken' : 'not tried either';
    const notes = [`needs ${missing}, which is ${why}`];
    return { status: 'not tried', notes, isBlocked: true };
  }
  return outcomeOf(run);
}

async function outcomeOf(
  run: () => readonly string[] | Promise<readonly string[]>,
): Promise<Outcome> {
  try {
    const notes = await run();
    return { status: notes.length === 0 ? 'kept' : 'broken', notes };
  } catch (error) {
    if (error instanceof NotTried) return { status: 'not tried', notes: [error.message] };
    const { message } = error as Error;
    return { status: 'broken', notes: [`could not be finished: ${message ?? error}`] };
  }
}

/** Tries them one by one; what is done is not tried again. */
export async function tryPledges(
  subject: Subject,
  pledges: readonly Pledge[],
  done: Record<string, Outcome>,
  report: (told: Told) => void,
): Promise<void> {
  for (const pledge of pledges) {
    const { id } = pledge;
    if (done[id] !== undefined) continue;
    report({ at: id });
    const outcome = await attempt(pledge, done, () => pledge.attempt(subject));
    done[id] = outcome;
    // The last one ends with the process: its parent sees how.
    if (id !== 'life.exit' || outcome.status !== 'kept') report({ id, ...outcome });
  }
}

async function tryAll(job: Job, load: Importer): Promise<void> {
  tell({ at: 'protocol.method' });
  const subject = new Subject(loadProbe(), await loadSource(job.target, load));
  tell({ loaded: true });
  const pledges = PLEDGES.filter(({ id }) => job.only?.includes(id) ?? true);
  await tryPledges(subject, pledges, { ...job.done }, tell);
}

async function tryApart(job: Job): Promise<void> {
  const { id } = APART;
  tell({ at: id });
  const outcome = await attempt(APART, job.done, () => tryWorker(job.target, job.cli));
  tell({ id, ...outcome });
}

async function list(job: Job, load: Importer): Promise<void> {
  const exports = await loadModule(job.target.module, load);
  tell({ exports: listExports(exports), functions: listFunctions(exports) });
}

/** Milliseconds in which the process may end by itself, before its end is asked for. */
const PATIENCE = 1000;

/**
 * Runs the job in argv. The process ends by itself, so that all that the module does at its end
 * is done; only where the module's timers or sockets keep it, it is told to.
 */
export async function child(load: Importer): Promise<void> {
  const job = JSON.parse(process.argv[2] as string) as Job;
  try {
    if (job.task === 'list') await list(job, load);
    if (job.task === 'try') await tryAll(job, load);
    if (job.task === 'worker') await tryApart(job);
    tell({ end: true });
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    tell({ usage: error.message });
  }
  setTimeout(() => process.exit(0), PATIENCE).unref();
}
