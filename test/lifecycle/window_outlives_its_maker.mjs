// 6.2: a window of our own memory, acquired through an exposed typed array, may have to make the
// block's ArrayBuffer anew. The locks drop at the release all the same, not at a collection.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { acquire, HostArray } from 'nbuf';
import { adopt, apart, collectAll, collectUntil } from './support/tools.mjs';

const require = createRequire(import.meta.url);
const lender = require('../addons/probe/build/Release/lender.node');

for (const isAlone of [false, true]) {
  const array = HostArray.from([1, 2, 3, 4, 5, 6, 7, 8], 'B');
  const held = apart(() => {
    const p = acquire(array, { label: 'p' });
    const window = acquire(p.typedArray(), { label: 'window' });
    const other = isAlone ? null : acquire(array, { label: 'other' });
    p.release();
    return { window, other };
  });
  await collectAll();
  const { window, other } = held;
  const anew = window.bytes();
  assert.deepEqual([...anew], [1, 2, 3, 4, 5, 6, 7, 8]);
  other?.release();
  assert.equal(anew[7], 8);
  window.release();
  assert.equal(anew.length, 0);
  assert.deepEqual(array.locks, { memory: 0, layout: 0 }, `alone: ${isAlone}`);
  array.resize([16]);
}

// Whoever passes our block on makes the buffer as little as a window does.
const source = HostArray.allocate([8]);
const ours = acquire(source);
const theirs = acquire(lender.passOn(source), { writable: true });
const shown = theirs.bytes();
assert.equal(ours.buffer, shown.buffer, 'one block, one buffer');
ours.release();
theirs.release();
await collectUntil(() => source.locks.memory === 0, 'what was passed on');
const waiting = acquire(source).bytes();
assert.equal(waiting.length, 8);
assert.equal(shown.length, 0);

// The memory is still freed with its last use.
const { array, isFreed } = adopt(64);
apart(() => {
  const p = acquire(array);
  const windows = [acquire(p.bytes()), acquire(p.bytes())];
  p.release();
  array.dispose();
  windows[0].set(5, 9);
  assert.equal(windows[1].get(5), 9);
  for (const window of windows) window.release();
});
await collectUntil(isFreed, 'memory behind windows');
