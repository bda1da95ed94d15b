// 6.2 (a): a release drops the provider's locks at once, exposed or not, waiting bytes or not.
import assert from 'node:assert/strict';
import { acquire, HostArray } from 'nbuf';
import { refuses } from './support/tools.mjs';

const array = HostArray.allocate([10]);
for (const expose of [false, true]) {
  const p = acquire(array);
  const q = acquire(array, { layout: 'snapshot' });
  if (expose) p.bytes();
  assert.deepEqual(array.locks, { memory: 2, layout: 1 });
  refuses('ERR_NBUF_LOCKED', () => array.setLayout({ shape: [2, 5] }));
  p.release();
  assert.deepEqual(array.locks, { memory: 1, layout: 0 });
  array.setLayout({ shape: [2, 5] });
  refuses('ERR_NBUF_LOCKED', () => array.resize([10]));
  q.release();
  assert.deepEqual(array.locks, { memory: 0, layout: 0 });
  array.resize([10]);
}

// unsafeRelease and `using` are no different.
const r = acquire(array);
r.bytes();
r.unsafeRelease();
assert.deepEqual(array.locks, { memory: 0, layout: 0 });
acquire(array)[Symbol.dispose]();
assert.deepEqual(array.locks, { memory: 0, layout: 0 });
