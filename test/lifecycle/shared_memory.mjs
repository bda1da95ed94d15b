// 3.4: a SharedArrayBuffer is pinned: its bytes stay, and other threads see the same ones.
import assert from 'node:assert/strict';
import { Worker } from 'node:worker_threads';
import { acquire } from 'nbuf';
import { apart, collectAll } from './support/tools.mjs';

const shared = new SharedArrayBuffer(64);
const p = acquire(new Int32Array(shared, 8, 4), { writable: true, pin: true });
p.set(1, -5);
assert.equal(p.readonly, false);
assert.equal(p.buffer, shared);
assert.equal(p.byteOffset, 8);
assert.equal(p.typedArray()[1], -5);
assert.equal(acquire(shared).byteLength, 64);

const program = `
  const { workerData } = require('node:worker_threads');
  const ints = new Int32Array(workerData);
  Atomics.store(ints, 4, ints[3] * 2);`;
const worker = new Worker(program, { eval: true, workerData: shared });
await new Promise((done) => worker.on('exit', done));
assert.equal(p.get(2), -10);

// The provider alone keeps it.
const q = apart(() => acquire(new Uint8Array(new SharedArrayBuffer(1 << 20)).fill(3)));
await collectAll();
assert.equal(q.get((1 << 20) - 1), 3);
const typed = q.bytes();
q.release();
assert.equal(typed.length, 1 << 20, 'not ours to detach');
assert.throws(() => structuredClone(shared, { transfer: [shared] }));
