// report(): a buffer that its user moved is said to be, before and after the release, until V8
// drops its bytes.
import assert from 'node:assert/strict';
import { acquire, HostArray, report } from 'nbuf';
import { apart, collectUntil, hasTransfer } from './support/tools.mjs';

const states = () =>
  report()
    .buffers.filter(({ byteLength }) => byteLength === 4321)
    .map(({ state, providers }) => [state, providers]);

if (hasTransfer) {
  const moved = { buffer: null };
  apart(() => {
    const p = acquire(HostArray.allocate([4321]));
    p.bytes();
    assert.deepEqual(states(), [['attached', 1]]);
    moved.buffer = p.buffer.transfer();
    assert.deepEqual(states(), [['moved', 1]]);
    p.release();
  });
  assert.deepEqual(states(), [['moved', 0]]);
  assert.equal(moved.buffer.byteLength, 4321);
  moved.buffer = null;
  await collectUntil(() => states().length === 0, 'the moved bytes');
}
