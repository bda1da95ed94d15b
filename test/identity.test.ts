/** What nbuf takes for its own: Externals by their tag, buffers and blocks by what the engine says. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { acquire, Flags, HostArray } from 'nbuf';
import { describe, expect, test } from 'vitest';
import { root } from './compiler.ts';
import { loadHostile } from './foreign_addon.ts';

const require = createRequire(import.meta.url);
const EXPORTER: unique symbol = Symbol.for('nbuf.exporter') as never;

type Addon = {
  arrayIndex(value: unknown): number;
  slotIndex(value: unknown): number;
  newSlot(): unknown;
  statusCode(status: number): string;
};
type Probe = {
  acquire(value: unknown, flags: number): number;
  info(slot: number): { blocks: { id: bigint; base: bigint; size: number }[] };
  release(slot: number): void;
};

const addon = (require('node-gyp-build') as (folder: string) => Addon)(root);
const probe = require(join(root, 'test/addons/probe/build/Release/probe.node')) as Probe;

function blockOf(value: unknown): { id: bigint; base: bigint; size: number } {
  const slot = probe.acquire(value, Flags.FULL_RO);
  const [block] = probe.info(slot).blocks;
  probe.release(slot);
  if (block === undefined) throw new Error('expected a block, found none');
  return block;
}

describe('Externals', () => {
  const array = HostArray.allocate([4]);
  const exporter = (array as unknown as { [EXPORTER](): unknown })[EXPORTER]();
  const slot = addon.newSlot();
  const foreign = [
    ['an exporter', exporter],
    [
      "another addon's",
      (loadHostile().honest(1) as { [EXPORTER](): unknown })[EXPORTER](),
    ],
    ['an object', {}],
    ['nothing', undefined],
    ['a number', 5],
  ] as const;

  test.each(foreign)('%s is neither an array nor a slot', (_, value) => {
    for (const status of [addon.arrayIndex(value), addon.slotIndex(value)])
      expect(addon.statusCode(-status)).toBe('ERR_INVALID_ARG_TYPE');
  });

  test('of one kind is not of the other', () => {
    expect(addon.slotIndex(slot)).toBeGreaterThanOrEqual(0);
    expect(addon.arrayIndex(slot)).toBeLessThan(0);
  });
});

describe('block ids', () => {
  test('that are unknown stay so in re-exports', () => {
    const source = new Uint8Array(64);
    expect(blockOf(source).id).toBe(0n);
    using p = acquire(source);
    using again = acquire(p.slice([8, 16]));
    expect([blockOf(p).id, blockOf(again).id]).toEqual([0n, 0n]);
    expect(blockOf(again)).toEqual(blockOf(source));
  });

  test('that are known are passed on', () => {
    using p = acquire(HostArray.allocate([4]));
    using again = acquire(p.slice([1]));
    using window = acquire(p.typedArray());
    expect(blockOf(p).id).not.toBe(0n);
    expect([blockOf(again), blockOf(window)]).toEqual([blockOf(p), blockOf(p)]);
  });

  test('of one source, unknown or not, give one buffer', () => {
    const shared = new SharedArrayBuffer(16);
    using p = acquire(shared);
    using q = acquire(p.slice([4]));
    expect(q.buffer).toBe(p.buffer);
    const honest = loadHostile().honest(4);
    using a = acquire(honest);
    using b = acquire(a.slice([1]));
    expect(b.unsafeExpose()).toBe(a.unsafeExpose());
  });
});

test("an exposed buffer's own byteLength counts for nothing", () => {
  using p = acquire(HostArray.allocate([16], 'H'), { writable: true });
  for (const length of [0, 4, 2 ** 40]) {
    Object.defineProperty(p.buffer, 'byteLength', { value: length, configurable: true });
    p.set(10, length % 99);
    expect(p.get(10)).toBe(length % 99);
    expect(p.asNdarray().data.byteLength).toBe(32);
    expect(p.bytes().length).toBe(32);
  }
});
