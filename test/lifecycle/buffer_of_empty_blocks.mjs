// 6.1: blocks without bytes share one ordinary empty ArrayBuffer.
import assert from 'node:assert/strict';
import { acquire, HostArray } from 'nbuf';

const first = acquire(HostArray.allocate([0, 3], 'd'));
const second = acquire(HostArray.allocate([0]));
const { buffer } = first;
assert.equal(buffer.byteLength, 0);
assert.equal(second.buffer, buffer);
assert.equal(first.typedArray().length, 0);
first.release();
assert.equal(second.bytes().buffer, buffer);

// It is ordinary, so it can be detached: then there is a new one, for everybody.
structuredClone(buffer, { transfer: [buffer] });
const third = acquire(HostArray.allocate([2, 0]));
assert.equal(second.bytes().length, 0);
assert.equal(third.typedArray().length, 0);
assert.notEqual(third.buffer, buffer);
assert.equal(second.buffer, third.buffer);
