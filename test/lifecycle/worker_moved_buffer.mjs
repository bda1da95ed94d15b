// 6.3: a worker transfers nbuf's buffer and posts it away. However the worker ends, the memory
// stays valid where it went: at the worker's end V8 cannot tell, and Node runs our finalizers.
import assert from 'node:assert/strict';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { acquire, HostArray } from 'nbuf';
import { hasTransfer } from './support/tools.mjs';
import { start } from './support/workers.mjs';

const size = 1 << 20; // large: freed memory is given back to the system, reading it crashes
const rounds = 4;
const ends = ['natural', 'exit', 'uncaught', 'released', 'unsafely', 'terminate'];

if (isMainThread) {
  const received = [];
  for (let k = 0; hasTransfer && k < rounds * ends.length; k++) {
    const end = ends[k % ends.length];
    const { worker, exited, firstMessage } = start(import.meta.url, { end, fill: k + 1 });
    const buffer = await firstMessage;
    if (end === 'terminate') worker.terminate();
    const { code, errors } = await exited;
    assert.equal(errors.length, end === 'uncaught' ? 1 : 0, `${end}: ${errors[0]}`);
    assert.equal(code, end === 'uncaught' || end === 'terminate' ? 1 : 0, end);
    received.push(new Uint8Array(buffer));
  }
  // What was freed would have been given to these.
  const others = received.map(() => HostArray.from(new Uint8Array(size).fill(0xff)));
  received.forEach((bytes, k) => {
    assert.equal(bytes.length, size);
    assert.ok(
      bytes.every((byte) => byte === k + 1),
      `${ends[k % ends.length]}: byte changed`,
    );
    bytes.fill(0);
  });
  assert.equal(others.length, received.length);
} else {
  const { end, fill } = workerData;
  const array = HostArray.allocate([size]);
  const p = acquire(array, { writable: true });
  p.fill(fill);
  const moved = p.buffer.transfer();
  if (end === 'released') p.release();
  if (end === 'unsafely') p.unsafeRelease();
  globalThis.kept = [array, p];
  parentPort.postMessage(moved, [moved]);
  if (end === 'exit') process.exit(0);
  if (end === 'uncaught') throw new Error('the end of this worker');
  if (end === 'terminate') for (;;);
}
