// 6.3: .transfer() moves the memory out of nbuf's buffer. It stays valid there, released or not,
// until that buffer is collected.
import assert from 'node:assert/strict';
import { acquire } from 'nbuf';
import {
  adopt,
  apart,
  collectAll,
  collectUntil,
  hasTransfer,
  refuses,
} from './support/tools.mjs';

const size = 64;
const ends = {
  release: (p) => p.release(),
  unsafeRelease: (p) => p.unsafeRelease(),
  collection: () => {},
};
for (const [name, end] of hasTransfer ? Object.entries(ends) : []) {
  const { array, isFreed } = adopt(size);
  let moved = apart(() => {
    const p = acquire(array, { writable: true });
    const other = acquire(array, { writable: true });
    const view = p.slice([8, null]);
    p.fill(5);
    const typed = p.typedArray();
    const result = p.buffer.transfer();
    assert.equal(typed.length, 0);
    const late = acquire(array, { writable: true });
    for (const each of [p, other, view, late]) {
      refuses('ERR_NBUF_DETACHED', () => each.buffer);
      refuses('ERR_NBUF_DETACHED', () => each.bytes());
      refuses('ERR_NBUF_DETACHED', () => each.get(3));
      refuses('ERR_NBUF_DETACHED', () => each.set(3, 1));
    }
    refuses('ERR_NBUF_DETACHED', () => acquire(typed));
    for (const each of [p, other, late]) end(each);
    array.dispose();
    return result;
  });
  assert.equal(moved.byteLength, size);
  await collectAll();
  assert.ok(!isFreed(), `${name}: freed while the moved buffer lives`);
  const bytes = new Uint8Array(moved);
  assert.ok(bytes.every((byte) => byte === 5));
  bytes.fill(6);
  const borrowed = acquire(bytes);
  assert.equal(borrowed.get(size - 1), 6);
  borrowed.release();
  moved = apart(() => moved.transfer());
  assert.equal(bytes.length, 0);
  await collectAll();
  assert.ok(!isFreed());
  moved = null;
  await collectUntil(isFreed, name);
}
