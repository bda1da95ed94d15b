// 6.2: within one synchronous turn no finalizer can run; past a threshold one warning says so.
import assert from 'node:assert/strict';
// nbuf reads the limit when it is loaded, and tools.mjs has loaded it already: so a worker.
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { collectAll } from './support/tools.mjs';

if (isMainThread) {
  for (const part of ['warns', 'does not warn']) {
    const env = { ...process.env, NBUF_WAITING_LIMIT: '10000' };
    const worker = new Worker(new URL(import.meta.url), { env, workerData: part });
    const code = await new Promise((done, failed) => {
      worker.on('error', failed);
      worker.on('exit', done);
    });
    assert.equal(code, 0);
  }
} else {
  const { acquire, HostArray } = await import('nbuf');
  const warnings = [];
  process.removeAllListeners('warning');
  process.on('warning', (warning) => warnings.push(warning));
  const frame = (release, bytes = 3000) => {
    const array = HostArray.allocate([bytes]);
    const p = acquire(array);
    release(p);
    array.dispose();
  };
  if (workerData === 'warns') {
    for (let k = 0; k < 3; k++) frame((p) => p.bytes() && p.release());
    await collectAll();
    for (let k = 0; k < 3; k++) frame((p) => p.bytes() && p.release());
    await collectAll();
    assert.equal(warnings.length, 0, 'below the limit');
    for (let k = 0; k < 20; k++) frame((p) => p.bytes() && p.release());
    await collectAll();
    for (let k = 0; k < 20; k++) frame((p) => p.bytes() && p.release());
    await collectAll();
    assert.equal(warnings.length, 1);
    assert.equal(warnings[0].code, 'NBUF_WAITING');
    for (const word of ['lend', 'unsafeRelease', 'exposing'])
      assert.ok(warnings[0].message.includes(word), word);
  } else {
    // Not exposed, freed at once, or never more than one block.
    for (let k = 0; k < 20; k++) frame((p) => p.get(0) + p.toBytes()[0] || p.release());
    for (let k = 0; k < 20; k++) frame((p) => p.bytes() && p.unsafeRelease());
    const same = HostArray.allocate([3000]);
    for (let k = 0; k < 20; k++) {
      const p = acquire(same);
      p.bytes();
      p.release();
    }
    await collectAll();
    assert.deepEqual(warnings, []);
  }
}
