// Workers load one copy, the other, or both, and end in every way; the main thread goes on.
import assert from 'node:assert/strict';
import { Worker } from 'node:worker_threads';
import { copies, pairs } from './tools.mjs';

const program = `
  const { workerData, parentPort } = require('node:worker_threads');
  const { join } = require('node:path');
  (async () => {
    const nbuf = [];
    for (const argument of workerData.copies) {
      const folder = argument.slice(argument.indexOf(':') + 1);
      nbuf.push(argument.startsWith('require')
        ? require(join(folder, 'use.cjs')) : await import(require('node:url').pathToFileURL(join(folder, 'use.mjs'))));
    }
    const [a, b = a] = nbuf;
    const array = a.HostArray.from([1, 2, 3], 'd');
    const p = b.acquire(array, { writable: true, label: 'worker' });
    const typed = p.typedArray();
    const back = a.acquire(typed.subarray(1), { writable: true });
    const lent = b.acquire(a.acquire(new Uint8Array(16)));
    const image = b.IndirectArray.fromRows([array, b.HostArray.from([4, 5, 6], 'd')]);
    const q = a.acquire(image);
    back.set(0, 20);
    globalThis.kept = [array, p, typed, back, lent, image, q];
    if (workerData.k % 3 === 0) p.release();
    if (workerData.k % 3 === 1) q.release();
    parentPort.postMessage([q.released ? 20 : q.get(0, 1), back.get(0)]);
    if (workerData.way === 'exit') process.exit(0);
    if (workerData.way === 'throw') throw new Error('this ends it');
    if (workerData.way === 'terminate') for (;;);
  })();`;

async function run(loaded, way, k) {
  const worker = new Worker(program, {
    eval: true,
    workerData: { copies: loaded, way, k },
  });
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  worker.on('error', (error) => assert.equal(error.message, 'this ends it'));
  const message = await new Promise((resolve) => worker.once('message', resolve));
  assert.deepEqual(message, [20, 20]);
  if (way === 'terminate') await worker.terminate();
  await ended;
}

const held = pairs.map(([owner, peer]) => {
  const array = owner.HostArray.from([1, 2, 3]);
  return [array, peer.acquire(array, { writable: true })];
});
const sets = [copies, [...copies].reverse(), [copies[0]], [copies[1]]];
let k = 0;
for (const way of ['end', 'exit', 'throw', 'terminate'])
  for (const set of sets) await run(set, way, k++);
for (const [array, p] of held) {
  p.set(0, 9);
  assert.equal(p.typedArray()[0], 9);
  p.unsafeRelease(); // for it was exposed
  array.resize([5]);
}
