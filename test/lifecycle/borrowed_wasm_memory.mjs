// 3.4: WebAssembly memory is JavaScript's: growing it detaches the buffer.
import assert from 'node:assert/strict';
import { acquire, HostArray } from 'nbuf';
import { collectAll, refuses } from './support/tools.mjs';

const page = 65536;
const memory = new WebAssembly.Memory({ initial: 1, maximum: 100 });
const p = acquire(memory.buffer, { writable: true });
const part = acquire(new Uint32Array(memory.buffer, 16, 4), { writable: true });
part.set(1, 77);
assert.equal(p.get(20), 77);
refuses('ERR_NBUF_UNSUPPORTED', () => acquire(memory.buffer, { pin: true }));

memory.grow(50);
for (let round = 0; round < 2; round++) {
  for (const use of [
    () => p.get(20),
    () => p.set(20, 1),
    () => part.get(1),
    () => part.toBytes(),
    () => part.copyFrom(HostArray.from([1, 2, 3, 4], 'I')),
    () => p.fill(1),
    () => p.buffer,
  ])
    refuses('ERR_NBUF_DETACHED', use);
  await collectAll();
}
p.release();
part.release();

// Anew over the grown memory; release never detaches what is not ours.
const q = acquire(memory.buffer);
assert.equal(q.byteLength, 51 * page);
assert.equal(q.get(20), 77);
assert.equal(q.bytes().buffer, memory.buffer);
q.release();
assert.equal(memory.buffer.byteLength, 51 * page);

// Shared memory grows in place and can be pinned.
const shared = new WebAssembly.Memory({ initial: 1, maximum: 4, shared: true });
const s = acquire(shared.buffer, { writable: true, pin: true });
s.set(3, 9);
shared.grow(2);
assert.equal(s.get(3), 9);
assert.equal(s.byteLength, page);
assert.equal(acquire(shared.buffer).get(3), 9);
