// 6.2: only explicit release detaches. A collected provider leaves its lock to the ArrayBuffer,
// and once that happened later releases do not detach it either.
import assert from 'node:assert/strict';
import { acquire, HostArray } from 'nbuf';
import { apart, collectAll, collectUntil } from './support/tools.mjs';

const array = HostArray.allocate([16], 'h');
let typed = apart(() =>
  acquire(array, { writable: true, label: 'forgotten' }).typedArray(),
);
await collectAll();
assert.deepEqual(array.locks, { memory: 1, layout: 0 });
assert.throws(
  () => array.resize([4]),
  (error) => {
    assert.equal(error.code, 'ERR_NBUF_LOCKED');
    assert.match(error.message, /'ArrayBuffer'/);
    assert.doesNotMatch(error.message, /forgotten/);
    return true;
  },
);
array.setLayout({ shape: [4, 4] });

typed[5] = -7;
apart(() => {
  const p = acquire(array, { writable: true });
  assert.equal(p.get(1, 1), -7);
  assert.equal(p.buffer, typed.buffer);
  p.release();
  assert.equal(typed.length, 16, 'not detached');
  const q = acquire(typed);
  assert.equal(q.get(5), -7);
  q.unsafeRelease();
  assert.equal(typed.length, 16, 'not detached');
});
array.dispose();
await collectAll();
assert.equal(typed[5], -7);
assert.deepEqual(array.locks, { memory: 1, layout: 0 });
typed = null;
await collectUntil(() => array.locks.memory === 0, "the buffer's lock");
