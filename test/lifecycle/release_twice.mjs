// Release is idempotent, and works from `finally` and from `using`.
import assert from 'node:assert/strict';
import { acquire, HostArray } from 'nbuf';

const array = HostArray.allocate([4]);
const free = { memory: 0, layout: 0 };

const p = acquire(array, { label: 'once' });
const q = acquire(array);
for (const end of ['release', 'release', 'unsafeRelease', Symbol.dispose]) {
  assert.equal(p[end](), undefined);
  assert.deepEqual(array.locks, { memory: 1, layout: 1 });
}
assert.equal(p.released, true);
assert.equal(p.label, 'once');
assert.deepEqual(p.shape, [4]);
assert.deepEqual(p.strides, [1]);
assert.equal(p.format, 'B');
q.release();
assert.deepEqual(array.locks, free);

function fails() {
  const r = acquire(array, { writable: true });
  try {
    r.set(7, 1);
  } finally {
    r.release();
  }
}
assert.throws(fails, RangeError);
assert.deepEqual(array.locks, free);

function failsAfterRelease() {
  const r = acquire(array, { writable: true });
  try {
    r.release();
    r.get(0);
  } finally {
    r.release();
  }
}
assert.throws(failsAfterRelease, { code: 'ERR_NBUF_RELEASED' });
assert.deepEqual(array.locks, free);

// What `using` compiles to. The array itself can be disposed of in the same way.
assert.equal(typeof p[Symbol.dispose], 'function');
const s = acquire(array);
array[Symbol.dispose]();
assert.equal(s.get(0), 0);
s[Symbol.dispose]();
assert.deepEqual(array.locks, free);
assert.throws(() => acquire(array), { code: 'ERR_NBUF_RELEASED' });
array.dispose();
