// 6.2 (b): the last explicit release over a block detaches its buffer, and not before.
import assert from 'node:assert/strict';
import { acquire, Flags, HostArray } from 'nbuf';

const array = HostArray.allocate([8], 'i');
const kinds = {
  another: () => acquire(array),
  'of a view': (p) => acquire(p.slice([2])),
  'of the buffer': (p) => acquire(p.buffer),
  'of a typed array': (p) => acquire(p.typedArray().subarray(1)),
  'without a layout lock': () => acquire(array, { layout: 'snapshot' }),
  simple: () => acquire(array, Flags.SIMPLE),
};

for (const [name, make] of Object.entries(kinds)) {
  for (const order of ['first', 'second']) {
    const p = acquire(array);
    const typed = p.typedArray();
    const { buffer } = typed;
    const q = make(p);
    const [earlier, later] = order === 'first' ? [p, q] : [q, p];
    earlier.release();
    assert.equal(typed.length, 8, `${name}: detached too early`);
    assert.equal(later.buffer, buffer);
    later.release();
    assert.equal(typed.length, 0, `${name}: not detached`);
    assert.equal(typed[0], undefined);
    assert.equal(buffer.byteLength, 0);
    assert.throws(() => new Uint8Array(buffer), TypeError);
  }
}

// Views take no part: they end with their provider.
const p = acquire(array);
const view = p.slice([1, 3]);
const typed = view.typedArray();
p.unlockLayout();
assert.equal(typed.length, 2);
p.release();
assert.equal(typed.length, 0);
assert.throws(() => view.get(0), { code: 'ERR_NBUF_RELEASED' });
