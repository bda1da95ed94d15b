// Freed memory calls `free` in a microtask. Queueing it runs async hooks: user code in the middle
// of a call of nbuf, which may itself call nbuf.
import assert from 'node:assert/strict';
import { createHook } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { acquire, HostArray } from 'nbuf';

const store = acquire(HostArray.allocate([100]));
const inner = HostArray.allocate([3, 3], 'd');
let freed = 0;
let hooked = 0;
let isInside = false;
createHook({
  init(_id, type) {
    if (type !== 'Microtask' || isInside) return;
    isInside = true;
    hooked++;
    const p = acquire(inner);
    p.slice(1).get(0);
    acquire(p.transpose()).release();
    p.release();
    HostArray.allocate([7], 'i').dispose();
    isInside = false;
  },
}).enable();

const target = HostArray.allocate([11, 2], 'H');
const held = acquire(target);
const uses = {
  acquire: () => acquire(target).shape,
  'acquire with a label': () => acquire(target, { label: 'x' }).shape,
  'acquire a view': () => acquire(held.slice(':', [0, 2])).shape,
  'acquire a value': () => [acquire(new Uint8Array(22)).shape[0] / 2, 2],
  allocate: () => HostArray.allocate([11, 2], 'f').shape,
  fromBytes: () => HostArray.fromBytes(new Uint8Array(22), { shape: [11, 2] }).shape,
  adopt: () => HostArray.unsafeFromAddress(store.address, 22, { shape: [11, 2] }).shape,
  buffer: () => [held.typedArray().length / 2, 2],
};
for (const [name, use] of Object.entries(uses)) {
  const before = hooked;
  for (let k = 0; hooked === before && k < 100; k++) {
    // Freed by finalizers, so that the next call of nbuf finds it to be announced.
    (() => {
      const free = () => freed++;
      const array = HostArray.unsafeFromAddress(store.address, 100, { free });
      const p = acquire(array);
      p.bytes();
      array.dispose();
      p.release();
    })();
    for (let round = 0; round < 3; round++) {
      globalThis.gc();
      await sleep(1);
    }
    assert.deepEqual([...use()], [11, 2], name);
  }
  assert.ok(hooked > before, `${name}: no hook ran`);
}
assert.ok(freed > 0);
assert.equal(inner.locks.memory, 0);
