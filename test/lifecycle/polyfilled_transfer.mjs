// 6.2, 6.3: release revokes also where a polyfill of ArrayBuffer.prototype.transfer was there
// before nbuf. On Node 20 such polyfills clone external buffers and leave them attached.
import assert from 'node:assert/strict';

let called = 0;
Object.defineProperty(ArrayBuffer.prototype, 'transfer', {
  configurable: true,
  writable: true,
  value: function transfer() {
    called++;
    return structuredClone(this, { transfer: [this] });
  },
});
const { acquire, HostArray } = await import('nbuf');
for (const end of ['release', 'unsafeRelease']) {
  const array = HostArray.allocate([16]);
  const p = acquire(array);
  const typed = p.bytes();
  p[end]();
  array.dispose();
  assert.equal(typed.length, 0, end);
}
assert.equal(called, 0);
