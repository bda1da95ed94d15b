// 6.3: buffers made immutable. Node 26 has them behind a flag.
// flags on 26: --js-immutable-arraybuffer
import assert from 'node:assert/strict';
import { acquire } from 'nbuf';
import { adopt, apart, collectAll, collectUntil, refuses } from './support/tools.mjs';

if (typeof ArrayBuffer.prototype.transferToImmutable === 'function') {
  const size = 32;
  const { array, isFreed } = adopt(size);
  let fixed = apart(() => {
    const p = acquire(array, { writable: true });
    p.fill(4);
    const made = p.buffer.transferToImmutable();
    refuses('ERR_NBUF_DETACHED', () => p.buffer);
    p.release();
    array.dispose();
    return made;
  });
  assert.ok(fixed.immutable);
  await collectAll();
  assert.ok(!isFreed());
  apart(() => assert.equal(new Uint8Array(fixed)[size - 1], 4));

  // As a source it is readonly memory.
  apart(() => {
    const source = acquire(fixed);
    assert.ok(source.readonly);
    assert.equal(source.get(0), 4);
    refuses('ERR_NBUF_READONLY', () => source.set(0, 1));
    refuses('ERR_NBUF_READONLY', () => source.bytes());
    refuses('ERR_NBUF_READONLY', () =>
      acquire(new Uint8Array(fixed), { writable: true }),
    );
    source.release();
  });
  fixed = null;
  await collectUntil(isFreed, 'an immutable buffer');
}
