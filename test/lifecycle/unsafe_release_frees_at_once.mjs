// 6.2: unsafeRelease() does not wait for the collection of the buffer.
import assert from 'node:assert/strict';
import { acquire } from 'nbuf';
import { adopt, collectAll } from './support/tools.mjs';

const { array, isFreed } = adopt(16);
const p = acquire(array);
const q = acquire(array);
const typed = p.typedArray();
array.dispose();
p.unsafeRelease();
await null;
assert.ok(!isFreed(), 'another provider lives');
assert.equal(typed.length, 16);
q.unsafeRelease();
await null;
assert.ok(isFreed());
assert.equal(typed.length, 0);
q.unsafeRelease();
q.release();

// The finalizers that come later have nothing left to free.
await collectAll();
assert.ok(isFreed());
assert.equal(typed.length, 0);
