// Released here first or there first: an ArrayBuffer ends with the copy that made it, memory
// with its last provider.
import assert from 'node:assert/strict';
import { collect, expectCode, pairs } from './tools.mjs';

// Each in a function: a module's own variables would keep the last ones.

/** The owner lets go first: its typed array ends, the peer's goes on. */
function ownerFirst(owner, peer, array) {
  const mine = owner.acquire(array, { writable: true });
  const typed = mine.typedArray();
  const theirs = peer.acquire(typed, { writable: true });
  const theirTyped = theirs.typedArray();
  assert.notEqual(theirTyped.buffer, typed.buffer);
  theirTyped[0] = 9;
  assert.equal(typed[0], 9);
  mine.release();
  assert.equal(typed.length, 0);
  assert.equal(theirTyped[0], 9);
  assert.equal(array.locks.memory, 1);
  expectCode('ERR_NBUF_DETACHED', () => peer.acquire(typed));
  theirs.release();
  assert.equal(theirTyped.length, 0);
}

function peerFirst(owner, peer, array) {
  const mine = owner.acquire(array, { writable: true });
  const theirs = peer.acquire(mine.typedArray().subarray(10, 20), { writable: true });
  const window = theirs.typedArray();
  assert.equal(window.length, 10);
  theirs.release();
  assert.equal(window.length, 0);
  assert.equal(mine.typedArray().length, 1000);
  mine.release();
}

/** A view of the peer's is gone when the provider is of which it is a view. */
function viewsEnd(owner, peer, array) {
  const p = peer.acquire(array);
  const view = p.slice([0, 5]);
  p.release();
  expectCode('ERR_NBUF_RELEASED', () => owner.acquire(view));
}

/** JavaScript's own memory: whoever transfers it takes it from both. */
function borrowing(owner, peer) {
  const bytes = new Uint8Array(8);
  const lent = owner.acquire(bytes);
  const relent = peer.acquire(lent);
  assert.equal(relent.buffer, bytes.buffer);
  bytes[1] = 5;
  assert.equal(relent.get(1), 5);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  for (const each of [lent, relent, relent.slice([1])])
    expectCode('ERR_NBUF_DETACHED', () => each.get(0));
  expectCode('ERR_NBUF_DETACHED', () => peer.acquire(lent));
  expectCode('ERR_NBUF_DETACHED', () => owner.acquire(relent));
  expectCode('ERR_NBUF_DETACHED', () => relent.toBytes());
  lent.release();
  relent.release();

  // It cannot be pinned by another copy either.
  const four = owner.acquire(new Uint8Array(4));
  expectCode('ERR_NBUF_UNSUPPORTED', () => peer.acquire(four, { pin: true }));
  assert.ok(peer.acquire(four, { pin: true, copy: 'if-needed' }).copied);

  // Nobody can name a buffer in which the memory does not lie, or run amok meanwhile.
  const key = Symbol.for('nbuf.buffer');
  const names = [new ArrayBuffer(4), new ArrayBuffer(0), new Uint8Array(4), {}, 5, null];
  for (const name of names) {
    const liar = Object.defineProperty(owner.acquire(new Uint8Array(4)), key, {
      value: () => name,
    });
    expectCode('ERR_NBUF_UNSUPPORTED', () => peer.acquire(liar));
  }
  const ending = owner.acquire(new Uint8Array(4));
  Object.defineProperty(ending, key, {
    get: () => ending.release(),
  });
  expectCode('ERR_NBUF_RELEASED', () => peer.acquire(ending));
}

for (const [owner, peer] of pairs) {
  const array = owner.HostArray.from([1, 2, 3], 'd');
  ownerFirst(owner, peer, array);
  // A peer that exposed the memory keeps it until its ArrayBuffer is collected, for calls that
  // are under way may still use it.
  const isFree = () => {
    peer.acquire(new Uint8Array(1)).release(); // what was collected is settled at the next call
    return array.locks.memory === 0;
  };
  assert.ok(await collect(isFree));
  array.resize([1000]);
  peerFirst(owner, peer, array);
  assert.ok(await collect(isFree));
  viewsEnd(owner, peer, array);
  borrowing(owner, peer);
}
