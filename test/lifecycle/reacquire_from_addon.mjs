// 3.5: another addon that acquires what nbuf exposed gets the block and its locks.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { acquire, Flags, HostArray } from 'nbuf';
import { adopt, apart, collectAll, collectUntil, refuses } from './support/tools.mjs';

const require = createRequire(import.meta.url);
const probe = require('../addons/probe/build/Release/probe.node');

const array = HostArray.allocate([8]);
const p = acquire(array, { writable: true, label: 'ours' });
const typed = p.bytes();
typed[5] = 77;
for (const source of [typed, p.buffer, p, p.slice([2]), array]) {
  const slot = probe.acquire(source, Flags.FULL_RO, 'theirs');
  assert.equal(array.locks.memory, 2);
  assert.throws(() => array.resize([1]), /theirs/);
  probe.release(slot);
  assert.equal(array.locks.memory, 1);
}

// Its provider outlives ours: JavaScript is cut off, the memory stays.
const slot = probe.acquire(typed.subarray(4), Flags.FULL_RO, 'theirs');
p.release();
assert.equal(typed.length, 0);
assert.deepEqual(array.locks, { memory: 1, layout: 0 });
refuses('ERR_NBUF_LOCKED', () => array.resize([1]));
assert.deepEqual([...new Uint8Array(probe.bytes(slot))], [0, 77, 0, 0]);
refuses('ERR_NBUF_DETACHED', () => probe.acquire(typed, Flags.FULL_RO));
probe.releaseOnThread(slot);
assert.deepEqual(array.locks, { memory: 0, layout: 0 });
array.resize([4]);

// The same with memory that can be seen to be freed.
const { array: adopted, isFreed } = adopt(16);
const held = apart(() => {
  const q = acquire(adopted);
  const theirs = probe.acquire(q.bytes(), Flags.FULL_RO);
  adopted.dispose();
  q.release();
  return theirs;
});
await collectAll();
assert.ok(!isFreed());
probe.release(held);
await collectUntil(isFreed, 'adopted memory');
