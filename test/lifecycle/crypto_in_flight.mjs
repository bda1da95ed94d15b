// 6.2: asynchronous crypto over bytes that are released while it waits for a thread.
import assert from 'node:assert/strict';
import {
  createHash,
  pbkdf2,
  pbkdf2Sync,
  randomFill,
  scrypt,
  scryptSync,
  webcrypto,
} from 'node:crypto';
import { promisify } from 'node:util';
import { acquire } from 'nbuf';
import {
  adopt,
  apart,
  collectAll,
  collectUntil,
  occupyPool,
  settle,
} from './support/tools.mjs';

const size = 256;
const secret = new Uint8Array(size).fill(0x5a);
const cost = { N: 1024 };
const calls = {
  randomFill: (bytes) => promisify(randomFill)(bytes).then(() => null),
  pbkdf2: (bytes) => promisify(pbkdf2)(bytes, 'salt', 10, 32, 'sha256'),
  scrypt: (bytes) => promisify(scrypt)(bytes, 'salt', 32, cost),
  digest: (bytes) => webcrypto.subtle.digest('SHA-256', bytes),
};
const expected = {
  pbkdf2: pbkdf2Sync(secret, 'salt', 10, 32, 'sha256'),
  scrypt: scryptSync(secret, 'salt', 32, cost),
  digest: createHash('sha256').update(secret).digest(),
};

for (const [name, call] of Object.entries(calls)) {
  for (const lend of [false, true]) {
    const { array, bytes, isFreed } = adopt(size);
    const goOn = await occupyPool();
    const outcome = apart(() => {
      const p = acquire(array, { writable: true });
      p.writeBytes(secret);
      const result = settle(lend ? p.lend(call) : call(p.bytes()));
      array.dispose();
      p.release();
      return result;
    });
    // Nothing may free the bytes before the call is done with them, and none of the calls has
    // had a thread yet. Some take a copy when they start: those may be freed.
    await collectAll();
    if (lend || name === 'randomFill') assert.ok(!isFreed(), `${name}: freed in flight`);
    await goOn();
    const { value, error } = await outcome;
    if (lend) assert.equal(error, null, `${name}: ${error}`);
    if (error === null && name in expected)
      assert.ok(Buffer.from(value).equals(expected[name]), `${name}: of other bytes`);
    if (error === null && name === 'randomFill')
      assert.notDeepEqual(bytes.toBytes(), secret, 'the random bytes went elsewhere');
    await collectUntil(isFreed, name);
  }
}
