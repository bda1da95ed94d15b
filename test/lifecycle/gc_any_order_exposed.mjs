// Garbage collection without release, in any order, frees everything and detaches nothing.
import assert from 'node:assert/strict';
import { acquire } from 'nbuf';
import { adopt, apart, collectAll, collectUntil } from './support/tools.mjs';

const parts = ['provider', 'view', 'typed', 'child'];
const orders = parts.flatMap((first) =>
  parts.filter((second) => second !== first).map((second) => [first, second]),
);

function check(kept) {
  if (kept.typed !== undefined) {
    assert.equal(kept.typed.length, 64);
    assert.equal(kept.typed[3], 9);
    const again = acquire(kept.typed);
    assert.equal(again.get(3), 9);
    assert.equal(again.buffer, kept.typed.buffer);
  }
  for (const part of ['provider', 'child', 'view']) {
    const from = part === 'provider' ? 3 : 1;
    if (kept[part] !== undefined) assert.equal(kept[part].get(from), 9, part);
    if (kept[part] !== undefined) assert.equal(kept[part].buffer.byteLength, 64, part);
  }
}

for (const [first, second] of orders) {
  const { array, isFreed } = adopt(64);
  const kept = apart(() => {
    const provider = acquire(array, { writable: true });
    provider.set(3, 9);
    const view = provider.slice([2, 20]);
    return { provider, view, typed: provider.bytes(), child: acquire(view) };
  });
  array.dispose();
  const name = `${first}, ${second}`;
  for (const part of [first, second]) {
    delete kept[part];
    await collectAll();
    assert.ok(!isFreed(), `${name}: too early`);
    apart(() => check(kept));
  }
  for (const part of parts) delete kept[part];
  await collectUntil(isFreed, name);
}
