// Freed memory calls `free` in a microtask. Queueing it runs async hooks: user code in the middle
// of a call of nbuf, which may itself call nbuf.
import assert from 'node:assert/strict';
import { createHook } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { acquire, HostArray, IndirectArray } from 'nbuf';

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
const bytes = (value) => new Uint8Array(44).fill(value);
const sevens = HostArray.fromBytes(bytes(7), { shape: [11, 2], format: 'H' });
const [seven, also] = [acquire(sevens), acquire(sevens)];
/** The shape of an array all of whose bytes are `value`. */
const isAll = (value) => [held.toBytes().filter((b) => b === value).length / 4, 2];
const rows = Array.from({ length: 11 }, () => HostArray.allocate([2], 'H'));
const uses = {
  acquire: () => acquire(target).shape,
  'acquire with a label': () => acquire(target, { label: 'x' }).shape,
  'acquire a view': () => acquire(held.slice(':', [0, 2])).shape,
  'acquire a value': () => [acquire(new Uint8Array(22)).shape[0] / 2, 2],
  allocate: () => HostArray.allocate([11, 2], 'f').shape,
  fromBytes: () => HostArray.fromBytes(new Uint8Array(22), { shape: [11, 2] }).shape,
  adopt: () => HostArray.unsafeFromAddress(store.address, 22, { shape: [11, 2] }).shape,
  buffer: () => [held.typedArray().length / 2, 2],
  copyFrom: () => {
    held.copyFrom(seven);
    return isAll(7);
  },
  toBytes: () => [seven.toBytes().length / 4, 2],
  writeBytes: () => {
    held.writeBytes(bytes(9));
    return isAll(9);
  },
  fill: () => {
    held.fill(0x0505);
    return isAll(5);
  },
  equals: () => [seven.equals(also) ? 11 : 0, 2],
  fromRows: () => IndirectArray.fromRows(rows).shape,
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
