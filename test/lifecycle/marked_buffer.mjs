// 6.3: a buffer marked untransferable cannot be detached on Node >= 24.15, and trying would abort.
// Release gives the locks back, the buffer stays attached over memory that it keeps.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { markAsUntransferable } from 'node:worker_threads';
import { acquire } from 'nbuf';
import {
  abortsOnMarkedExit,
  adopt,
  apart,
  collectAll,
  collectUntil,
} from './support/tools.mjs';

const self = fileURLToPath(import.meta.url);
const size = 16;

async function releasesMarked(how) {
  const { array, isFreed } = adopt(size);
  let typed = apart(() => {
    const p = acquire(array, { writable: true });
    const bytes = p.bytes();
    acquire(bytes).release(); // what it asked is gone with p
    markAsUntransferable(bytes.buffer);
    p.fill(3);
    p[how]();
    return bytes;
  });
  assert.deepEqual(array.locks, { memory: 0, layout: 0 });
  if (typed.length > 0) {
    assert.equal(typed[size - 1], 3);
    apart(() => {
      const again = acquire(array);
      assert.equal(again.buffer, typed.buffer, 'still the block’s one buffer');
      again.release();
      const byBuffer = acquire(typed);
      assert.equal(byBuffer.get(0), 3);
      assert.equal(byBuffer.readonly, false);
      byBuffer.release();
    });
    assert.equal(typed.length, size);
    array.dispose();
    await collectAll();
    assert.ok(!isFreed(), 'freed under an attached buffer');
    assert.equal(typed[0], 3);
  }
  array.dispose();
  typed = null;
  await collectUntil(isFreed, `${how} of a marked buffer`);
}

if (process.argv[2] === 'exits') {
  // A Node bug: at exit it detaches external buffers without asking whether it can.
  const p = acquire(adopt(size).array);
  globalThis.kept = p.buffer;
  markAsUntransferable(kept);
  if (process.argv[3] === 'released') p.release();
} else {
  await releasesMarked('release');
  await releasesMarked('unsafeRelease');
  for (const state of ['live', 'released']) {
    const args = ['--expose-gc', self, 'exits', state];
    const { status, signal } = spawnSync(process.execPath, args, { stdio: 'ignore' });
    const aborted = status === 134 || signal === 'SIGABRT';
    assert.equal(aborted, abortsOnMarkedExit, `${state}: ${status} ${signal}`);
    if (!aborted) assert.equal(status, 0);
  }
}
