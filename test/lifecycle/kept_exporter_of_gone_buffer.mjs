// 6.1: an exporter that user code took from an exposed ArrayBuffer and kept ends with that
// buffer: it must not ask providers that the block's next buffer serves, and that are gone later.
import assert from 'node:assert/strict';
import { acquire, HostArray } from 'nbuf';
import { apart, collectAll, hasTransfer, refuses } from './support/tools.mjs';

const method = Symbol.for('nbuf.exporter');

/** How the buffer that the exporter was taken from goes, while `last` still has the block. */
const ways = {
  async transferred({ exposing }) {
    if (hasTransfer) exposing.moved = apart(() => exposing.p.buffer.transfer());
    exposing.p.release();
    exposing.p = null;
    await collectAll();
  },
  async collected({ exposing }) {
    exposing.p.release();
    exposing.p = null;
    await collectAll();
  },
  async 'collected, finalizers pending'({ exposing, last }) {
    exposing.p.release();
    exposing.p = null;
    await null;
    globalThis.gc();
    assert.equal(last.buffer.byteLength, 4096);
  },
};

for (const [name, goes] of Object.entries(ways)) {
  for (let round = 0; round < 3; round++) {
    const array = HostArray.allocate([4096]);
    const held = apart(() => {
      const p = acquire(array);
      const external = p.buffer[method]();
      return { exposing: { p }, external, last: acquire(array) };
    });
    await goes(held);
    const exporter = { [method]: () => held.external };
    held.last.release();
    refuses('ERR_NBUF_RELEASED', () => acquire(exporter));
    array.dispose();
    held.last = null;
    await collectAll();
    refuses('ERR_NBUF_RELEASED', () => acquire(exporter));
    assert.deepEqual(array.locks, { memory: 0, layout: 0 }, name);
  }
}
