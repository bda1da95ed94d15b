/** Promises about locks, where the JavaScript object shows them as HostArray does. */
import { acquire } from '../index.ts';
import { changes, type Held, hold } from './pledges_held.ts';
import { LOCKS, NotTried, type Pledge } from './promise_types.ts';
import { FULL_RO, LEVELS, SNAPSHOT } from './rules_words.ts';
import { collect, type Subject } from './subject.ts';

const LABEL = 'nbuf check';

/** What is used of HostArray's contract. */
type Lockable = {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly locks: { readonly memory: number; readonly layout: number };
  resize?(shape: readonly number[]): void;
  setLayout?(layout: object): void;
  dispose?(): void;
};

type Method = 'resize' | 'setLayout' | 'dispose';

function lockable(subject: Subject, method?: Method): Lockable {
  const value = subject.source.value as Lockable;
  const has = (name: Method): boolean => typeof value[name] === 'function';
  const locks = subject.isMemory ? undefined : value.locks;
  if (typeof locks?.memory !== 'number' || typeof locks.layout !== 'number')
    throw new NotTried(
      'the object does not show { memory, layout } as `locks`, as HostArray does',
    );
  if (method !== undefined && !has(method))
    throw new NotTried(`the object has no ${method}(), as HostArray has`);
  if (method !== undefined && method !== 'dispose' && locks.memory !== 0)
    throw new NotTried(`somebody else holds ${locks.memory} providers of it`);
  return value;
}

type Thrown = { readonly code?: unknown; readonly message?: unknown } | null;

function thrown(run: () => void): Thrown {
  try {
    run();
    return null;
  } catch (error) {
    return (error ?? {}) as Thrown;
  }
}

const LOCKED = 'ERR_NBUF_LOCKED';

/** Which refusals come before locks are looked at: the array can never be changed like that. */
const NEVER = /^ERR_NBUF_(UNSUPPORTED|CONTIGUITY|READONLY)$/;

function expectLocked(error: Thrown, what: string, namesLabel: boolean): string[] {
  if (error === null) return [`expected ${what} to fail with ${LOCKED}, found it done`];
  if (error.code !== LOCKED)
    return NEVER.test(String(error.code))
      ? []
      : [`expected ${what} to fail with ${LOCKED}, found ${error.code ?? error.message}`];
  return !namesLabel || String(error.message).includes(LABEL)
    ? []
    : [`expected the holder '${LABEL}' in the message, found: ${error.message}`];
}

function expectFree(error: Thrown, what: string): string[] {
  return error === null || NEVER.test(String(error.code))
    ? []
    : [`expected ${what} to be allowed, found ${error.code ?? ''}: ${error.message}`];
}

/** Takes a labelled provider without a second one that keeps the memory. */
function take(subject: Subject): { provider: bigint; held: Held } {
  const { struct, address } = subject.struct(64);
  struct.setU32(0, 16);
  struct.setU32(4, FULL_RO | LEVELS);
  struct.setU64(8, address + 16n);
  const label = Buffer.from(struct.view.buffer);
  label.write(LABEL, 16);
  const before = hold(subject);
  subject.release(before.snapshot);
  const { isGranted, out } = subject.ask(0, { request: address });
  if (!isGranted)
    throw new NotTried('a request with a label is refused: see acquire.label');
  label.fill(0x58, 16, 40); // it was borrowed for the call
  return { provider: out, held: { bytes: before.bytes, snapshot: subject.read(out) } };
}

function checkResize(subject: Subject): string[] {
  const value = lockable(subject, 'resize');
  const shape = [...value.shape];
  const larger = shape.map((extent, k) => (k === 0 ? extent + 1 : extent));
  const { provider, held } = take(subject);
  const problems = expectLocked(
    thrown(() => value.resize?.(larger)),
    'resize() while the memory is held',
    true,
  );
  problems.push(...changes(subject, held, 'after resize() was refused'));
  subject.call('unlock', provider);
  problems.push(
    ...expectLocked(
      thrown(() => value.resize?.(larger)),
      'resize() after unlock_layout (the memory is still held)',
      true,
    ),
  );
  subject.call('release', provider);
  if (problems.length === 0)
    problems.push(
      ...expectFree(
        thrown(() => value.resize?.(shape)),
        'resize() after release',
      ),
    );
  return problems;
}

/** The layout that it has, said again. */
function sameLayout(subject: Subject, value: Lockable): object {
  const { buf } = subject.whole.fields;
  const base = subject.whole.blocks[0]?.base ?? buf;
  const offset = Number(buf - base);
  return { shape: [...value.shape], strides: [...value.strides], offset };
}

function checkLayout(subject: Subject): string[] {
  const value = lockable(subject, 'setLayout');
  const layout = sameLayout(subject, value);
  const set = (): Thrown => thrown(() => value.setLayout?.(layout));
  const { provider, held } = take(subject);
  const problems = expectLocked(set(), 'setLayout() while the layout is locked', true);
  subject.call('unlock', provider);
  problems.push(...expectFree(set(), 'setLayout() after unlock_layout'));
  problems.push(...changes(subject, held, 'after setLayout()'));
  subject.call('release', provider);
  const snapshot = subject.take(FULL_RO | LEVELS | SNAPSHOT);
  problems.push(...expectFree(set(), 'setLayout() under a LAYOUT_SNAPSHOT provider'));
  subject.release(snapshot);
  return problems;
}

function checkCounts(subject: Subject): string[] {
  const value = lockable(subject);
  const start = value.locks;
  const problems: string[] = [];
  const expect = (memory: number, layout: number, when: string): void => {
    const { locks } = value;
    if (locks.memory !== start.memory + memory || locks.layout !== start.layout + layout)
      problems.push(
        `${when}: expected locks { memory: ${start.memory + memory}, layout: ${start.layout + layout} }, found { memory: ${locks.memory}, layout: ${locks.layout} }`,
      );
  };
  const [a, b] = [subject.take(), subject.take()];
  expect(2, 2, 'with two providers');
  const c = subject.take(FULL_RO | LEVELS | SNAPSHOT);
  expect(3, 2, 'with a third by LAYOUT_SNAPSHOT');
  subject.call('retain', a.fields.address);
  expect(3, 2, 'after a retain');
  subject.call('unlock', a.fields.address, 2);
  expect(3, 1, 'after unlock_layout, twice');
  subject.call('release', a.fields.address);
  expect(3, 1, 'after the release of one of two references');
  subject.release(a);
  expect(2, 1, 'after the release of both');
  subject.release(b, c);
  expect(0, 0, 'after all releases');
  for (let word = 0; word < 0x200; word++) {
    const { isGranted, out } = subject.ask(word);
    if (isGranted) subject.call('release', out);
  }
  expect(0, 0, 'after all words were asked, granted or refused');
  return problems;
}

/** Apart, so that nothing on the caller's stack can hold the Provider. */
function drop(value: unknown): void {
  acquire(value, { label: LABEL });
}

async function checkCollected(subject: Subject): Promise<string[]> {
  const value = lockable(subject);
  const before = value.locks.memory;
  drop(value);
  const during = value.locks.memory;
  if (during !== before + 1)
    return [
      `expected ${before + 1} memory locks with one more Provider, found ${during}`,
    ];
  for (let k = 0; k < 10 && value.locks.memory > before; k++) await collect();
  const after = value.locks.memory;
  return after === before
    ? []
    : [`expected ${before} memory locks once the Provider was collected, found ${after}`];
}

async function checkDispose(subject: Subject): Promise<string[]> {
  lockable(subject, 'dispose');
  const twin = subject.source.make === null ? subject : await subject.another();
  const value = lockable(twin, 'dispose');
  const held = hold(twin);
  const problems: string[] = [];
  const error = thrown(() => {
    value.dispose?.();
    value.dispose?.();
  });
  if (error !== null)
    problems.push(
      `expected dispose() never to throw, found ${error.code ?? error.message}`,
    );
  const { status, isGranted, out } = twin.ask(FULL_RO | LEVELS);
  if (isGranted) twin.call('release', out);
  if (status !== 8)
    problems.push(`expected RELEASED of acquire after dispose(), found status ${status}`);
  problems.push(...changes(twin, held, 'after dispose()'));
  subject.hasLeft = true;
  return problems;
}

const needs = ['fields', 'blocks.extents', 'blocks.inside', 'held.own', 'held.retain'];
const pledge = (id: string, text: string, attempt: Pledge['attempt']): Pledge => ({
  id,
  text,
  source: LOCKS,
  needs,
  attempt,
});

export const LOCKING: readonly Pledge[] = [
  pledge(
    'locks.counts',
    'Each lock is counted once for each provider, as `locks` shows',
    checkCounts,
  ),
  pledge(
    'locks.resize',
    'resize() is refused with LOCKED, naming the holders, while the memory is held',
    checkResize,
  ),
  pledge(
    'locks.layout',
    'setLayout() is refused while the layout is locked, and leaves held providers alone',
    checkLayout,
  ),
  pledge(
    'locks.collected',
    'A Provider that is collected unreleased gives its locks back',
    checkCollected,
  ),
  // Last: where no other can be made, this is the end of the one there is.
  pledge(
    'locks.dispose',
    'dispose() never throws: later requests get RELEASED, held memory stays',
    checkDispose,
  ),
];
