// 6.3: .transfer() moves the memory out of nbuf's buffer. It stays valid there, released or not,
// until that buffer is collected; and so it does for elements, copies and other providers, only
// no buffer of it can be had.
import assert from 'node:assert/strict';
import { acquire, HostArray } from 'nbuf';
import {
  adopt,
  apart,
  collectAll,
  collectUntil,
  hasTransfer,
  refuses,
} from './support/tools.mjs';

const method = Symbol.for('nbuf.exporter');
const size = 64;
const formats = ['B', '<h', '>h', 'd'];
const ends = {
  release: (p) => p.release(),
  unsafeRelease: (p) => p.unsafeRelease(),
  collection: () => {},
};
function refusesBuffers(view) {
  const uses = ['buffer', 'bytes', 'typedArray', 'asNdarray', 'unsafeExpose', 'runs'];
  for (const use of uses)
    refuses('ERR_NBUF_DETACHED', () =>
      use === 'buffer' ? view.buffer : Array.from(view[use]()),
    );
}

function worksWithout(view) {
  view.fill(5);
  assert.equal(view.get(3), 5);
  view.set(3, 6);
  assert.equal(view.at(3), 6);
  assert.equal([...view][3], 6);
  assert.equal(view.toArray()[3], 6);
  assert.equal(view.slice([3, null]).get(0), 6);
  assert.ok(view.equals(view) && !view.equals(view.slice([null, null, -1])));
  assert.equal(acquire(HostArray.from(view)).get(3), 6);
  const exporter = { [method]: () => view[method]() };
  for (const source of [view, exporter]) {
    const q = acquire(source, { writable: true });
    const value = q.get(3);
    q.set(3, value + 1);
    q.release();
    assert.equal(view.get(3), value + 1);
  }
}

// Elements that were bound to the buffer before, of every kind of access.
for (const format of hasTransfer ? formats : []) {
  const array = HostArray.from([1, 2, 3, 4], format);
  const p = acquire(array, { writable: true });
  const view = p.slice([null, null, -1]);
  assert.equal(p.get(1) + view.get(0), 6);
  const walk = view[Symbol.iterator]();
  assert.equal(walk.next().value, 4);
  const typed = new Uint8Array(p.buffer.transfer());
  assert.equal(p.get(1), 2, format);
  assert.deepEqual([...walk], [3, 2, 1], format);
  assert.deepEqual(view.toArray(), [4, 3, 2, 1], format);
  view.set(0, 9);
  assert.equal(p.get(3), 9, format);
  assert.deepEqual([...typed], [...p.toBytes()], format);
  p.release();
  for (const each of [p, view]) refuses('ERR_NBUF_RELEASED', () => each.get(0));
}

for (const [name, end] of hasTransfer ? Object.entries(ends) : []) {
  const { array, isFreed } = adopt(size);
  let moved = apart(() => {
    const p = acquire(array, { writable: true });
    const other = acquire(array, { writable: true });
    const view = p.slice([8, null]);
    p.fill(5);
    const typed = p.typedArray();
    const result = p.buffer.transfer();
    assert.equal(typed.length, 0);
    const late = acquire(array, { writable: true });
    for (const each of [p, other, view, late]) refusesBuffers(each);
    for (const each of [p, other, view, late]) worksWithout(each);
    refuses('ERR_NBUF_DETACHED', () => acquire(typed));
    p.fill(5);
    for (const each of [p, other, late]) end(each);
    array.dispose();
    return result;
  });
  assert.equal(moved.byteLength, size);
  await collectAll();
  assert.ok(!isFreed(), `${name}: freed while the moved buffer lives`);
  const bytes = new Uint8Array(moved);
  assert.ok(bytes.every((byte) => byte === 5));
  bytes.fill(6);
  const borrowed = acquire(bytes);
  assert.equal(borrowed.get(size - 1), 6);
  borrowed.release();
  moved = apart(() => moved.transfer());
  assert.equal(bytes.length, 0);
  await collectAll();
  assert.ok(!isFreed());
  moved = null;
  await collectUntil(isFreed, name);
}
