// 6.3: what a worker still has exposed when it ends, unmoved, is freed then. (After terminate()
// nobody can know that it is unmoved.)
import assert from 'node:assert/strict';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { acquire, HostArray } from 'nbuf';
import { residentBytes, start } from './support/workers.mjs';

const size = 32e6;
if (isMainThread) {
  const one = async (how) => {
    const { code } = await start(import.meta.url, how).exited;
    assert.equal(code, how === 'uncaught' ? 1 : 0);
  };
  await one('natural');
  const before = residentBytes();
  const ends = ['natural', 'exit', 'uncaught', 'released', 'elements'];
  for (let k = 0; k < 4 * ends.length; k++) await one(ends[k % ends.length]);
  const grown = residentBytes() - before;
  assert.ok(grown < 3 * size, `${Math.round(grown / 1e6)} MB of ${20 * 32} stayed`);
} else {
  const p = acquire(HostArray.allocate([size]), { writable: true });
  p.fill(1);
  globalThis.kept = [p, workerData === 'elements' ? p.get(0) : p.bytes()];
  if (workerData === 'released') p.release();
  parentPort.postMessage('ready');
  if (workerData === 'exit') process.exit(0);
  if (workerData === 'uncaught') throw new Error('the end of this worker');
}
