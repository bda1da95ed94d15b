// 6.3: 'exit' handlers that a worker adds after it loaded nbuf run before nbuf looks which
// buffers are unmoved. So they may still use them, and the bytes are freed all the same.
import assert from 'node:assert/strict';
import { isMainThread, parentPort } from 'node:worker_threads';
import { acquire, HostArray } from 'nbuf';
import { residentBytes, start } from './support/workers.mjs';

const size = 32e6;
if (isMainThread) {
  const one = async () => {
    const { code, messages, errors } = await start(import.meta.url, null).exited;
    assert.deepEqual([code, errors], [0, []]);
    assert.deepEqual(messages, [size, size, size]);
  };
  await one();
  const before = residentBytes();
  for (let k = 0; k < 10; k++) await one();
  const grown = residentBytes() - before;
  assert.ok(grown < 3 * size, `${Math.round(grown / 1e6)} MB of ${10 * 32} stayed`);
} else {
  // As another copy of nbuf does: the two must not take turns for ever.
  const note = () => {};
  Object.defineProperty(note, Symbol.for('nbuf.exit'), { value: true });
  process.on('exit', note);
  process.on('newListener', (event, handler) => {
    if (event === 'exit' && !(Symbol.for('nbuf.exit') in handler))
      queueMicrotask(() => process.off('exit', note).on('exit', note));
  });

  const p = acquire(HostArray.allocate([size]), { writable: true });
  p.fill(1);
  globalThis.kept = [p, p.bytes()];
  const post = () => parentPort.postMessage(kept[1].length);
  process.on('exit', post);
  process.once('exit', post);
  setTimeout(() => process.prependListener('exit', post), 1);
}
