// 6.1: the ArrayBuffer may be collected while the block still has providers, and a new block may
// get the identity of one that is gone. Neither leaves anything behind.
import assert from 'node:assert/strict';
import { acquire, HostArray } from 'nbuf';
import { adopt, apart, collectAll, collectUntil } from './support/tools.mjs';

// Another provider exposed it, was released, and dropped it.
for (const [use, first] of [
  ['bytes', 1],
  ['get', 2],
]) {
  const { array, isFreed } = adopt(16);
  const held = apart(() => {
    const p = acquire(array, { writable: true });
    const q = acquire(array, { writable: true });
    p.bytes()[0] = first;
    p.release();
    return [q];
  });
  await collectAll();
  apart(() => {
    const [q] = held;
    if (use === 'bytes') assert.equal(q.bytes()[0], first);
    assert.equal(q.get(0), first);
    const typed = q.bytes();
    const other = acquire(array);
    assert.equal(other.buffer, typed.buffer);
    q.release();
    assert.equal(typed.length, 16);
    other.release();
    assert.equal(typed.length, 0);
    held.pop();
  });
  array.dispose();
  await collectUntil(isFreed, use);
}

// Unreleased and collected, many times over: later arrays get the same addresses.
for (let k = 0; k < 200; k++) {
  apart(() => {
    const p = acquire(HostArray.allocate([64]), { writable: true });
    p.bytes().fill(k);
    if (k % 3 === 0) p.release();
  });
  if (k % 10 === 9) await collectAll();
  apart(() => {
    const p = acquire(HostArray.allocate([64]), { writable: true });
    const typed = p.bytes();
    assert.ok(
      typed.every((byte) => byte === 0),
      'memory of its own',
    );
    typed.fill(1);
    assert.equal(p.get(63), 1);
    p.release();
    assert.equal(typed.length, 0, 'detached as any other');
  });
}
