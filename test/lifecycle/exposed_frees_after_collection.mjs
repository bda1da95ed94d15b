// 6.2 (c): the bytes of an exposed buffer stay until the ArrayBuffer object is collected.
import assert from 'node:assert/strict';
import { acquire } from 'nbuf';
import { adopt, apart, collectAll, collectUntil } from './support/tools.mjs';

const uses = {
  buffer: (p) => p.buffer,
  bytes: (p) => p.bytes(),
  typedArray: (p) => p.slice([1]).typedArray(),
  asNdarray: (p) => p.asNdarray().data,
  runs: (p) => [...p.reshape([4, 4]).slice(':', [1, 3]).runs()][1],
  unsafeExpose: (p) => p.unsafeExpose(),
};
for (const [name, use] of Object.entries(uses)) {
  const { array, isFreed } = adopt(16);
  let kept = apart(() => {
    const p = acquire(array, { writable: true });
    const exposed = use(p);
    array.dispose();
    p.release();
    return exposed;
  });
  assert.equal(kept.byteLength, 0, `${name}: not detached`);
  await collectAll();
  assert.ok(!isFreed(), `${name}: freed while the object lives`);
  assert.equal(kept.length ?? 0, 0); // read again, so that it did live
  kept = null;
  await collectUntil(isFreed, name);
}
