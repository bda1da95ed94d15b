// 3.4: a provider of JavaScript's own memory holds the buffer, and its release lets go of it.
import assert from 'node:assert/strict';
import { acquire } from 'nbuf';
import { apart, collectAll, collectUntil } from './support/tools.mjs';

const sources = {
  ArrayBuffer: () => new ArrayBuffer(1000),
  SharedArrayBuffer: () => new SharedArrayBuffer(1000),
  Uint8Array: () => new Uint8Array(1000),
  'shared typed array': () => new Float64Array(new SharedArrayBuffer(1000)),
  DataView: () => new DataView(new ArrayBuffer(1000)),
};
const collected = new Set();
const registry = new FinalizationRegistry((name) => collected.add(name));

for (const [kind, make] of Object.entries(sources)) {
  for (const how of ['release', 'collection']) {
    const name = `${kind}, ${how}`;
    const held = apart(() => {
      const value = make();
      registry.register(ArrayBuffer.isView(value) ? value.buffer : value, name);
      const p = acquire(value);
      p.get(0);
      return how === 'release' ? [p] : [];
    });
    if (how === 'release') {
      await collectAll();
      assert.ok(!collected.has(name), `${name}: collected under a provider`);
      apart(() => held.pop().release());
    }
    await collectUntil(() => collected.has(name), name);
  }
}
