/** Tries targets in child processes: a crash or a hang is a finding, not the end. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { type Job, MARK, type Told } from './child.ts';
import { ALL, APART, PLEDGES } from './pledges.ts';
import type { Outcome, Status } from './promise_types.ts';
import { type Target, UsageError } from './target.ts';

export type CheckOptions = {
  /** Seconds without a sign of life after which a promise counts as broken. */
  readonly timeout: number;
  /** The promises that count; null: all. */
  readonly only: readonly string[] | null;
  /** The bundle that the children run. */
  readonly cli: string;
};

/** One line of the table. */
export type Row = {
  readonly id: string;
  readonly text: string;
  readonly source: string;
  readonly status: Status;
  readonly notes: readonly string[];
};

/** How a child ended, and what it told. */
type Run = {
  /** The promise it was at. */
  readonly at: string | null;
  readonly told: readonly Told[];
  /** Why it ended early; null: it did not. */
  readonly end: string | null;
};

/** Freed memory is scribbled over where the system can do that, so that its use shows. */
function environment(): NodeJS.ProcessEnv {
  const tunables = [
    process.env.GLIBC_TUNABLES,
    'glibc.malloc.perturb=165',
    'glibc.malloc.tcache_count=0',
  ];
  return {
    ...process.env,
    MALLOC_PERTURB_: '165',
    MallocScribble: '1',
    GLIBC_TUNABLES: tunables.filter(Boolean).join(':'),
  };
}

const MOST_OUTPUT = 2000;

/** The end of what it printed: the reason of an abort is there. */
function tail(stream: Readable | null): () => string {
  let text = '';
  stream?.setEncoding('utf8').on('data', (part: string) => {
    text = (text + part).slice(-MOST_OUTPUT);
  });
  return () => text.trim().split('\n').slice(-3).join(' / ');
}

function endOf(
  code: number | null,
  signal: string | null,
  printed: string,
): string | null {
  if (signal === null && code === 0) return null;
  const how = signal !== null ? `ended by ${signal}` : `ended with exit code ${code}`;
  return printed === '' ? `the process was ${how}` : `the process was ${how}: ${printed}`;
}

const CODE = 'require(process.argv[1]).child((name) => import(name))';

/** Runs one child to its end. */
export async function runChild(job: Job, timeout: number): Promise<Run> {
  const args = ['--expose-gc', '-e', CODE, job.cli, JSON.stringify(job)];
  const child = spawn(process.execPath, args, {
    env: environment(),
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const told: Told[] = [];
  let at: string | null = null;
  let isLate = false;
  const giveUp = (): void => {
    isLate = true;
    child.kill('SIGKILL');
  };
  let timer = setTimeout(giveUp, timeout * 1000);
  child.stdout?.resume();
  const printed = tail(child.stderr);
  for await (const line of createInterface({ input: child.stdio[3] as Readable })) {
    if (!line.startsWith(MARK)) continue;
    const message = JSON.parse(line.slice(MARK.length)) as Told;
    told.push(message);
    if ('at' in message) at = message.at;
    clearTimeout(timer);
    timer = setTimeout(giveUp, timeout * 1000);
  }
  const end = await ended(child);
  clearTimeout(timer);
  if (isLate) return { at, told, end: `no answer within ${timeout} s` };
  return { at, told, end: endOf(end.code, end.signal, printed()) };
}

function ended(
  child: ReturnType<typeof spawn>,
): Promise<{ code: number | null; signal: string | null }> {
  return new Promise((resolve) => {
    const { exitCode, signalCode } = child;
    if (exitCode !== null || signalCode !== null)
      resolve({ code: exitCode, signal: signalCode });
    else child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

function failOnUsage(run: Run): void {
  for (const told of run.told) if ('usage' in told) throw new UsageError(told.usage);
}

/** Hangs cost the whole timeout each: after so many, the rest is not waited for. */
const MOST_HANGS = 3;

class Check {
  readonly done: Record<string, Outcome> = {};
  readonly #target: Target;
  readonly #options: CheckOptions;
  #hangs = 0;

  constructor(target: Target, options: CheckOptions) {
    this.#target = target;
    this.#options = options;
  }

  counts(id: string): boolean {
    return this.#options.only?.includes(id) ?? true;
  }

  /** Until every promise has an outcome: each crash costs one process. */
  async all(): Promise<void> {
    const ids = PLEDGES.map(({ id }) => id).filter((id) => this.counts(id));
    while (ids.some((id) => this.done[id] === undefined)) await this.#run('try');
    if (this.counts(APART.id)) await this.#run('worker');
  }

  async #run(task: Job['task']): Promise<void> {
    const { only, timeout, cli } = this.#options;
    const job: Job = { task, target: this.#target, cli, done: this.done, only };
    const run = await runChild(job, timeout);
    failOnUsage(run);
    for (const told of run.told) if ('id' in told) this.done[told.id] = outcomeOf(told);
    this.#judge(run);
  }

  #judge({ at, end, told }: Run): void {
    const isAtEnd = told.some((each) => 'end' in each);
    const id = at ?? 'protocol.method';
    if (end === null && isAtEnd) {
      if (this.counts('life.exit'))
        this.done['life.exit'] ??= { status: 'kept', notes: [] };
      return;
    }
    const notes = [end ?? 'the process ended by itself, with exit code 0'];
    const isLoaded = told.some((each) => 'loaded' in each || 'id' in each);
    // What dies between two promises, as at its end, cannot be one's that is done.
    const blamed = isLoaded && this.done[id] !== undefined ? 'life.exit' : id;
    this.done[blamed] = { status: 'broken', notes };
    if (!isLoaded) this.#giveUp('the module ends the process that loads it');
    if (end?.startsWith('no answer')) this.#hangs++;
    if (this.#hangs >= MOST_HANGS) this.#giveUp(`${MOST_HANGS} others did not end`);
  }

  #giveUp(note: string): void {
    for (const { id } of ALL)
      if (this.counts(id))
        this.done[id] ??= { status: 'not tried', notes: [note], isBlocked: true };
  }
}

function outcomeOf({ status, notes, isBlocked }: Outcome): Outcome {
  return isBlocked === true ? { status, notes, isBlocked } : { status, notes };
}

export async function checkTarget(target: Target, options: CheckOptions): Promise<Row[]> {
  const check = new Check(target, options);
  await check.all();
  return ALL.filter(({ id }) => check.counts(id)).map(({ id, text, source }) => {
    const { status, notes } = check.done[id] as Outcome;
    return { id, text, source, status, notes };
  });
}

/** A target without an export names all exporters of its module. */
export async function expandTarget(
  target: Target,
  options: CheckOptions,
): Promise<Target[]> {
  if (target.export !== null) return [target];
  const job: Job = { task: 'list', target, cli: options.cli, done: {}, only: null };
  const run = await runChild(job, options.timeout);
  failOnUsage(run);
  if (run.end !== null) throw new UsageError(`cannot load ${target.module}: ${run.end}`);
  for (const told of run.told)
    if ('exports' in told) {
      if (told.exports.length > 0)
        return told.exports.map((name) => ({
          ...target,
          export: name === '' ? null : name,
        }));
      throw new UsageError(
        `${target.module} exports no exporter by itself; name a function that makes one: ${told.functions.map((name) => `${target.module}:${name}`).join(', ') || 'there is none'}`,
      );
    }
  throw new UsageError(`cannot load ${target.module}: it ended the process`);
}
