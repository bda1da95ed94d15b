// Rows that JavaScript owns can go at any time: nothing reads where they were.
import assert from 'node:assert/strict';
import { acquire, HostArray, IndirectArray } from 'nbuf';
import { collectAll, refuses } from './support/tools.mjs';

const size = 1 << 20; // large: what is freed is unmapped, and reading it would crash
const make = () => [new Uint8Array(size), new Uint8Array(size), new Uint8Array(size)];
const target = acquire(HostArray.allocate([3, size]), { writable: true });

for (const used of [false, true]) {
  let rows = make();
  const array = IndirectArray.fromRows(rows);
  const nested = IndirectArray.fromRows([array, array]);
  const p = acquire(array, { writable: true });
  const q = acquire(nested);
  const views = [p, p.transpose(), p.slice(':', [null, null, -1]), acquire(p), q];
  if (used)
    for (const view of views)
      for (let k = 0; k < 20; k++) view.get(...view.shape.map(() => 0));
  const elements = p[Symbol.iterator]();
  const exporter = p[Symbol.for('nbuf.exporter')]();
  structuredClone(rows[0].buffer, { transfer: [rows[0].buffer] });
  structuredClone(rows[2].buffer, { transfer: [rows[2].buffer] });
  rows = null;
  for (let round = 0; round < 2; round++) {
    for (const view of views) {
      const origin = view.shape.map(() => 0);
      for (const use of [
        () => view.get(...origin),
        () => view.set(...origin, 1),
        () => view.fill(1),
        () => view.toBytes(),
        () => view.toContiguous(),
        () => view.writeBytes(new Uint8Array(view.byteLength)),
        () => view.equals(view),
        () => view.toArray(),
        () => [...view],
        () => acquire(view),
        () => acquire({ [Symbol.for('nbuf.exporter')]: () => exporter }),
        () => target.copyFrom(view),
        () => view.copyFrom(target),
        () => IndirectArray.fromRows([view]),
      ])
        if (view !== q || !/set|fill|writeBytes|view.copyFrom/.test(`${use}`))
          assert.throws(
            use,
            (error) => /DETACHED|UNSUPPORTED|RANGE/.test(error.code),
            `${use}`,
          );
    }
    refuses('ERR_NBUF_DETACHED', () => [...p.runs()]);
    refuses('ERR_NBUF_DETACHED', () => elements.next());
    assert.equal(p.get(1, 5), 0); // this one is still there
    await collectAll();
  }
  for (const provider of [p, views[3], q]) provider.release();
}
