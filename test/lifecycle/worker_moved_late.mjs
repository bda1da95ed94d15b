// 6.3: as worker_moved_buffer, but moved at the last moment that a worker has: in an 'exit'
// handler before or after nbuf's, in microtasks after the 'exit' event, or after an 'exit' event
// that somebody made up.
import assert from 'node:assert/strict';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { hasTransfer } from './support/tools.mjs';
import { start } from './support/workers.mjs';

const size = 1 << 20;
const moments = [
  'before',
  'after',
  'microtask',
  'later microtask',
  'made up',
  'reallyExit',
];

if (isMainThread) {
  for (const moment of hasTransfer ? [...moments, ...moments] : []) {
    const { code, messages, errors } = await start(import.meta.url, moment).exited;
    assert.deepEqual(errors, []);
    assert.equal(code, 0);
    // Too late means that nbuf has detached it: an error in the worker, or nothing.
    for (const bytes of messages.map((buffer) => new Uint8Array(buffer)))
      assert.ok(
        bytes.every((byte) => byte === 5),
        `${moment}: bytes changed`,
      );
    const expected = ['before', 'after', 'made up'].includes(moment)
      ? 1
      : messages.length;
    assert.equal(messages.length, expected, moment);
  }
} else {
  let buffer;
  const post = () => {
    if (buffer.byteLength === 0) return;
    const moved = buffer.transfer();
    parentPort.postMessage(moved, [moved]);
  };
  const moment = workerData;
  if (moment === 'before') process.on('exit', post);
  if (moment === 'microtask') process.on('exit', () => queueMicrotask(post));
  if (moment === 'later microtask')
    process.on('exit', async () => {
      for (let k = 0; k < 20; k++) await null;
      post();
    });
  const { acquire, HostArray } = await import('nbuf');
  const p = acquire(HostArray.allocate([size]), { writable: true });
  p.fill(5);
  buffer = p.buffer;
  globalThis.kept = p;
  if (moment === 'after') process.on('exit', post);
  if (moment === 'made up') {
    process.emit('exit', 0);
    post();
  }
  if (moment === 'reallyExit') {
    const { reallyExit } = process;
    process.reallyExit = (code) => {
      post();
      reallyExit.call(process, code);
    };
    process.exit(0);
  }
}
