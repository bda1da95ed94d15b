/** Who holds it: `error.holders` of resize and setLayout, and where that was acquired. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  acquire,
  BufferError,
  Flags,
  type Holder,
  HostArray,
  IndirectArray,
  mapFile,
  type Provider,
  trackProviders,
} from 'nbuf';
import { afterEach, describe, expect, test } from 'vitest';
import { root } from './compiler.ts';

type Probe = {
  /** A provider that native code holds, of the label 'probe' or the given one. */
  acquire(value: unknown, flags: number, label?: string): number;
  release(provider: number): void;
  /** Waits for that thread. */
  releaseOnThread(provider: number): void;
};
const probe: Probe = createRequire(import.meta.url)(
  join(root, 'test/addons/probe/build/Release/probe.node'),
);

function lockedBy(act: () => void): readonly Holder[] {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(BufferError);
    const { code, holders } = error as BufferError;
    expect([code, Object.isFrozen(holders)]).toEqual(['ERR_NBUF_LOCKED', true]);
    return holders as readonly Holder[];
  }
  throw new Error('not locked');
}

const resized = (array: HostArray): readonly Holder[] =>
  lockedBy(() => array.resize([array.capacity + 1]));
const laidOut = (array: HostArray): readonly Holder[] =>
  lockedBy(() => array.setLayout({ shape: [array.capacity] }));
const labels = (holders: readonly Holder[]) => holders.map(({ label }) => label);

const both = { memory: true, layout: true };
const memory = { memory: true, layout: false };

afterEach(() => trackProviders(false));

describe('holders', () => {
  test('of the memory, and of the layout', () => {
    const array = HostArray.allocate([4, 4]);
    using a = acquire(array, { label: 'a' });
    using plain = acquire(array);
    using snapshot = acquire(array, { layout: 'snapshot', label: 'snapshot' });
    using part = acquire(a.slice(1), { label: 'part' });
    using quiet = acquire(snapshot.slice(1));
    const holders = resized(array);
    const { age } = holders[0] as Holder;
    expect(age).toBeGreaterThanOrEqual(0);
    expect(
      holders.map((each) => ({ ...each, age: each.age === null ? null : age })),
    ).toEqual([
      { label: 'a', age, locks: both, stack: null },
      { label: 'snapshot', age, locks: memory, stack: null },
      { label: 'part ← a', age, locks: memory, stack: null },
      { label: 'view ← snapshot', age, locks: memory, stack: null },
      { label: null, age: null, locks: both, stack: null },
    ]);
    expect(labels(laidOut(array))).toEqual(['a', null]);
    a.unlockLayout();
    expect(labels(laidOut(array))).toEqual([null]);
    plain.unlockLayout();
    array.setLayout({ shape: [16] });
    expect(labels(resized(array))).toHaveLength(5);
    expect([part.size, quiet.size]).toEqual([4, 4]);
  });

  test('are as many as the message says, and no spare providers', () => {
    const array = HostArray.allocate([4]);
    for (let k = 0; k < 5; k++) acquire(array).release();
    using p = acquire(array, { label: 'only' });
    for (let k = 0; k < 5; k++) acquire(array).release();
    expect(labels(resized(array))).toEqual(['only']);
    p.release();
    array.resize([8]);
    expect(array.shape).toEqual([8]);
  });

  test('of native code, on whatever thread it lets go', () => {
    const array = HostArray.allocate([4]);
    const named = probe.acquire(array, Flags.FULL_RO, 'native');
    const snapshot = probe.acquire(array, Flags.SIMPLE | Flags.LAYOUT_SNAPSHOT, 'copy');
    using mine = acquire(array, { label: 'mine' });
    expect(labels(resized(array))).toEqual(['native', 'copy', 'mine']);
    expect(labels(laidOut(array))).toEqual(['native', 'mine']);
    mine.release();
    probe.releaseOnThread(named);
    expect(labels(resized(array))).toEqual(['copy']);
    probe.release(snapshot);
    array.resize([9]);
  });

  test('of an IndirectArray, of its rows, and of a mapped file', () => {
    const row = HostArray.allocate([8]);
    const array = IndirectArray.fromRows([row, HostArray.allocate([8])]);
    expect(labels(resized(row))).toEqual(['IndirectArray']);
    using p = acquire(array, { label: 'image' });
    p.get(0, 0);
    expect(labels(resized(row))).toEqual(['IndirectArray', 'image ← IndirectArray']);
    expect(labels(lockedBy(() => array.setLayout({})))).toEqual(['image']);
    const folder = mkdtempSync(join(tmpdir(), 'nbuf-'));
    writeFileSync(join(folder, 'file'), Buffer.alloc(64));
    const file = mapFile(join(folder, 'file'));
    using q = acquire(file, { label: 'mapped' });
    expect(labels(laidOut(file))).toEqual(['mapped']);
    expect(q.size).toBe(64);
    rmSync(folder, { recursive: true });
  });

  test('by the thousand, of which 1000 are listed', () => {
    const array = HostArray.allocate([4]);
    const held: Provider[] = [];
    for (let k = 0; k < 1500; k++) held.push(acquire(array));
    expect(laidOut(array)).toHaveLength(1000);
    for (let k = 0; k < 3000; k++)
      held.push(acquire(array, { label: `h${k}`, layout: 'snapshot' }));
    const first = Array.from({ length: 1000 }, (_, k) => `h${k}`);
    expect(labels(resized(array))).toEqual(first);
    for (const p of held) p.release();
    array.resize([5]);
  });

  test('with any label', () => {
    const array = HostArray.allocate([4]);
    const given = [
      "it's",
      'two\nlines',
      '',
      'é'.repeat(40),
      'x'.repeat(63),
      '\ud800',
      '€'.repeat(21),
      'a\0b',
    ];
    const kept = [
      "it's",
      'two\nlines',
      null,
      'é'.repeat(31),
      'x'.repeat(63),
      '\ufffd',
      '€'.repeat(21),
      'a',
    ];
    const held = given.map((label) => acquire(array, { label }));
    const found = labels(resized(array));
    expect([...found].sort()).toEqual([...kept].sort());
    for (const p of held) p.release();
  });

  test('with options whose getters release and acquire meanwhile', () => {
    const array = HostArray.allocate([4]);
    const p = acquire(array, { label: 'old' });
    let held: Provider | null = null;
    const shape = [2, 2];
    Object.defineProperty(shape, 1, {
      get() {
        p.release();
        held ??= acquire(array, { label: 'new' });
        return 2;
      },
    });
    expect(labels(lockedBy(() => array.resize(shape)))).toEqual(['new']);
    (held as Provider | null)?.release();
  });
});

function acquireHere(array: HostArray, label?: string): Provider {
  return acquire(array, { label });
}

describe('trackProviders', () => {
  test('notes where an acquire was called, without the frames of nbuf', () => {
    const array = HostArray.allocate([4]);
    using before = acquireHere(array);
    trackProviders(true);
    using named = acquireHere(array, 'named');
    using plain = acquireHere(array);
    trackProviders(false);
    using after = acquireHere(array);
    const holders = resized(array);
    expect(holders.map(({ stack }) => stack !== null)).toEqual([
      true,
      false,
      true,
      false,
    ]);
    for (const { stack, age } of holders) {
      if (stack === null) continue;
      expect(age).toBeGreaterThanOrEqual(0);
      const [first, ...rest] = stack.split('\n');
      expect(first).toMatch(/^at acquireHere \(.*holders\.test\.ts:\d+:\d+\)$/);
      expect(rest.length).toBeGreaterThan(0);
      expect(stack).not.toMatch(/dist.cjs|takeSlot|makeProvider/);
    }
    expect([before, named, plain, after].every(({ released }) => !released)).toBe(true);
  });

  test('forgets what was released, also where the place serves again', () => {
    const array = HostArray.allocate([4]);
    trackProviders(true);
    const p = acquireHere(array, 'first');
    expect(resized(array)[0]?.stack).toContain('acquireHere');
    trackProviders(false);
    expect(resized(array)[0]?.stack).toContain('acquireHere'); // noted before
    p.release();
    using q = acquireHere(array, 'second');
    expect(resized(array)).toMatchObject([{ label: 'second', stack: null }]);
    q.release();
  });

  test('knows views, copies, and holders without a label', () => {
    const array = HostArray.allocate([4, 4]);
    trackProviders(true);
    using p = acquire(array, { layout: 'snapshot' });
    using view = acquire(p.slice(1), { label: 'view' });
    const holders = resized(array);
    expect(holders).toHaveLength(2);
    expect(holders.every(({ stack, age }) => stack !== null && age !== null)).toBe(true);
    expect(view.size).toBe(4);
  });

  test('survives what was done to Error', () => {
    const array = HostArray.allocate([4]);
    const { prepareStackTrace, stackTraceLimit } = Error;
    const outcomes: unknown[] = [];
    trackProviders(true);
    for (const prepare of [
      () => 7,
      () => null,
      () => {
        throw new Error('mine');
      },
      () => {
        acquire(array).release(); // would note itself for ever
        return 'x\n  at mine';
      },
    ]) {
      Error.prepareStackTrace = prepare;
      const p = acquire(array);
      Error.prepareStackTrace = prepareStackTrace as never;
      outcomes.push(resized(array)[0]?.stack);
      p.release();
    }
    Error.stackTraceLimit = 0;
    const p = acquire(array);
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = stackTraceLimit;
    outcomes.push(resized(array)[0]?.stack?.includes('holders.test.ts'), limit);
    p.release();
    expect(outcomes).toEqual([null, null, null, 'at mine', true, 0]);
  });

  test('wants a boolean', () => {
    for (const value of [undefined, 1, 'true', {}])
      expect(() => trackProviders(value as never)).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
      );
  });
});
