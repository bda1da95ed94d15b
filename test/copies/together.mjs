// What takes two arrays takes one of each copy.
import assert from 'node:assert/strict';
import { collect, pairs } from './tools.mjs';

const nested = [
  [1, 2, 3],
  [4, 5, 6],
];

for (const [owner, peer] of pairs) {
  const source = peer.HostArray.from(nested, 'h');
  const target = owner.acquire(owner.HostArray.allocate([3, 2], 'h'), { writable: true });
  for (const from of [source, peer.acquire(source), peer.acquire(source).typedArray()]) {
    target.fill(0);
    if (from instanceof Int16Array)
      target.reshape([2, 3]).copyFrom(peer.acquire(from).reshape([2, 3]));
    else target.reshape([2, 3]).copyFrom(from);
    assert.deepEqual(target.reshape([2, 3]).toArray(), nested);
    assert.ok(target.equals(target.transpose().toContiguous('F')) === false);
  }
  target.copyFrom(peer.acquire(source).transpose());
  assert.deepEqual(target.toArray(), [
    [1, 4],
    [2, 5],
    [3, 6],
  ]);
  assert.ok(target.equals(peer.acquire(source).transpose()));
  assert.ok(peer.acquire(source).equals(target.transpose()));
  await target.copyAsync?.(peer.acquire(source).transpose());

  // Rows of both copies, and of neither, become one image; its peer sees them through pointers.
  const rows = [
    owner.HostArray.from([1, 2, 3], 'h'),
    peer.HostArray.from([4, 5, 6], 'h'),
    peer
      .acquire(peer.HostArray.from([9, 8, 7], 'h'))
      .slice([null, null, -1])
      .toContiguous(),
  ];
  const image = owner.IndirectArray.fromRows(rows);
  const seen = peer.acquire(image, { writable: true });
  seen.set(1, 1, 50);
  assert.equal(peer.acquire(rows[1]).get(1), 50);
  assert.deepEqual(seen.toArray(), [
    [1, 2, 3],
    [4, 50, 6],
    [7, 8, 9],
  ]);
  assert.deepEqual(seen.toContiguous().shape, [3, 3]);
  seen.release();
  assert.equal(rows[1].locks.memory > 0, true, 'the image holds its rows');

  // lend: a copy that lends holds the other's memory until the promise settles.
  const array = owner.HostArray.allocate([4]);
  const p = peer.acquire(array, { writable: true });
  const lent = p.lend(async (bytes) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    bytes[0] = 7;
    return array.locks.memory;
  });
  p.release();
  assert.equal(await lent, 1);
  assert.ok(
    await collect(() => peer.acquire(array).release() ?? array.locks.memory === 0),
  );
  assert.equal(owner.acquire(array).get(0), 7);

  // A peer's array may be written back to, and saved.
  const strided = owner.acquire(array, { writable: true }).slice([null, null, 2]);
  const copy = peer.acquire(strided, {
    writable: true,
    contiguous: 'C',
    copy: 'if-needed',
  });
  assert.ok(copy.copied);
  copy.fill(3);
  copy.release();
  assert.deepEqual(owner.acquire(array).toArray(), [3, 0, 3, 0]);
}
