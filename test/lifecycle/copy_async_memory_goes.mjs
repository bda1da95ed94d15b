// A copy under way keeps its memory: exporters are disposed, providers released and collected,
// exposed buffers detached or transferred away. Its locks come back, and the bytes are freed.
import assert from 'node:assert/strict';
import { acquire, copyAsync } from 'nbuf';
import { adopt, apart, collectAll, collectUntil, hasTransfer } from './support/tools.mjs';

const size = 24e6;
const ways = {
  nothing() {},
  release({ p, q }) {
    p.release();
    q.release();
  },
  exposeAndRelease({ p, q }) {
    const seen = [p.bytes(), q.bytes()];
    p.release();
    q.release();
    assert.deepEqual(
      seen.map(({ length }) => length),
      [size, size],
      'the copy still holds the block',
    );
  },
  unsafeRelease({ p, q }) {
    p.bytes();
    p.unsafeRelease();
    q.unsafeRelease();
  },
  forget(all) {
    for (const name of Object.keys(all)) delete all[name];
    globalThis.gc();
  },
};
if (hasTransfer)
  ways.transfer = ({ p, q }) => {
    p.buffer.transfer();
    globalThis.gc();
    q.buffer.transfer(8);
  };

for (const [name, act] of Object.entries(ways)) {
  const target = adopt(size);
  const source = adopt(size);
  source.bytes.bytes().fill(5);
  await apart(async () => {
    const all = {
      p: acquire(target.array, { writable: true }),
      q: acquire(source.array, { writable: true }),
    };
    const copying = copyAsync(all.p, all.q.slice([null, null, -1]), { threads: 2 });
    act(all);
    target.array.dispose();
    source.array.dispose();
    assert.ok(target.array.locks.memory >= 1 && source.array.locks.memory >= 1, name);
    await copying;
    all.p?.release();
    all.q?.release();
  });
  const bytes = target.bytes.bytes();
  assert.ok(bytes[0] === 5 && bytes[size / 2] === 5 && bytes[size - 1] === 5, name);
  await collectUntil(() => target.isFreed() && source.isFreed(), name);
  assert.deepEqual([target.array.locks.memory, source.array.locks.memory], [0, 0], name);
  target.bytes.unsafeRelease();
  source.bytes.unsafeRelease();
  await collectAll();
}
