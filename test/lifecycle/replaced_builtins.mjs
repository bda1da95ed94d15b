// 6.1: get and set reach memory through builtins that user code may have replaced, and which then
// show it a buffer that was never exposed. What it does with that must not free bytes in use.
import assert from 'node:assert/strict';
import { acquire } from 'nbuf';
import { adopt, apart, collectAll, collectUntil, hasTransfer } from './support/tools.mjs';

let stolen = null;
for (const name of ['getInt16', 'getUint8']) {
  const get = DataView.prototype[name];
  DataView.prototype[name] = function (...args) {
    stolen = this.buffer;
    return get.apply(this, args);
  };
}

const size = 1 << 12;
const ends = {
  release: (p) => p.release(),
  unsafeRelease: (p) => p.unsafeRelease(),
  collection: () => {},
};
for (const format of ['>h', 'B'])
  for (const [name, end] of Object.entries(ends))
    for (const isMoved of hasTransfer ? [false, true] : [false]) {
      const { array, bytes, isFreed } = adopt(size, { format, shape: [size / 2] });
      stolen = null;
      apart(() => {
        const p = acquire(array);
        p.get(0);
        assert.ok(stolen instanceof ArrayBuffer, `${format}: not seen`);
        if (isMoved) stolen = stolen.transfer();
        end(p);
      });
      array.dispose();
      await collectAll();
      const what = `${format}, ${name}`;
      assert.equal(stolen.byteLength, isMoved ? size : 0, what);
      assert.equal(isFreed(), !isMoved, what);
      bytes.fill(3);
      if (isMoved) assert.equal(new Uint8Array(stolen)[5], 3);
      stolen = null;
      await collectUntil(isFreed, what);
    }
