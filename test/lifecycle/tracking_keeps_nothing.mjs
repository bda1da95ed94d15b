// trackProviders: what is noted of an acquire keeps nothing alive, and goes with its provider.
import assert from 'node:assert/strict';
import { acquire, HostArray, report, trackProviders } from 'nbuf';
import { apart, collectAll, collectUntil } from './support/tools.mjs';

trackProviders(true);
const array = HostArray.allocate([64]);
apart(() => {
  for (let k = 0; k < 3000; k++) acquire(array, { label: `lost ${k}` });
});
await collectUntil(() => array.locks.memory === 0, 'the providers');
assert.equal(report().totals.here, 0);

// The places serve again: nobody is told of another's acquire.
trackProviders(false);
const held = Array.from({ length: 3000 }, () => acquire(array));
assert.ok(report().providers.every(({ stack, age }) => stack === null && age === null));
for (const p of held) p.release();

// Released ones leave nothing, however many there were.
trackProviders(true);
const turns = (count) => {
  for (let k = 0; k < count; k++) acquire(array).release();
};
turns(5000);
await collectAll();
const before = process.memoryUsage().heapUsed;
turns(50_000);
await collectAll();
const grown = process.memoryUsage().heapUsed - before;
assert.ok(grown < 2_000_000, `${grown} bytes more`);
