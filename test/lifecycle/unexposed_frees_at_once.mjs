// 6.2: nothing exposed, everything is freed at once: without garbage collection.
import assert from 'node:assert/strict';
import { acquire, HostArray } from 'nbuf';
import { adopt } from './support/tools.mjs';

const uses = {
  nothing: () => {},
  elements: (p) => p.set(3, p.get(2)),
  bytewise: (p) => p.cast('H', [8]).get(1),
  copies: (p) => {
    p.fill(1);
    p.writeBytes(p.toBytes());
    p.copyFrom(p.slice([null, null, -1]));
    return HostArray.from(p);
  },
  views: (p) => p.slice([2, 9]).reshape([7, 1]).transpose().toArray(),
  iteration: (p) => [...p],
  'another provider': (p) => acquire(p.slice([2])).release(),
};
for (const [name, use] of Object.entries(uses)) {
  const { array, isFreed } = adopt(16);
  const p = acquire(array, { writable: true });
  use(p);
  array.dispose();
  await null;
  assert.ok(!isFreed(), `${name}: freed under a provider`);
  p.release();
  await null;
  assert.ok(isFreed(), `${name}: not freed`);
}
