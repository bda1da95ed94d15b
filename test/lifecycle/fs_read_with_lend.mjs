// 6.2: lend() holds the provider until the read is done; releasing the other one changes nothing.
import assert from 'node:assert/strict';
import { read, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { acquire } from 'nbuf';
import {
  adopt,
  apart,
  collectAll,
  collectUntil,
  openFifo,
  refuses,
} from './support/tools.mjs';

const size = 64;
const fifo = openFifo();
const { array, bytes, isFreed } = adopt(size);
const lent = apart(() => {
  const p = acquire(array, { writable: true, label: 'reader' });
  const typed = p.bytes();
  const promise = p
    .slice([16, 48])
    .lend((window) =>
      promisify(read)(fifo, window, 0, 32, null).then((r) => r.bytesRead),
    );
  p.release();
  assert.equal(typed.length, size, 'still lent');
  return promise;
});
assert.equal(array.locks.memory, 1);
assert.throws(() => array.setLayout({ shape: [size + 1] }), { code: 'ERR_NBUF_BOUNDS' });
await collectAll();
assert.ok(!isFreed());

writeSync(fifo, Buffer.alloc(32, 0xbb));
assert.equal(await lent, 32);
const expected = new Uint8Array(size).fill(0xbb, 16, 48);
assert.deepEqual(bytes.toBytes(), expected);
assert.equal(array.locks.memory, 0);
array.dispose();
refuses('ERR_NBUF_RELEASED', () => acquire(array));
await collectUntil(isFreed, 'lent bytes');
