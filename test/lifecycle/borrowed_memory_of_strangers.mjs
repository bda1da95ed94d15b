// 3.4: memory that JavaScript owns, behind somebody's exporter: there is no buffer at hand whose
// detachment could be seen later. It can be copied at once, which does check.
import assert from 'node:assert/strict';
import { acquire, HostArray } from 'nbuf';
import { apart, collectAll, refuses } from './support/tools.mjs';

const method = Symbol.for('nbuf.exporter');
const size = 1 << 24; // large: what is freed is unmapped, and reading it would crash

const exporters = {
  'asks the view': (view) => ({ [method]: () => view[method]() }),
  'asked the view before': (view) => {
    const external = view[method]();
    return { [method]: () => external };
  },
};
const target = acquire(HostArray.allocate([size]), { writable: true });

for (const [name, make] of Object.entries(exporters)) {
  const held = apart(() => {
    const source = new Uint8Array(size).fill(7);
    const p = acquire(source);
    return { source, p, exporter: make(p) };
  });
  const uses = [
    () => HostArray.from(held.exporter),
    () => target.copyFrom(held.exporter),
    () => acquire(held.exporter, { copy: 'if-needed' }),
    () => target.equals(held.exporter),
  ];
  refuses('ERR_NBUF_UNSUPPORTED', () => acquire(held.exporter));
  refuses('ERR_NBUF_UNSUPPORTED', () => acquire(held.exporter, { pin: true }));
  // At once and in one go it can be copied.
  assert.equal(acquire(HostArray.from(held.exporter)).get(5), 7);
  const copy = acquire(held.exporter, { copy: 'if-needed' });
  assert.equal(copy.copied, true);
  assert.equal(copy.get(5), 7);
  copy.release();

  apart(() => structuredClone(held.source.buffer, { transfer: [held.source.buffer] }));
  for (let round = 0; round < 2; round++) {
    for (const use of [...uses, () => acquire(held.exporter)])
      assert.throws(use, (error) => {
        assert.match(
          error.code,
          /DETACHED|UNSUPPORTED|NOT_EXPORTER/,
          `${name}: ${error}`,
        );
        return true;
      });
    await collectAll();
  }
}
