// copyAsync keeps the event loop alive until its promise settles, and needs no thread of
// libuv's pool: all of those are blocked here.
import assert from 'node:assert/strict';
import { acquire, copyAsync, HostArray } from 'nbuf';
import { collectAll, occupyPool } from './support/tools.mjs';

const size = 48e6;
const free = await occupyPool();
const target = HostArray.allocate([size]);
const source = HostArray.from([7], 'B');
await copyAsync(target, source, { threads: 2 });
assert.equal(acquire(target).get(size - 1), 7);
await free();

// Nobody but the copy itself knows of anything, and nothing else keeps the process alive.
let settled = false;
let checked;
{
  const large = HostArray.allocate([6000, 6000]);
  const view = acquire(large, { writable: true });
  view.fill(1);
  view.slice(0).fill(2);
  checked = acquire(large, { label: 'checked' });
  copyAsync(view, view.transpose(), { threads: 2 }).then(() => {
    settled = true;
  });
  view.release();
}
globalThis.gc();
process.on('beforeExit', () => {
  if (checked.released) return;
  assert.ok(settled);
  assert.deepEqual(
    [checked.get(0, 0), checked.get(5999, 0), checked.get(0, 5999)],
    [2, 2, 1],
  );
  assert.equal(checked.locks.memory, true);
  checked.release();
});
process.on('exit', () => assert.ok(checked.released));
await Promise.resolve().then(collectAll);
