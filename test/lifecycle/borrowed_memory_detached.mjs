// 3.4: JavaScript's own memory cannot be pinned. Every use checks that it is still there.
import assert from 'node:assert/strict';
import { acquire, HostArray } from 'nbuf';
import { collectAll, refuses } from './support/tools.mjs';

const size = 1 << 20; // large: what is freed is unmapped, and reading it would crash
const formats = { Uint8Array, Float64Array, Int16Array };
const kinds = {
  ...Object.fromEntries(
    Object.entries(formats).map(([name, Kind]) => [
      name,
      (buffer) => new Kind(buffer, 8, 64),
    ]),
  ),
  DataView: (buffer) => new DataView(buffer, 3, 100),
  Buffer: (buffer) => Buffer.from(buffer, 1, 64),
  ArrayBuffer: (buffer) => buffer,
};
async function attack(p, views) {
  const target = acquire(HostArray.allocate([4], p.format), { writable: true });
  // Twice: at once, and when the memory is gone.
  for (let round = 0; round < 2; round++) {
    for (const view of views) {
      for (const use of [
        () => view.get(1),
        () => view.set(1, view.format === 'q' ? 1n : 1),
        () => view.at(-1),
        () => view.fill(1),
        () => view.toBytes(),
        () => view.toArray(),
        () => view.toContiguous(),
        () => view.writeBytes(new Uint8Array(view.byteLength)),
        () => view.equals(view),
        () => [...view],
        () => view.buffer,
        () => view.slice([0, 1]).typedArray(),
        () => view.slice([0, 1]).bytes(),
        () => view.asNdarray(),
        () => view.unsafeExpose(),
        () => acquire(view),
        () => view.slice([0, 2]).get(1),
        () => target.copyFrom(view.slice([0, 4])),
        () => view.slice([0, 4]).copyFrom(target),
      ])
        assert.throws(use, { code: 'ERR_NBUF_DETACHED' }, `${use}`);
    }
    await assert.rejects(
      p.lend(() => 0),
      { code: 'ERR_NBUF_DETACHED' },
    );
    await collectAll();
  }
}

for (const [name, make] of Object.entries(kinds)) {
  for (const used of [false, true]) {
    const buffer = new ArrayBuffer(size);
    const source = make(buffer);
    const p = acquire(source, { writable: true });
    const views = [
      p,
      p.slice([2, 40]),
      p.slice([null, null, -1]),
      acquire(p.slice([1, 30])),
    ];
    if (used) {
      for (const view of views) view.get(1);
      p.set(0, p.get(1));
    }
    structuredClone(buffer, { transfer: [buffer] });
    // It can claim what it likes.
    Object.defineProperty(buffer, 'byteLength', { value: size });
    refuses('ERR_NBUF_DETACHED', () => acquire(source));
    await attack(p, views);
    for (const view of [p, views[3]]) view.release();
    refuses('ERR_NBUF_RELEASED', () => p.get(1));
    assert.ok(name);
  }
}
