// A worker ends while its copies are under way: exit, an uncaught error, terminate. Their
// threads are joined before it is gone: nothing is written to memory that others own, and what
// the worker owned is freed.
import assert from 'node:assert/strict';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { acquire, copyAsync, HostArray } from 'nbuf';
import { residentBytes, start } from './support/workers.mjs';

const size = 16e6;
const ways = ['exit', 'uncaught', 'terminate', 'in progress'];

async function one(way, wait) {
  const shared = new SharedArrayBuffer(size);
  const arena = acquire(HostArray.allocate([size]), { writable: true });
  const data = { way, wait, shared, address: arena.address };
  const { worker, exited, firstMessage } = start(import.meta.url, data);
  if (way === 'terminate') {
    await firstMessage;
    await worker.terminate();
  }
  const { errors } = await exited;
  assert.deepEqual(
    errors.map(({ message }) => message),
    way === 'uncaught' ? ['this ends it'] : [],
  );
  // Whatever was still written now would be seen.
  const bytes = [arena.bytes().fill(9), new Uint8Array(shared).fill(9)];
  await new Promise((done) => setTimeout(done, 10));
  for (const each of bytes) assert.ok(each.every((byte) => byte === 9));
  arena.unsafeRelease();
}

function copyFor(address, shared, onProgress) {
  const own = HostArray.allocate([size]);
  const lent = HostArray.unsafeFromAddress(address, size, { shape: [size] });
  const one = HostArray.from([1], 'B');
  const turned = () => acquire(own).reshape([4000, 4000]).transpose();
  const copies = [
    copyAsync(lent, one, { threads: 2, onProgress }),
    copyAsync(new Uint8Array(shared), own, { threads: 1 }),
    copyAsync(HostArray.allocate([4000, 4000]), turned(), { threads: 2 }),
    copyAsync(acquire(own, { writable: true }).slice([1]), acquire(own).slice([0, -1])),
  ];
  globalThis.kept = [own, lent, ...copies];
  return copies;
}

if (isMainThread) {
  const waits = [0, 0, 1, 3, 8];
  for (const way of ways) await one(way, 0);
  const before = residentBytes();
  for (const wait of waits) for (const way of ways) await one(way, wait);
  const grown = residentBytes() - before;
  assert.ok(grown < 6 * size, `${Math.round(grown / 1e6)} MB stayed`);
} else {
  const { way, wait, shared, address } = workerData;
  const copies = copyFor(address, shared, () => way === 'in progress' && process.exit(0));
  const end = () => {
    if (way === 'exit') process.exit(0);
    if (way === 'uncaught') throw new Error('this ends it');
    parentPort.postMessage('ready');
    if (way === 'terminate') for (;;);
  };
  if (wait === 0) end();
  else setTimeout(end, wait);
  await Promise.all(copies);
}
