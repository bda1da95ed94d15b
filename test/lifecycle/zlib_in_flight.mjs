// 6.2: zlib over bytes that are released while it works. Released without lend the call may fail,
// but reads what it was given or nothing. A call of several steps finds its input detached at the
// second one: Node 20 aborts then, as DESIGN 7 says, so its input is one step here; later Nodes
// throw where only 'uncaughtException' sees it.
import assert from 'node:assert/strict';
import { promisify } from 'node:util';
import { deflate, gunzip, gzip, inflateSync } from 'node:zlib';
import { acquire } from 'nbuf';
import {
  adopt,
  apart,
  collectAll,
  collectUntil,
  major,
  occupyPool,
  settle,
} from './support/tools.mjs';

function noise(size) {
  const bytes = new Uint8Array(size);
  for (let k = 0, x = 1; k < size; k++) {
    x = (x * 48271) % 0x7fffffff;
    bytes[k] = x;
  }
  return bytes;
}

function uncaught() {
  return new Promise((done) =>
    process.once('uncaughtException', (error) => done({ value: null, error })),
  );
}

for (const size of major === 20 ? [1000] : [1000, 1 << 20]) {
  const content = noise(size);
  const { array, isFreed } = adopt(size);
  const goOn = await occupyPool();
  const outcome = apart(() => {
    const p = acquire(array, { writable: true });
    p.writeBytes(content);
    const result = settle(promisify(deflate)(p.bytes()));
    array.dispose();
    p.release();
    return result;
  });
  await collectAll();
  assert.ok(!isFreed(), 'freed under a call in flight');
  const ended = Promise.race([outcome, uncaught()]);
  await goOn();
  const { value, error } = await ended;
  process.removeAllListeners('uncaughtException');
  if (error !== null) assert.equal(error.code, 'ERR_OUT_OF_RANGE');
  assert.ok(
    error !== null || inflateSync(value).equals(content),
    'compressed other bytes',
  );
  // A call that threw is never done, and holds its input for ever.
  if (error === null) await collectUntil(isFreed, 'compressed bytes');
}

// With lend: whole and right, on every Node.
const content = noise(1 << 20);
const { array, isFreed } = adopt(content.length);
const goOn = await occupyPool();
const packed = apart(() => {
  const p = acquire(array, { writable: true });
  p.writeBytes(content);
  const result = p.lend((bytes) => promisify(gzip)(bytes));
  p.release();
  array.dispose();
  return result;
});
await collectAll();
assert.ok(!isFreed());
await goOn();
assert.ok((await promisify(gunzip)(await packed)).equals(content));
await collectUntil(isFreed, 'lent bytes');
