/** report(): live providers, exposed buffers, and bytes that wait for garbage collection. */

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { inspect } from 'node:util';
import { Worker } from 'node:worker_threads';
import {
  acquire,
  Flags,
  HostArray,
  IndirectArray,
  type ProviderReport,
  type Report,
  report,
  trackProviders,
} from 'nbuf';
import { describe, expect, test } from 'vitest';
import { root } from './compiler.ts';
import { loadHostile } from './foreign_addon.ts';

const addon = loadHostile();
const probe: {
  acquire(value: unknown, flags: number, label?: string): number;
  release(provider: number): void;
} = createRequire(import.meta.url)(
  join(root, 'test/addons/probe/build/Release/probe.node'),
);

const named = (label: string, { providers }: Report = report()): ProviderReport[] =>
  providers.filter((each) => each.label === label);

async function collect(): Promise<void> {
  for (let round = 0; round < 5; round++) {
    globalThis.gc?.();
    await setImmediate();
  }
}

const both = { memory: true, layout: true };
const memory = { memory: true, layout: false };
const host = { age: 0, readonly: false, copied: false, held: 'here', stack: null };

describe('providers', () => {
  test('of every kind of source, until they are released', () => {
    const array = HostArray.allocate([2, 3], 'd');
    using p = acquire(array, { label: 'array' });
    using view = acquire(p.transpose().toReadonly(), { label: 'view' });
    using copy = acquire(p.transpose(), {
      label: 'copy',
      contiguous: 'C',
      copy: 'if-needed',
    });
    using bytes = acquire(new Uint8Array(3));
    using foreign = acquire(addon.honest(2), { label: 'foreign' });
    using simple = acquire(array, Flags.SIMPLE | Flags.LAYOUT_SNAPSHOT);
    const { providers, totals, thread, tracking } = report();
    const shown = providers.map((each) => ({
      ...each,
      age: each.age === null ? null : 0,
    }));
    const doubles = { format: 'd', byteLength: 48 };
    expect(shown).toHaveLength(6);
    for (const expected of [
      { ...host, ...doubles, label: 'array', shape: [2, 3], locks: both },
      {
        ...host,
        ...doubles,
        label: 'view ← array',
        shape: [3, 2],
        locks: memory,
        readonly: true,
      },
      { ...host, ...doubles, label: 'copy', shape: [3, 2], locks: both, copied: true },
      {
        ...host,
        label: null,
        age: null,
        shape: [3],
        format: 'B',
        byteLength: 3,
        locks: both,
      },
      {
        ...host,
        label: 'foreign',
        age: null,
        shape: [2, 4],
        format: 'h',
        byteLength: 16,
        locks: both,
      },
      {
        ...host,
        label: null,
        age: null,
        shape: null,
        format: null,
        byteLength: 48,
        locks: memory,
      },
    ])
      expect(shown).toContainEqual(expected);
    expect(totals).toMatchObject({ here: 6, bytes: 48 * 4 + 3 + 16, elsewhere: 0 });
    expect([thread, tracking]).toEqual([0, false]);
    for (const each of [p, view, copy, bytes, foreign, simple]) each.release();
    expect(report().totals).toMatchObject({ here: 0, bytes: 0, elsewhere: 0 });
  });

  test('that were collected are not among them', async () => {
    (() => void acquire(HostArray.allocate([7]), { label: 'lost' }))();
    await collect();
    expect(named('lost')).toEqual([]);
  });

  test('with where they were acquired', () => {
    trackProviders(true);
    using p = acquire(HostArray.allocate([7]), { label: 'tracked' });
    const found = report();
    trackProviders(false);
    expect(found.tracking).toBe(true);
    expect(named('tracked', found)[0]?.stack).toMatch(/^at .*report\.test\.ts:\d+:\d+/);
    expect(p.released).toBe(false);
  });

  test('hide what an indirect provider opens for itself', () => {
    const array = IndirectArray.fromRows([
      HostArray.allocate([4]),
      HostArray.allocate([4]),
    ]);
    using p = acquire(array, { label: 'rows' });
    expect(p.get(1, 1)).toBe(0);
    const { totals, providers } = report();
    expect(totals).toMatchObject({ here: 1, elsewhere: 2 });
    expect(providers.map(({ label }) => label)).toEqual([
      'rows',
      'IndirectArray',
      'IndirectArray',
    ]);
    array.dispose();
  });
});

describe('what is held elsewhere', () => {
  test('by native code, also when nobody has the array any more', async () => {
    let array: HostArray | null = HostArray.allocate([5], 'h');
    const provider = probe.acquire(array, Flags.FULL_RO, 'native');
    const silent = probe.acquire(array, Flags.SIMPLE);
    const check = () => {
      const { providers } = report();
      const others = providers.filter(({ held }) => held === 'elsewhere');
      const facts = { shape: [5], format: 'h', byteLength: 10, readonly: false };
      expect(named('native')).toMatchObject([{ ...facts, locks: both, copied: false }]);
      const unknown = others.filter(({ label }) => label === null);
      expect(unknown).toMatchObject([{ shape: null, byteLength: null, locks: both }]);
    };
    check();
    array = null;
    await collect();
    check();
    probe.release(provider);
    probe.release(silent);
    expect(named('native')).toEqual([]);
  });

  test('by another thread', async () => {
    const source = `
      const { parentPort } = require('node:worker_threads');
      const { acquire, HostArray, report } = require('nbuf');
      const array = HostArray.allocate([3]);
      const p = acquire(array, { label: 'theirs' });
      parentPort.postMessage(report());
      parentPort.once('message', () => p.release());`;
    const worker = new Worker(source, { eval: true });
    const [own] = await new Promise<Report[]>((done, fail) => {
      worker.once('message', (message: Report) => done([message]));
      worker.once('error', fail);
    });
    expect(own?.thread).toBe(worker.threadId);
    expect(named('theirs', own)).toMatchObject([{ held: 'here' }]);
    expect(named('theirs')).toMatchObject([
      { held: 'elsewhere', shape: [3], stack: null },
    ]);
    const end = new Promise((done) => worker.once('exit', done));
    worker.postMessage('go');
    await end;
    expect(named('theirs')).toEqual([]);
  });
});

describe('buffers', () => {
  const sizes = (size: number) =>
    report().buffers.filter(({ byteLength }) => byteLength === size);

  test('are attached, then wait, then are gone', async () => {
    await collect();
    const before = report().waiting;
    const show = () => {
      const array = HostArray.allocate([12345]);
      const a = acquire(array);
      const b = acquire(array);
      expect(sizes(12345)).toEqual([]);
      a.bytes();
      expect(sizes(12345)).toEqual([
        { byteLength: 12345, providers: 2, state: 'attached' },
      ]);
      a.release();
      b.release();
      expect(sizes(12345)).toEqual([
        { byteLength: 12345, providers: 0, state: 'waiting' },
      ]);
    };
    show();
    expect(report().waiting).toEqual({
      bytes: before.bytes + 12345,
      buffers: before.buffers + 1,
    });
    await collect();
    expect(sizes(12345)).toEqual([]);
    expect(report().waiting).toEqual(before);
  });

  test('are kept where their provider was collected', async () => {
    const array = HostArray.allocate([12346]);
    let bytes: Uint8Array | null = (() => acquire(array, { label: 'gone' }).bytes())();
    await collect();
    expect(sizes(12346)).toEqual([{ byteLength: 12346, providers: 0, state: 'kept' }]);
    expect(named('ArrayBuffer')).toMatchObject([
      { held: 'elsewhere', byteLength: 12346 },
    ]);
    expect(bytes?.length).toBe(12346);
    bytes = null;
    await collect();
    expect(sizes(12346)).toEqual([]);
    expect(named('ArrayBuffer')).toEqual([]);
  });

  test('and nothing stays of what was freed by hand', () => {
    const p = acquire(HostArray.allocate([12348]));
    p.bytes();
    p.unsafeRelease();
    expect(sizes(12348)).toEqual([]);
  });
});

test('a report is plain data', () => {
  using p = acquire(HostArray.allocate([3]), { label: 'plain' });
  p.bytes();
  const found = report();
  expect(JSON.parse(JSON.stringify(found))).toEqual(found);
  expect(structuredClone(found)).toEqual(found);
  expect(inspect(found, { depth: 5 })).toContain("label: 'plain'");
});

test('ten thousand providers are all there', () => {
  const array = HostArray.allocate([3]);
  const held = Array.from({ length: 10_000 }, (_, k) =>
    acquire(array, k % 2 === 0 ? { label: `p${k}` } : {}),
  );
  const { totals, providers } = report();
  expect(totals.here).toBeGreaterThanOrEqual(10_000);
  expect(new Set(providers.map(({ label }) => label)).size).toBeGreaterThan(5_000);
  expect(totals.elsewhere).toBe(0);
  for (const p of held) p.release();
});
