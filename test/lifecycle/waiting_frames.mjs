// 6.2: bytes that wait are reported to the garbage collector, so that it keeps pace with frames
// that are exposed and released one a turn of the event loop: 3 GB in all, a tenth of it at once.
import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { acquire, HostArray } from 'nbuf';

const size = 33e6;
const frames = 100;
const before = process.memoryUsage().rss;
let peak = 0;
for (let k = 0; k < frames; k++) {
  const array = HostArray.allocate([size]);
  const p = acquire(array, { writable: true });
  p.bytes().fill(k);
  p.release();
  array.dispose();
  await nextTurn();
  peak = Math.max(peak, process.memoryUsage().rss - before);
}
assert.ok(peak < 25 * size, `${Math.round(peak / size)} of ${frames} frames at once`);
