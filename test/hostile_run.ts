/**
 * Calls everything with everything. Prints one line for each promise that was broken; used by
 * hostile.test.ts in its own process and in children.
 */

import { inspect } from 'node:util';
import { HostArray, IndirectArray, MappedFile, Provider, View } from 'nbuf';
import { type Entry, entries } from './hostile_entries.ts';
import { makeStage, providersOf, releaseAll, type Stage } from './hostile_stage.ts';
import { armed, HOSTILE, UserError } from './hostile_values.ts';

const CODES =
  /^ERR_NBUF_(LOCKED|READONLY|CONTIGUITY|SUBOFFSETS|STRIDES|FORMAT|BOUNDS|RELEASED|DETACHED|EXTERNAL_FORBIDDEN|NOT_EXPORTER|ABI|NOMEM|IO|UNSUPPORTED)$/;

/** What the engine throws where the argument itself is code: its traps, its getters. */
const ENGINE =
  /^(Cannot perform '.*' on a proxy that has been revoked|Receiver must be |Method .* called on incompatible receiver|Cannot read private member |Class constructors cannot be invoked)/;

/** '' for an error that the package promises, else what is wrong with it. */
function judge(error: unknown): string {
  if (error instanceof UserError) return '';
  if (!(error instanceof Error)) return `threw ${typeof error}`;
  const { name, code } = error as Error & { code?: string };
  if (name === 'BufferError' && CODES.test(code ?? '')) return '';
  if (name === 'TypeError' && code === 'ERR_INVALID_ARG_TYPE') return '';
  if (name === 'RangeError' && code === 'ERR_OUT_OF_RANGE') return '';
  if (name === 'TypeError' && ENGINE.test(error.message)) return '';
  return `${name} ${code} ${error.message.slice(0, 80)}`;
}

type Settled = { readonly value?: unknown; readonly error?: unknown };

async function settle(use: () => unknown): Promise<Settled> {
  try {
    return { value: await use() };
  } catch (error) {
    return { error };
  }
}

/** What was granted must hold what it promises, or refuse with a good error. */
function exercise(view: View): string {
  if (view.size > 1000) return '';
  const uses: (() => unknown)[] = [
    () => [...view],
    () => view.fill(view.at(...(view.shape ?? [1]).map(() => -1))),
    () => view.toBytes(),
    () => view.typedArray(),
    () => view.cast('B'),
    () => view.equals(view.toContiguous(), { nan: true }),
    () => inspect(view),
  ];
  for (const use of uses)
    try {
      use();
    } catch (error) {
      const wrong = judge(error);
      if (wrong) return `${use} of the result: ${wrong}`;
    }
  return '';
}

/** Uses whatever a call returned, and gives it back. */
function discard(value: unknown): string {
  const isArray = value instanceof HostArray || value instanceof IndirectArray;
  if (isArray && !(value instanceof MappedFile)) value.dispose();
  if (!(value instanceof View)) return '';
  const wrong = exercise(value);
  if (value instanceof Provider) value.release();
  return wrong;
}

/** Ends the stage; a lock that is left was leaked. */
function close(stage: Stage): string {
  releaseAll([...providersOf(stage), ...stage.others]);
  const locks = [stage.array, stage.stack].map((each) => Object.values(each.locks));
  return locks.flat().every((count) => count === 0) ? '' : `leaked locks ${locks}`;
}

async function attempt(
  entry: Entry,
  stage: Stage,
  args: readonly unknown[],
  nested?: () => unknown,
): Promise<string> {
  const { value, error } = await settle(() => entry.call(stage, args));
  if (nested !== undefined) await settle(nested);
  const wrong = error === undefined ? discard(value) : judge(error);
  return wrong || close(stage);
}

function show(value: unknown): string {
  try {
    return typeof value === 'object' || typeof value === 'function'
      ? Object.prototype.toString.call(value)
      : String(value).slice(0, 30);
  } catch {
    return 'a proxy';
  }
}

/** Good arguments with one replaced, the last ones left out, or all replaced. */
async function runJunk(entry: Entry, report: (line: string) => void): Promise<number> {
  let count = 0;
  const arity = Math.max(entry.good(makeStage()).length, 1);
  for (const [k, make] of HOSTILE.entries())
    for (let at = -1; at <= arity; at++) {
      const stage = makeStage();
      const args = entry.good(stage).slice(0, arity);
      if (at < 0) args.fill(make());
      else args[at] = make();
      const wrong = await attempt(entry, stage, args);
      if (wrong) report(`${entry.name} argument ${at} = #${k} ${show(make())}: ${wrong}`);
      count++;
    }
  return count;
}

/** A good argument with one of its members replaced: an option, an extent, a row. */
function spoil(good: object, key: string, value: unknown): object {
  const copy = Array.isArray(good) ? [...good] : { ...good };
  return Object.assign(copy, { [key]: value });
}

function keysOf(value: unknown): string[] {
  const isPlain =
    Array.isArray(value) || Object.getPrototypeOf(value ?? 0) === Object.prototype;
  return isPlain ? Object.keys(value as object) : [];
}

async function runMembers(entry: Entry, report: (line: string) => void): Promise<number> {
  let count = 0;
  const places = entry
    .good(makeStage())
    .flatMap((good, at) => keysOf(good).map((key) => ({ at, key })));
  for (const { at, key } of places)
    for (const [k, make] of HOSTILE.entries()) {
      const stage = makeStage();
      const args = entry.good(stage);
      args[at] = spoil(args[at] as object, key, make());
      const wrong = await attempt(entry, stage, args);
      if (wrong)
        report(`${entry.name} argument ${at}.${key} = #${k} ${show(make())}: ${wrong}`);
      count++;
    }
  return count;
}

/** What arguments may do while they are converted. */
const EFFECTS: Readonly<Record<string, (stage: Stage) => void>> = {
  release: (stage) => releaseAll(providersOf(stage)),
  dispose: ({ array, stack }) => {
    array.dispose();
    stack.dispose();
  },
  resize: (stage) => {
    releaseAll([...providersOf(stage), ...stage.others]);
    stage.array.resize([1]);
  },
  relayout: ({ array, stack }) => {
    array.setLayout({ shape: [1], format: 'B' });
    stack.setLayout({ shape: [1, 1] });
  },
  throw: () => {
    throw new UserError('while converting');
  },
  unsafeRelease: (stage) => {
    stage.view.bytes();
    for (const p of providersOf(stage)) p.unsafeRelease();
  },
};

/** What must refuse to go on once its provider, or its array, is gone. */
function mustRefuse(entry: Entry, effect: string): boolean {
  if (/release|dispose|lend|inspect/i.test(entry.name)) return false;
  if (entry.needs === 'provider') return /release|resize/i.test(effect);
  return entry.needs === 'array' && effect === 'dispose';
}

type Strike = {
  readonly effect: string;
  /** The argument, and which access to it. */
  readonly at: number;
  readonly access: number;
  readonly isShared: boolean;
};

async function runArmed(
  entry: Entry,
  { effect, at, access, isShared }: Strike,
): Promise<{ wrong: string; struck: boolean }> {
  const stage = makeStage(isShared);
  const args = entry.good(stage);
  const good = args[at];
  if (typeof good !== 'object' || good === null) return { wrong: '', struck: false };
  let struck = false;
  args[at] = armed(good, access, () => {
    struck = true;
    EFFECTS[effect]?.(stage);
  });
  let returned = false;
  const spy: Entry = {
    ...entry,
    call: async (...given) => {
      const value = await entry.call(...given);
      returned = true;
      return value;
    },
  };
  const wrong = await attempt(spy, stage, args);
  const shouldNot = struck && returned && mustRefuse(entry, effect);
  return { wrong: wrong || (shouldNot ? 'went on' : ''), struck };
}

/** Strikes at the first, second, ... access to one argument, until none is left. */
async function strikeEach(
  entry: Entry,
  which: Omit<Strike, 'access'>,
  report: (line: string) => void,
): Promise<number> {
  for (let access = 0; access < 100; access++) {
    const { wrong, struck } = await runArmed(entry, { ...which, access });
    if (wrong) report(`${entry.name}, ${JSON.stringify({ ...which, access })}: ${wrong}`);
    if (!struck) return access;
  }
  return 100;
}

async function runEffects(entry: Entry, report: (line: string) => void): Promise<number> {
  let count = 0;
  const arity = entry.good(makeStage()).length;
  for (const effect of Object.keys(EFFECTS))
    for (const isShared of [false, true])
      for (let at = 0; at < arity; at++)
        count += await strikeEach(entry, { effect, at, isShared }, report);
  return count;
}

/** The method calls itself on the same object while its argument is converted. */
async function runReentrant(
  entry: Entry,
  report: (line: string) => void,
): Promise<number> {
  const arity = entry.good(makeStage()).length;
  for (let at = 0; at < arity; at++) {
    const stage = makeStage();
    const args = entry.good(stage);
    const good = args[at];
    if (typeof good !== 'object' || good === null) continue;
    let nested: unknown;
    args[at] = armed(good, 1, () => {
      nested = entry.call(stage, entry.good(stage));
      discard(nested);
    });
    const wrong = await attempt(entry, stage, args, () => nested);
    if (wrong) report(`${entry.name} argument ${at}, calling itself: ${wrong}`);
  }
  return arity;
}

/** On objects that are something else, or nothing. */
async function runWrongThis(
  entry: Entry,
  report: (line: string) => void,
): Promise<number> {
  const others = [{}, null, undefined, 5, [], new Uint8Array(4), new Proxy({}, {})];
  for (const other of others) {
    const stage = makeStage();
    const fake = {
      array: other,
      provider: other,
      view: other,
      complex: other,
      records: other,
    };
    const { error } = await settle(() => entry.call(fake as never, entry.good(stage)));
    if (error !== undefined && !(error instanceof TypeError) && judge(error))
      report(`${entry.name} on ${show(other)}: ${error}`);
    const left = close(stage);
    if (left) report(`${entry.name} on ${show(other)}: ${left}`);
  }
  return others.length;
}

export type Report = { readonly calls: number; readonly broken: string[] };

/** One entry, or every one whose name begins so. */
export async function runHostile(prefix: string): Promise<Report> {
  const broken: string[] = [];
  const report = (line: string): void => {
    broken.push(line);
  };
  let calls = 0;
  for (const entry of entries().filter(({ name }) => name.startsWith(prefix))) {
    calls += await runJunk(entry, report);
    calls += await runMembers(entry, report);
    calls += await runEffects(entry, report);
    calls += await runReentrant(entry, report);
    if (entry.needs !== 'nothing') calls += await runWrongThis(entry, report);
  }
  return { calls, broken };
}
