// Everything that one copy exports is acquired by the other: the same memory, and its lock.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectCode, pairs } from './tools.mjs';

const folder = mkdtempSync(join(tmpdir(), 'nbuf-copies-'));
const file = join(folder, 'bytes');
writeFileSync(
  file,
  Uint8Array.from({ length: 24 }, (_, k) => k),
);

/** `[source, locks]`: 2 x 3 numbers of format 'h', and who counts the locks, if anybody does. */
const kinds = {
  HostArray(nbuf) {
    const array = nbuf.HostArray.allocate([2, 3], 'h');
    return [array, () => array.locks.memory];
  },
  IndirectArray(nbuf) {
    const array = nbuf.IndirectArray.allocate([2, 3], 'h');
    return [array, () => array.locks.memory];
  },
  rowsOfHostArrays(nbuf) {
    const rows = [0, 1].map(() => nbuf.HostArray.allocate([3], 'h'));
    return [nbuf.IndirectArray.fromRows(rows)];
  },
  MappedFile(nbuf) {
    return [nbuf.mapFile(file, { format: 'h', shape: [2, 3] })];
  },
  Provider(nbuf) {
    const array = nbuf.HostArray.allocate([2, 3], 'h');
    const p = nbuf.acquire(array, { writable: true });
    return [p, () => array.locks.memory - 1];
  },
  View(nbuf) {
    const array = nbuf.HostArray.allocate([3, 9], 'h');
    const p = nbuf.acquire(array, { writable: true });
    const view = p.slice([null, null, -2], [1, 7, 2]);
    return [view, () => array.locks.memory - 1];
  },
  viewOfAnIndirectArray(nbuf) {
    const array = nbuf.IndirectArray.allocate([4, 3], 'h');
    const p = nbuf.acquire(array, { writable: true });
    return [p.slice([1, 3], [null, null, -1]), () => array.locks.memory - 1];
  },
  exposedTypedArray(nbuf) {
    const array = nbuf.HostArray.allocate([2, 3], 'h');
    const p = nbuf.acquire(array, { writable: true });
    const typed = p.typedArray();
    return [typed, () => array.locks.memory - 1, p];
  },
  exposedArrayBuffer(nbuf) {
    const array = nbuf.HostArray.allocate([2, 3], 'h');
    const p = nbuf.acquire(array, { writable: true });
    return [p.buffer, () => array.locks.memory - 1, p];
  },
  viewOfJavaScriptsMemory(nbuf) {
    const typed = new Int16Array(20).subarray(3, 17);
    const p = nbuf.acquire(typed, { writable: true });
    return [p.slice([8, 2, -1]).reshape([2, 3]), undefined, p, typed];
  },
  viewOfSharedMemory(nbuf) {
    const typed = new Int16Array(new SharedArrayBuffer(64)).subarray(3, 17);
    const p = nbuf.acquire(typed, { writable: true });
    return [p.slice([2, 8]).reshape([2, 3]), undefined, p, typed];
  },
  adoptedMemory(nbuf) {
    const owner = nbuf.acquire(nbuf.HostArray.allocate([6], 'h'), { writable: true });
    const options = { shape: [2, 3], format: 'h', owner };
    return [nbuf.HostArray.unsafeFromAddress(owner.address, 12, options)];
  },
};

/** Writes through one, reads through the other. */
function checkAlias(mine, theirs) {
  mine.fill(1);
  theirs.set(...theirs.shape.map((extent) => extent - 1), 77);
  theirs.set(...theirs.shape.map(() => 0), 5);
  assert.deepEqual(mine.toBytes(), theirs.toBytes());
  assert.equal(mine.at(...mine.shape.map(() => -1)), 77);
  assert.equal(mine.at(...mine.shape.map(() => 0)), 5);
  assert.ok(mine.equals(theirs) && theirs.equals(mine));
  if (mine.levels === null) assert.equal(mine.address, theirs.address);
}

for (const [owner, peer] of pairs) {
  for (const [name, make] of Object.entries(kinds)) {
    const [source, locks = () => undefined] = make(owner);
    const before = locks();
    const mine = owner.acquire(source, { writable: true });
    const theirs = peer.acquire(source, { writable: true, label: name });
    if (before !== undefined) assert.equal(locks(), before + 2, name);
    assert.deepEqual(theirs.shape, mine.shape, name);
    assert.deepEqual(theirs.strides, mine.strides, name);
    assert.ok(owner.formatsEqual(theirs.format, mine.format), name);
    checkAlias(mine, theirs);
    const again = owner.acquire(theirs, { writable: true }); // there and back
    checkAlias(again, mine);
    again.release();
    theirs.release();
    assert.ok(theirs.released);
    expectCode('ERR_NBUF_RELEASED', () => theirs.get(...mine.shape.map(() => 0)));
    mine.set(...mine.shape.map(() => 0), 3);
    mine.release();
    if (before !== undefined) assert.equal(locks(), before, name);
  }
  const readonly = owner.acquire(owner.HostArray.allocate([2])).toReadonly();
  const error = expectCode('ERR_NBUF_READONLY', () =>
    peer.acquire(readonly, { writable: true }),
  );
  assert.deepEqual(error.unmet, ['WRITABLE']);
}
rmSync(folder, { recursive: true });
