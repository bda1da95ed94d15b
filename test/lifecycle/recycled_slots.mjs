// 6.3: native objects serve again; a released provider never affects the one that came after it.
import assert from 'node:assert/strict';
import { acquire, HostArray } from 'nbuf';
import { collectAll, refuses } from './support/tools.mjs';

const array = HostArray.allocate([8]);
const stale = acquire(array, { writable: true });
const view = stale.slice([1]);
const begun = [stale[Symbol.iterator](), stale.slice([null, null, 2]).runs()];
for (const iterator of begun) iterator.next();
stale.get(0);
view.set(0, 1);
stale.release();

const others = [array, HostArray.from([1, 2, 3]), new Uint8Array(3)].map((source) =>
  acquire(source, { label: 'alive' }),
);
function attack() {
  stale.release();
  stale.unsafeRelease();
  stale[Symbol.dispose]();
  const uses = [
    () => stale.unlockLayout(),
    () => stale.get(0),
    () => stale.set(0, 1),
    () => stale.fill(1),
    () => stale.buffer,
    () => stale.bytes(),
    () => stale.unsafeExpose(),
    () => stale.slice(0),
    () => stale.address,
    () => stale.locks,
    () => view.get(0),
    () => view.set(0, 1),
    () => view.typedArray(),
    () => view.toBytes(),
    () => view.copyFrom(others[0].slice([1])),
    () => others[0].slice([1]).copyFrom(view),
    () => HostArray.from(view),
    () => acquire(stale),
    () => acquire(view),
  ];
  for (const use of uses) refuses('ERR_NBUF_RELEASED', use);
}
attack();
for (const iterator of begun) refuses('ERR_NBUF_RELEASED', () => iterator.next());
assert.deepEqual(array.locks, { memory: 1, layout: 1 });
assert.deepEqual(others[0].locks, { memory: true, layout: true });
assert.equal(others[0].get(1), 1);
assert.equal(others[1].get(2), 3);
assert.equal(others[2].get(0), 0);
for (const other of others) assert.equal(other.released, false);

// Thousands of them, released in another order than acquired, some collected.
const rows = Array.from({ length: 64 }, (_, k) => HostArray.from([k]));
let live = [];
for (let k = 0; k < 20000; k++) {
  const row = k % rows.length;
  live.push({ row, p: acquire(rows[row]) });
  if (live.length < 700) continue;
  const [{ row: index, p }] = live.splice((k * 7919) % live.length, 1);
  assert.equal(p.get(0), index);
  if (k % 11 !== 0) p.release();
}
attack();
for (const { row, p } of live) assert.equal(p.get(0), row);
for (const [k, { p }] of live.entries()) if (k % 3 !== 0) p.release();
live = null;
await collectAll();
for (const row of rows) assert.deepEqual(row.locks, { memory: 0, layout: 0 });
assert.equal(others[0].get(1), 1);
