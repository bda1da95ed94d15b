// Garbage collection without release, in any order, frees everything; here nothing was exposed.
import assert from 'node:assert/strict';
import { acquire } from 'nbuf';
import { adopt, apart, collectAll, collectUntil } from './support/tools.mjs';

const parts = ['array', 'provider', 'view', 'child'];
const orders = parts.flatMap((first) =>
  parts.filter((second) => second !== first).map((second) => [first, second]),
);
for (const [first, second] of orders) {
  const { array, isFreed } = adopt(64);
  const kept = apart(() => {
    const provider = acquire(array, { writable: true });
    const view = provider.slice([4, 20]);
    const child = acquire(view);
    provider.set(3, 1);
    view.get(1);
    child.toArray();
    return { array, provider, view, child };
  });
  const { free } = { free: () => Object.keys(kept).length === 0 };
  array.dispose();
  const name = `${first}, ${second}`;
  for (const part of [first, second]) {
    delete kept[part];
    await collectAll();
    assert.ok(!isFreed(), `${name}: too early`);
    apart(() => {
      kept.provider?.get(3);
      kept.view?.set(0, 1);
      kept.child?.get(2);
    });
  }
  for (const part of parts) delete kept[part];
  assert.ok(free());
  await collectUntil(isFreed, name);
}
