// 6.4: readonly memory is read by elements and copies; no typed array of it is handed out.
import assert from 'node:assert/strict';
import { acquire, HostArray } from 'nbuf';
import { refuses } from './support/tools.mjs';

const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6);
const shape = [2, 3];
const sources = {
  'readonly array': () => acquire(HostArray.fromBytes(bytes, { shape, readonly: true })),
  'toReadonly()': () => acquire(HostArray.fromBytes(bytes, { shape })).toReadonly(),
  'broadcast view': () =>
    acquire(HostArray.fromBytes(bytes, { shape })).broadcastTo([1, 2, 3]).reshape(shape),
  'view of readonly': () =>
    acquire(HostArray.fromBytes(bytes, { shape, readonly: true })).slice('...'),
  'provider of readonly view': () =>
    acquire(acquire(HostArray.fromBytes(bytes, { shape })).toReadonly()),
  'exported readonly view': () => {
    const view = acquire(HostArray.fromBytes(bytes, { shape })).toReadonly();
    const method = Symbol.for('nbuf.exporter');
    return acquire({ [method]: () => view[method]() });
  },
};
for (const [name, make] of Object.entries(sources)) {
  const view = make();
  assert.equal(view.readonly, true, name);
  for (const write of [
    () => view.set(0, 0, 9),
    () => view.fill(9),
    () => view.copyFrom(view),
    () => view.writeBytes(bytes),
    () => view.buffer,
    () => view.bytes(),
    () => view.typedArray(),
    () => view.asNdarray(),
    () => [...view.runs()],
    () => view.slice(0).bytes(),
    () => view.transpose().asNdarray(),
    () => acquire(view, { writable: true }),
  ])
    refuses('ERR_NBUF_READONLY', write);
  assert.deepEqual(
    view.toArray(),
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
    name,
  );
  assert.equal(view.get(1, 2), 6);
  assert.equal(view.at(-1, -1), 6);
  assert.deepEqual([...view], [...bytes]);
  assert.deepEqual([...view.toBytes()], [...bytes]);
  assert.ok(view.equals(HostArray.fromBytes(bytes, { shape })));
  const copy = acquire(view.toContiguous(), { writable: true });
  copy.set(0, 0, 9);
  assert.equal(view.get(0, 0), 1);
  assert.equal(view.unsafeExpose().byteLength, 6);
  refuses('ERR_NBUF_READONLY', () => view.buffer);
}
