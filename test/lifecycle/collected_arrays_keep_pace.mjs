// Arrays that nobody disposes of are small objects to the garbage collector: it is told how much
// stands behind them, so that it keeps pace. 2.4 GB in all.
import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { acquire, HostArray } from 'nbuf';
import { apart } from './support/tools.mjs';

const size = 8e6;
const count = 150;
for (const how of ['unreleased', 'released']) {
  const before = process.memoryUsage().rss;
  let peak = 0;
  for (let k = 0; k < count; k++) {
    apart(() => {
      const array = HostArray.allocate([size / 2]);
      array.resize([size]);
      const p = acquire(array, { writable: true });
      p.fill(k);
      if (how === 'released') p.release();
    });
    await nextTurn();
    peak = Math.max(peak, process.memoryUsage().rss - before);
  }
  assert.ok(peak < (size * count) / 3, `${how}: ${Math.round(peak / 1e6)} MB at once`);
}
