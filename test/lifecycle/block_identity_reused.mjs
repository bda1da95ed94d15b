// 6.1: memory that is gone may leave its identity to new memory while an array still remembers
// it. When that array goes, the new block stays one block.
import assert from 'node:assert/strict';
import { acquire, HostArray } from 'nbuf';
import { apart, collectAll } from './support/tools.mjs';

const count = 200;
const old = [];
const held = [];
for (let k = 0; k < count; k++) {
  const array = HostArray.allocate([100 + k]);
  acquire(array).release();
  array.dispose(); // its memory goes, and what is allocated next gets the same addresses
  old.push(array);
  const p = acquire(HostArray.allocate([5000 + k]), { writable: true });
  held.push({ p, typed: p.bytes() });
}
old.length = 0;
await collectAll();
apart(() => {
  for (const { p, typed } of held) {
    const child = acquire(p.slice('...'), { writable: true });
    assert.ok(child.buffer === typed.buffer, 'another buffer over the same block');
    const same = acquire(typed);
    p.release();
    assert.equal(typed.length, p.shape[0], 'detached too early');
    child.release();
    same.release();
    assert.equal(typed.length, 0);
  }
});
