// 6.2 (c), the canary: fs.read has taken the raw pointer when the provider is released. The
// bytes stay allocated until it is done, so that it writes into them and nowhere else.
import assert from 'node:assert/strict';
import { read, writeSync } from 'node:fs';
import { acquire } from 'nbuf';
import { adopt, apart, collectAll, collectUntil, openFifo } from './support/tools.mjs';

const size = 64;
for (const how of ['release', 'collection']) {
  const fifo = openFifo();
  const { array, bytes, isFreed } = adopt(size);
  const reading = apart(() => {
    const p = acquire(array, { writable: true });
    const result = new Promise((done) =>
      read(fifo, p.bytes(), 0, size, null, (error, count) => done({ error, count })),
    );
    if (how === 'release') p.release();
    return result;
  });
  array.dispose();
  await collectAll();
  assert.ok(!isFreed(), `${how}: freed under a read in flight`);
  assert.deepEqual(bytes.toBytes(), new Uint8Array(size));

  writeSync(fifo, Buffer.alloc(size, 0xaa));
  const { error, count } = await reading;
  assert.ok(error instanceof Error || count === size, `${how}: ${error} ${count}`);
  if (how === 'collection') assert.equal(count, size);
  const landed = bytes.toBytes().every((byte) => byte === 0xaa);
  assert.ok(landed || error !== null, `${how}: the bytes went elsewhere`);
  await collectUntil(isFreed, how);
}
