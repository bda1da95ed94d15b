/** copyAsync ended early: the reason, the locks, the listeners; and what threw. */

import { getEventListeners } from 'node:events';
import { acquire, BufferError, copyAsync, HostArray, type View } from 'nbuf';
import { describe, expect, test } from 'vitest';
import { failureOf, MIB, refuses, unlocked } from './copy_async_tools.ts';

describe('the signal', () => {
  const total = 128 * MIB;
  const target = HostArray.allocate([total]);
  const source = HostArray.from([1], 'B');

  /** Bytes of the target that are 1; then all are 0 again. */
  function takeCopied(): number {
    using p = acquire(target, { writable: true });
    const words = new Uint32Array(p.buffer, p.byteOffset, total / 4);
    let count = 0;
    for (const word of words) count += word === 0 ? 0 : 4;
    words.fill(0);
    return count;
  }

  function waste(milliseconds: number): void {
    for (const start = performance.now(); performance.now() - start < milliseconds; );
  }

  test('ends the copy with its reason, the target partly written', async () => {
    let partly = 0;
    for (let round = 0; round < 100 && partly < 3; round++) {
      const controller = new AbortController();
      const { signal } = controller;
      const reason = { round };
      const promise = copyAsync(target, source, { threads: 1, signal });
      expect(getEventListeners(signal, 'abort')).toHaveLength(1);
      waste(round / 10);
      controller.abort(reason);
      expect(await failureOf(promise)).toBe(reason);
      expect(getEventListeners(signal, 'abort')).toEqual([]);
      expect([target.locks, source.locks]).toEqual([unlocked, unlocked]);
      const count = takeCopied();
      partly += count > 0 && count < total ? 1 : 0;
      await new Promise((done) => setTimeout(done, 5));
      expect(takeCopied(), 'nothing is written after the rejection').toBe(0);
    }
    expect(partly).toBe(3);
  });

  test('ends a copy of more elements than anybody can wait for', async () => {
    const tangle = HostArray.allocate([2 * MIB]);
    tangle.setLayout({ shape: [MIB, MIB], strides: [1, 1] });
    const controller = new AbortController();
    const promise = copyAsync(tangle, source, { signal: controller.signal });
    setTimeout(() => controller.abort('enough'), 20);
    expect(await failureOf(promise)).toBe('enough');
    expect([tangle.locks, source.locks]).toEqual([unlocked, unlocked]);
  });

  const later = (milliseconds: number) => () =>
    new Promise((done) => setTimeout(done, milliseconds));
  const waits: readonly (() => unknown)[] = [
    () => null,
    () => new Promise((done) => setImmediate(done)),
    ...[0, 1, 2, 4].map(later),
  ];

  test('at any moment: it settles once, and the locks are returned', async () => {
    const part = acquire(target, { writable: true }).slice([0, 8 * MIB]);
    let rejected = 0;
    for (let round = 0; round < 120; round++) {
      const controller = new AbortController();
      const copying = copyAsync(part, source, { threads: 2, signal: controller.signal });
      await waits[round % waits.length]?.();
      controller.abort(round);
      const reason = await copying.then(
        () => null,
        (error: unknown) => error,
      );
      expect([null, round]).toContain(reason);
      rejected += reason === round ? 1 : 0;
      expect(target.locks.memory).toBe(1);
      expect(source.locks).toEqual(unlocked);
      expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    }
    expect(rejected).toBeGreaterThan(20);
  });

  test('after the end it changes nothing; one that throws returns the locks', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const small: View = acquire(HostArray.allocate([4]), { writable: true });
    await copyAsync(small, source, { signal });
    controller.abort('late');
    expect(small.toArray()).toEqual([1, 1, 1, 1]);
    const listenersThatThrow = {
      aborted: false,
      addEventListener: () => {
        throw new BufferError('ERR_NBUF_IO', 'no');
      },
      removeEventListener: () => {},
    } as unknown as AbortSignal;
    const copying = copyAsync(target, source, { signal: listenersThatThrow });
    await refuses('ERR_NBUF_IO', copying);
    const calledAtOnce = {
      aborted: false,
      reason: 'at once',
      addEventListener: (_type: string, abort: () => void) => abort(),
      removeEventListener: () => {},
    } as unknown as AbortSignal;
    const early = copyAsync(target, source, { signal: calledAtOnce });
    expect(await failureOf(early)).toBe('at once');
    expect(source.locks).toEqual(unlocked);
  });
});
