// 3.4: an addon may keep the exporter of a view on JavaScript's memory. Each acquire from it asks
// whether the memory is still there, which only the memory's own thread can tell.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { isMainThread, workerData } from 'node:worker_threads';
import { acquire, Flags, HostArray } from 'nbuf';
import { apart, collectAll, refuses } from './support/tools.mjs';
import { run } from './support/workers.mjs';

const require = createRequire(import.meta.url);
const probe = require('../addons/probe/build/Release/probe.node');
const size = 1 << 24; // large: what is freed is unmapped, and reading it would crash

if (isMainThread) {
  for (const how of ['view', 'provider']) {
    const held = apart(() => {
      const source = new Uint8Array(size).fill(7);
      const p = acquire(source);
      probe.keep(how === 'view' ? p.slice([4, 20]) : p);
      return { source, p };
    });
    const slot = probe.acquireKept(Flags.FULL_RO, 0);
    assert.equal(probe.info(slot).len, how === 'view' ? 16 : size);
    probe.release(slot);
    refuses('ERR_NBUF_UNSUPPORTED', () => probe.acquireKept(Flags.FULL_RO, 1));
    apart(() => structuredClone(held.source.buffer, { transfer: [held.source.buffer] }));
    for (let round = 0; round < 2; round++) {
      refuses('ERR_NBUF_DETACHED', () => probe.acquireKept(Flags.FULL_RO, 0));
      await collectAll();
    }
    held.p.release();
    assert.throws(() => probe.acquireKept(Flags.FULL_RO, 0));
  }

  // Memory of our own is pinned: any thread may acquire it.
  const array = HostArray.from([1, 2, 3], 'B');
  const p = acquire(array);
  probe.keep(p.slice([1]));
  const slot = probe.acquireKept(Flags.FULL_RO, 1);
  assert.deepEqual([...probe.bytes(slot)], [2, 3]);
  probe.release(slot);
  p.release();

  // A worker's memory goes with it. Another thread may get the identity of the worker's.
  await run(import.meta.url, 'keep');
  refuses('ERR_NBUF_UNSUPPORTED', () => probe.acquireKept(Flags.FULL_RO, 0));
  for (let k = 0; k < 5; k++) await run(import.meta.url, 'ask');
  probe.keep();
} else if (workerData === 'keep') {
  globalThis.kept = acquire(new Uint8Array(size));
  probe.keep(kept);
} else {
  refuses('ERR_NBUF_UNSUPPORTED', () => probe.acquireKept(Flags.FULL_RO, 0));
}
