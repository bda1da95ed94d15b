// Garbage is collected in any order: locks drop, memory goes, and buffers that were exposed
// keep theirs.
import assert from 'node:assert/strict';
import { collect, pairs } from './tools.mjs';

function random(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function take(nbuf, source, pick) {
  const p = nbuf.acquire(source, { writable: true });
  if (pick(3) === 0) return p.typedArray();
  return pick(2) === 0 ? p.slice([0]) : p;
}

/** In a function: a module's own variables would keep the last ones. */
function use(arrays, copies, pick) {
  const held = [];
  for (let step = 0; step < 400; step++) {
    const old = pick(3) === 0 ? held[pick(held.length)] : undefined;
    held.push(take(copies[pick(2)], old ?? arrays[pick(arrays.length)], pick));
    if (pick(2) === 0) held.splice(pick(held.length), 1);
    if (pick(50) === 0) globalThis.gc();
  }
  for (const one of held) one.fill(7);
  for (const one of held) assert.deepEqual([...one], [7, 7, 7]);
}

for (const [owner, peer] of pairs) {
  const pick = random(owner === pairs[0][0] ? 5 : 6);
  const arrays = Array.from({ length: 8 }, (_, k) =>
    owner.HostArray.from([k, k + 1, k + 2]),
  );
  use(arrays, [owner, peer], pick);
  const locks = () => arrays.reduce((sum, { locks: { memory } }) => sum + memory, 0);
  const gone = await collect(() => {
    for (const nbuf of [owner, peer]) nbuf.acquire(arrays[0]).release(); // drains what was collected
    return locks() === 0;
  });
  assert.ok(gone, `${locks()} locks are left`);
  for (const array of arrays) array.resize([10]);

  // A typed array of the peer's keeps the owner's memory, when nothing else is left.
  const kept = (() => peer.acquire(owner.HostArray.from([5, 6, 7])).typedArray())();
  for (let round = 0; round < 5; round++) await collect(() => true);
  globalThis.gc();
  assert.deepEqual([...kept], [5, 6, 7]);
}
