// 6.3: once the providers that saw the transfer are gone, the array is exposed anew, whole.
import assert from 'node:assert/strict';
import { acquire, HostArray } from 'nbuf';
import { collectAll, hasTransfer } from './support/tools.mjs';

const array = HostArray.allocate([32]);
const p = acquire(array, { writable: true });
p.fill(3);
const first = p.buffer;
const moved = hasTransfer ? first.transfer() : null;
p.release();

const q = acquire(array, { writable: true });
assert.notEqual(q.buffer, first);
assert.equal(q.buffer.byteLength, 32);
assert.equal(q.get(31), 3);
q.set(0, 4);
if (moved !== null) assert.equal(new Uint8Array(moved)[0], 4, 'the same memory');
const typed = q.typedArray();
q.release();
assert.equal(typed.length, 0);
array.resize([64]);
await collectAll();
if (moved !== null) assert.equal(new Uint8Array(moved)[31], 3);
