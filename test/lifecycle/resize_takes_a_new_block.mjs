// 6.2 (c): while the bytes of a released buffer wait, resize takes a new block. A write call in
// flight still sends the old bytes.
import assert from 'node:assert/strict';
import { readSync, write, writeSync } from 'node:fs';
import { acquire, HostArray } from 'nbuf';
import { openFifo } from './support/tools.mjs';

const size = 4096;
const fifo = openFifo();
const room = 65536; // of a FIFO: it is full before the write begins
writeSync(fifo, Buffer.alloc(room, 1));

const array = HostArray.allocate([size]);
const p = acquire(array, { writable: true });
p.fill(7);
const { address } = p;
const old = p.buffer;
const written = new Promise((done) =>
  write(fifo, p.bytes(), 0, size, null, (error, count) => done({ error, count })),
);
p.release();

array.resize([size]);
const q = acquire(array, { writable: true });
assert.notEqual(q.address, address);
assert.notEqual(q.buffer, old);
assert.equal(q.get(size - 1), 7, 'resize keeps the common prefix');
q.fill(9);
assert.equal(old.byteLength, 0);

const drained = Buffer.alloc(room);
let count = 0;
while (count < room) count += readSync(fifo, drained, 0, room - count);
const outcome = await written;
assert.equal(outcome.error, null);
assert.equal(outcome.count, size);
const sent = Buffer.alloc(size);
readSync(fifo, sent, 0, size);
assert.ok(sent.equals(Buffer.alloc(size, 7)));
assert.equal(q.get(0), 9);
