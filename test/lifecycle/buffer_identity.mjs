// 6.1: one ArrayBuffer per block; everything over the block is a window of it.
import assert from 'node:assert/strict';
import { acquire, Flags, HostArray } from 'nbuf';

const array = HostArray.allocate([4, 6], 'H');
const a = acquire(array, { writable: true });
const b = acquire(array, Flags.SIMPLE);
const { buffer } = a;
assert.equal(buffer.byteLength, 48);
assert.equal(b.buffer, buffer);
assert.equal(a.slice(1).buffer, buffer);
assert.equal(a.transpose().buffer, buffer);
assert.equal(a.typedArray().buffer, buffer);
assert.equal(a.asNdarray().data.buffer, buffer);
assert.equal(b.bytes().buffer, buffer);

const row = a.slice(2, [1, 4]).typedArray();
assert.equal(row.buffer, buffer);
assert.equal(row.byteOffset, 2 * 12 + 2);
assert.equal(row.length, 3);
a.set(2, 2, 0xbeef);
assert.equal(row[1], 0xbeef);
assert.deepEqual(
  [...a.slice(':', [0, 2]).runs()].map((run) => run.byteOffset),
  [0, 12, 24, 36],
);

// Acquired again later, while anybody still has the block: the same buffer.
a.release();
const again = acquire(array);
assert.equal(again.buffer, buffer);
assert.equal(acquire(again.slice(1)).buffer, buffer);
assert.equal(acquire(buffer).buffer, buffer);

// Another array is another block.
assert.notEqual(acquire(HostArray.allocate([4, 6], 'H')).buffer, buffer);
