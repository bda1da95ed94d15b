// 6.3: transfer(length) copies; the memory is nobody's but ours again.
import assert from 'node:assert/strict';
import { acquire } from 'nbuf';
import { adopt, apart, collectUntil, hasTransfer, refuses } from './support/tools.mjs';

for (const length of hasTransfer ? [0, 10, 100] : []) {
  const { array, bytes, isFreed } = adopt(64);
  const copy = apart(() => {
    const p = acquire(array, { writable: true });
    p.fill(8);
    const made = p.buffer.transfer(length);
    refuses('ERR_NBUF_DETACHED', () => p.buffer);
    assert.equal(p.get(0), 8);
    p.release();
    array.dispose();
    return new Uint8Array(made);
  });
  assert.equal(copy.length, length);
  copy.fill(1);
  assert.equal(bytes.get(0), 8, 'a copy');
  await collectUntil(isFreed, `transfer(${length})`);
}
