// lend(): a provider of its own holds the bytes until the promise settles, either way.
import assert from 'node:assert/strict';
import { acquire, HostArray } from 'nbuf';
import { settle } from './support/tools.mjs';

const array = HostArray.allocate([4, 4]);
const p = acquire(array, { label: 'owner' });
const held = () => array.locks.memory;

// The result, of a promise, a thenable, or plain.
assert.equal(await p.lend((bytes) => bytes.length), 16);
assert.equal(await p.lend(async (bytes) => bytes.length), 16);
const thenable = (value) => Object.fromEntries([['then', (done) => done(value)]]);
assert.equal(await p.slice(0).lend((bytes) => thenable(bytes.length)), 4);
assert.equal(held(), 1);

// Errors come through, and the lock is given back.
const failure = new Error('no');
for (const use of [
  () => Promise.reject(failure),
  () => {
    throw failure;
  },
  async () => {
    throw failure;
  },
]) {
  assert.equal((await settle(p.lend(use))).error, failure);
  assert.equal(held(), 1);
}
for (const wrong of [undefined, null, 3, 'f', {}, [], Promise.resolve()])
  assert.equal((await settle(p.lend(wrong))).error.code, 'ERR_INVALID_ARG_TYPE');
assert.equal(
  (await settle(p.transpose().lend(() => 1))).error.code,
  'ERR_NBUF_CONTIGUITY',
);
assert.equal(
  (await settle(p.toReadonly().lend(() => 1))).error.code,
  'ERR_NBUF_READONLY',
);
assert.equal(held(), 1);

// It holds the memory, not the layout, and is named.
let end;
const pending = p.lend(
  (bytes) => new Promise((done) => (end = () => done(bytes.length))),
);
p.release();
assert.deepEqual(array.locks, { memory: 1, layout: 0 });
assert.throws(() => array.resize([1]), /lend/);
array.setLayout({ shape: [16] });
end();
assert.equal(await pending, 16, 'not detached before it settles');
assert.equal(held(), 0);
assert.equal((await settle(p.lend(() => 1))).error.code, 'ERR_NBUF_RELEASED');

// What the function keeps is stale afterwards.
const q = acquire(array);
const kept = await q.lend((bytes) => bytes);
assert.equal(kept.length, 16, 'q is still there');
q.release();
assert.equal(kept.length, 0);
