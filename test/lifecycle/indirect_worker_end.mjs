// A worker that ends with indirect arrays of every kind in use, however it ends.
import assert from 'node:assert/strict';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { acquire, HostArray, IndirectArray } from 'nbuf';
import { start } from './support/workers.mjs';

if (isMainThread) {
  for (const how of ['natural', 'exit', 'uncaught', 'terminate']) {
    const { worker, exited, firstMessage } = start(import.meta.url, how);
    if (how === 'terminate') firstMessage.then(() => worker.terminate());
    const { code } = await exited;
    assert.equal(code, how === 'natural' || how === 'exit' ? 0 : 1, how);
  }
} else {
  const shared = new Uint8Array(new SharedArrayBuffer(64));
  const rows = [new Uint8Array(64), shared, acquire(HostArray.allocate([64]))];
  const arrays = [
    IndirectArray.allocate([8, 64], 'B', { blockBytes: 100 }),
    IndirectArray.fromRows(rows),
    IndirectArray.fromRows([IndirectArray.fromRows(rows), IndirectArray.fromRows(rows)]),
  ];
  globalThis.kept = arrays.map((array) => {
    const p = acquire(array, { writable: true });
    p.fill(3);
    const row = p.slice(...p.shape.slice(1).map(() => 0));
    return [
      array,
      p,
      row,
      row.typedArray(),
      [...p.runs()],
      acquire(row),
      p[Symbol.iterator](),
    ];
  });
  kept[1][1].release();
  kept[2][0].dispose();
  parentPort.postMessage('ready');
  if (workerData === 'exit') process.exit(0);
  if (workerData === 'uncaught') throw new Error('the end of this worker');
  if (workerData === 'terminate') for (;;);
}
