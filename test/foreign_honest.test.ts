/** A correct exporter of another addon, made by nbuf_export_pointer: locks, blocks, lifetime. */

import { setImmediate } from 'node:timers/promises';
import { acquire, HostArray, type Provider } from 'nbuf';
import { describe, expect, test } from 'vitest';
import { loadHostile } from './foreign_addon.ts';

const addon = loadHostile();

function code(suffix: string): unknown {
  return expect.objectContaining({ code: `ERR_NBUF_${suffix}` });
}

/** How many blocks are freed once the collector has nothing more to do. */
async function settled(): Promise<number> {
  let before = -1;
  for (let calm = 0; calm < 3; calm = addon.freed() === before ? calm + 1 : 0) {
    before = addon.freed();
    globalThis.gc?.();
    await setImmediate();
  }
  return before;
}

describe('memory of another addon', () => {
  test('is shown as it lies there', () => {
    using p = acquire(addon.honest(3), { writable: true });
    expect([p.shape, p.strides, p.format]).toEqual([[3, 4], [16, 2], 'h']);
    expect(p.toArray()).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9, 10, 11],
    ]);
    expect([...p.slice(':', -1)]).toEqual([3, 7, 11]);
    p.slice(1).fill(-1);
    expect([...p.slice(1).transpose()]).toEqual([-1, -1, -1, -1]);
    expect(p.buffer.byteLength).toBe(48);
    expect([...p.runs()].map((run) => run.byteOffset)).toEqual([0, 16, 32]);
  });

  test('has one ArrayBuffer, whoever acquires it', () => {
    const exporter = addon.honest(3);
    using a = acquire(exporter, { writable: true });
    using b = acquire(exporter, { label: 'second' });
    using c = acquire(a.slice([1, 3]));
    expect(b.buffer).toBe(a.buffer);
    expect(c.buffer).toBe(a.buffer);
    expect([a.byteOffset, c.byteOffset]).toEqual([0, 16]);
    a.set(2, 3, 99);
    expect([b.get(2, 3), c.get(1, 3)]).toEqual([99, 99]);
    using other = acquire(addon.honest(3));
    expect(other.buffer).not.toBe(a.buffer);
  });

  test('is also found through its ArrayBuffer', () => {
    const exporter = addon.honest(3);
    using a = acquire(exporter, { writable: true });
    using bytes = acquire(new Uint8Array(a.buffer, 16, 8));
    expect(bytes.buffer).toBe(a.buffer);
    expect(bytes.cast('h').get(0)).toBe(4);
    expect(addon.locks(exporter).memory).toBeGreaterThanOrEqual(1);
    a.release();
    expect(bytes.get(0)).toBe(4);
  });
});

describe('its locks', () => {
  test('are taken and given back there', () => {
    const exporter = addon.honest(2);
    expect(addon.locks(exporter)).toEqual({ memory: 0, layout: 0 });
    const a = acquire(exporter, { label: 'a' });
    const b = acquire(exporter, { layout: 'snapshot' });
    expect(addon.locks(exporter)).toEqual({ memory: 2, layout: 1 });
    expect([a.locks, b.locks]).toEqual([
      { memory: true, layout: true },
      { memory: true, layout: false },
    ]);
    expect(() => addon.reshape(exporter, 8)).toThrow(
      /locked by 1 provider \('a', \d+ ms\)/,
    );
    a.unlockLayout();
    a.unlockLayout();
    expect(addon.locks(exporter)).toEqual({ memory: 2, layout: 0 });
    addon.reshape(exporter, 8);
    expect(a.shape).toEqual([2, 4]);
    using now = acquire(exporter);
    expect([now.shape, now.format]).toEqual([[8], 'B']);
    now.release();
    b.release();
    a.release();
    a.release();
    expect(addon.locks(exporter)).toEqual({ memory: 0, layout: 0 });
  });

  test('are not taken by what was refused', () => {
    const exporter = addon.honest(2);
    expect(() => acquire(exporter, { contiguous: 'C' })).toThrow(code('CONTIGUITY'));
    expect(() => acquire(exporter, { strides: false })).toThrow(code('STRIDES'));
    expect(() => acquire(exporter, 0x2)).toThrow(code('UNSUPPORTED'));
    using copy = acquire(exporter, { contiguous: 'C', copy: 'if-needed' });
    expect([copy.copied, [...copy]]).toEqual([true, [0, 1, 2, 3, 4, 5, 6, 7]]);
    expect(addon.locks(exporter)).toEqual({ memory: 0, layout: 0 });
  });

  test('go with the release, not with the last view', () => {
    const exporter = addon.honest(2);
    const parent = acquire(exporter, { label: 'parent' });
    const child = acquire(parent.slice(0), { label: 'child' });
    parent.release();
    expect(addon.locks(exporter)).toEqual({ memory: 1, layout: 0 });
    expect([...child]).toEqual([0, 1, 2, 3]);
    child.release();
    expect(addon.locks(exporter)).toEqual({ memory: 0, layout: 0 });
  });
});

describe('its memory is freed once', () => {
  const orders: readonly (readonly [string, (a: Provider, b: Provider) => Provider[]])[] =
    [
      ['in order', (a, b) => [a, b]],
      ['in reverse', (a, b) => [b, a]],
      ['only one of them', (a) => [a]],
      ['never', () => []],
    ];
  test.each(orders)('released %s', async (_name, pick) => {
    for (const isExposed of [false, true]) {
      const before = await settled();
      (() => {
        const a = acquire(addon.honest(1), { writable: true });
        const b = acquire(a.reshape([4]));
        if (isExposed) expect(a.bytes().length + b.bytes().length).toBe(16);
        for (const p of pick(a, b)) p.release();
      })();
      expect(await settled()).toBe(before + 1);
    }
  });

  test('while a provider lives the exporter may go', async () => {
    const before = await settled();
    const p = acquire(addon.honest(1), { writable: true });
    expect([(await settled()) - before, [...p]]).toEqual([0, [0, 1, 2, 3]]);
    p.release();
    expect(await settled()).toBe(before + 1);
  });
});

test('copies between addons', () => {
  using a = acquire(addon.honest(2), { writable: true });
  using b = acquire(HostArray.allocate([2, 4], '<h'), { writable: true });
  b.copyFrom(a);
  expect([...b]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  a.copyFrom(b.slice([null, null, -1]));
  expect([...a]).toEqual([4, 5, 6, 7, 0, 1, 2, 3]);
  expect(a.equals(b)).toBe(false);
  expect(HostArray.from(a).strides).toEqual([8, 2]);
});
