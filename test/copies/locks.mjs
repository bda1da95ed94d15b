// Locks that one copy holds on the other's exporters: counted, named, and dropped.
import assert from 'node:assert/strict';
import { expectCode, pairs } from './tools.mjs';

for (const [owner, peer] of pairs) {
  const array = owner.HostArray.allocate([2, 3], 'h');
  const p = peer.acquire(array, { label: 'decoder' });
  const error = expectCode('ERR_NBUF_LOCKED', () => array.resize([9]));
  assert.match(error.message, /memory is locked by 1 provider \('decoder', \d+ ms\)/);
  expectCode('ERR_NBUF_LOCKED', () => array.setLayout({ shape: [6] }));
  assert.deepEqual(array.locks, { memory: 1, layout: 1 });
  assert.deepEqual(p.locks, { memory: true, layout: true });

  p.unlockLayout();
  p.unlockLayout();
  assert.deepEqual(array.locks, { memory: 1, layout: 0 });
  array.setLayout({ shape: [6] });
  assert.deepEqual(p.shape, [2, 3], 'a provider keeps its layout');
  assert.deepEqual(peer.acquire(array, { layout: 'snapshot' }).shape, [6]);

  // A view of the peer's provider, back at the owner: its own lock, named after both.
  const back = owner.acquire(p.slice(1), { label: 'back' });
  const named = expectCode('ERR_NBUF_LOCKED', () => array.resize([9]));
  assert.match(named.message, /'decoder'/);
  p.release();
  assert.deepEqual(back.toArray(), [0, 0, 0], 'holds the memory by itself');
  expectCode('ERR_NBUF_LOCKED', () => array.resize([9]));
  back.release();

  // Refused by one copy, understood by the other.
  for (const nbuf of [owner, peer])
    for (const thrown of [error, named]) {
      assert.ok(thrown instanceof nbuf.BufferError);
      assert.equal(thrown.name, 'BufferError');
    }
  assert.ok(!(new Error('x') instanceof peer.BufferError));
}
