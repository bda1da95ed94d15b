// 3.5: what nbuf exposed leads back to its block and locks, not to a bare typed array.
import assert from 'node:assert/strict';
import { acquire, HostArray } from 'nbuf';
import { refuses } from './support/tools.mjs';

const array = HostArray.allocate([4, 4], 'H');
const p = acquire(array, { writable: true, label: 'first' });
const typed = p.slice(1).typedArray();
const sources = {
  'typed array': typed,
  'sub-array': typed.subarray(1),
  DataView: new DataView(p.buffer, 2, 6),
  Buffer: Buffer.from(p.buffer, 4),
  ArrayBuffer: p.buffer,
  'other type': new Float32Array(p.buffer),
};
for (const [name, source] of Object.entries(sources)) {
  const q = acquire(source, { writable: true, label: name, pin: true });
  assert.equal(q.buffer, p.buffer, name);
  assert.equal(q.byteOffset, source.byteOffset ?? 0, name);
  assert.equal(q.byteLength, source.byteLength, name);
  assert.deepEqual(array.locks, { memory: 2, layout: 1 }, name);
  assert.throws(() => array.resize([1]), new RegExp(`${name} ← first`));
  q.release();
  assert.deepEqual(array.locks, { memory: 1, layout: 1 }, name);
}
const q = acquire(typed, { writable: true });
q.set(0, 500);
assert.equal(p.get(1, 0), 500);

// It outlives the provider that it came from.
p.release();
assert.equal(typed.length, 4, 'q still has the block');
assert.equal(q.get(0), 500);
q.release();
assert.equal(typed.length, 0);
for (const [name, source] of Object.entries(sources))
  if (name !== 'DataView') refuses('ERR_NBUF_DETACHED', () => acquire(source));
refuses('ERR_NBUF_DETACHED', () => acquire(sources.DataView));
assert.deepEqual(array.locks, { memory: 0, layout: 0 });

// Not a readonly view's provider is asked, although it is the newest.
const method = Symbol.for('nbuf.exporter');
for (const wasAsked of [false, true]) {
  const other = HostArray.allocate([4]);
  const first = acquire(other, { writable: true });
  const second = acquire(other, { writable: true });
  const bytes = first.bytes();
  const external = wasAsked ? first.buffer[method]() : null;
  const fixed = acquire(first.toReadonly());
  first.release();
  const source = wasAsked ? { [method]: () => external } : bytes;
  const again = acquire(source, { writable: true });
  again.set(0, 1);
  assert.equal(fixed.get(0), 1);
  for (const each of [again, second, fixed]) each.release();
  assert.deepEqual(other.locks, { memory: 0, layout: 0 });
}
