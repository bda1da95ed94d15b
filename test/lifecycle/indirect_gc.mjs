// Garbage collection of an indirect array, its providers, views and rows, in any order: each keeps
// alive what it needs, and the sources are free when the last one is gone.
import assert from 'node:assert/strict';
import { acquire, IndirectArray } from 'nbuf';
import { adopt, apart, collectAll, collectUntil } from './support/tools.mjs';

const parts = ['array', 'provider', 'view', 'row', 'typed', 'child', 'nested'];

function check(kept) {
  const { array, provider, view, row, typed, child, nested } = kept;
  if (array !== undefined) acquire(array, { layout: 'snapshot' }).release();
  if (provider !== undefined) assert.equal(provider.get(1, 3), 9);
  if (view !== undefined) assert.equal(view.get(3, 1), 9);
  if (row !== undefined) assert.equal(row.get(3), 9);
  if (typed !== undefined) assert.equal(typed[3], 9);
  if (typed !== undefined) assert.equal(acquire(typed).buffer, typed.buffer);
  if (child !== undefined) assert.equal(child.get(3), 9);
  if (nested !== undefined) assert.equal(acquire(nested).get(1, 1, 3), 9);
}

function make(rows) {
  const array = IndirectArray.fromRows(rows.map((row) => row.array));
  const provider = acquire(array, { writable: true });
  provider.set(1, 3, 9);
  const row = provider.slice(1);
  return {
    array,
    provider,
    view: provider.transpose(),
    row,
    typed: row.typedArray(),
    child: acquire(row),
    nested: IndirectArray.fromRows([array, array]),
  };
}

const orders = [
  ...parts.map((_, k) => [...parts.slice(k), ...parts.slice(0, k)]),
  [...parts].reverse(),
];
for (const order of orders) {
  const rows = [adopt(64), adopt(64)];
  const kept = apart(() => make(rows));
  for (const row of rows) row.array.dispose();
  const isFreed = () => rows.every((row) => row.isFreed());
  const last = order[order.length - 1];
  for (const part of order.slice(0, -1)) {
    delete kept[part];
    await collectAll();
    // Row 1 alone is what rows, their children and their bytes need.
    assert.ok(!rows[1].isFreed(), `${order}: row 1 went with ${part}`);
    apart(() => check(kept));
  }
  assert.ok(last in kept);
  delete kept[last];
  await collectUntil(isFreed, `${order}`);
}

// A row alone keeps the locks of the provider that it was cut from.
const rows = [adopt(64), adopt(64)];
const kept = apart(() => {
  const array = IndirectArray.fromRows(rows.map((row) => row.array));
  return { array, row: acquire(array).slice(1) };
});
await collectAll();
assert.deepEqual(kept.array.locks, { memory: 1, layout: 1 });
assert.equal(kept.row.get(0), 0);
delete kept.row;
await collectUntil(() => kept.array.locks.memory === 0, 'the row is gone');
