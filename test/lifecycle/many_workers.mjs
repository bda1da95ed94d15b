// Thousands of workers that load nbuf, use it and end: nothing crashes, and nothing piles up.
// (Two thousand on Node 20, a hundred elsewhere. As CommonJS text, which starts twice as fast.)
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { major } from './support/tools.mjs';
import { inBatches, residentBytes } from './support/workers.mjs';

const program = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { acquire, HostArray } = require(workerData.nbuf);
  const isTerminated = workerData.k % 4 === 3;
  const arrays = [0, 1, 2].map(() => HostArray.allocate([1 << 18]));
  const providers = arrays.map((array) => acquire(array, { writable: true }));
  for (const p of providers) p.fill(1);
  providers[0].set(1, 1);
  const typed = isTerminated ? null : providers[1].bytes();
  const copy = acquire(new Uint8Array(8));
  providers[2].slice([0, 8]).copyFrom(copy);
  if (workerData.k % 2 === 0) for (const p of providers) p.release();
  globalThis.kept = [arrays, providers, typed, copy];
  parentPort.postMessage('ready');
  if (isTerminated) for (;;);
`;
const nbuf = createRequire(import.meta.url).resolve('nbuf');

function one(k) {
  const worker = new Worker(program, { eval: true, workerData: { nbuf, k } });
  return new Promise((done, failed) => {
    worker.on('error', failed);
    worker.on('exit', done);
    if (k % 4 === 3) worker.on('message', () => worker.terminate());
  });
}

const count = Number(process.env.NBUF_TEST_WORKERS ?? (major === 20 ? 2000 : 100));
const warmUp = Math.min(200, count / 2);
await inBatches(warmUp, 4, one);
const before = residentBytes();
await inBatches(count - warmUp, 4, one);
const grown = (residentBytes() - before) / (count - warmUp);
// Each fills 768 KB of its own; Node itself leaves up to 35 KB a worker. (A sanitizer keeps
// freed memory on purpose, up to a limit of its own.)
const limit = process.env.ASAN_OPTIONS === undefined ? 120e3 : 4e6;
assert.ok(grown < limit, `${Math.round(grown)} bytes a worker`);
