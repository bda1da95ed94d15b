// Addons of three ages, and the package, in one process: everybody takes from everybody.
// Arguments: the folder of the addons, the package's CommonJS file.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);
const [folder, packageFile] = process.argv.slice(2);
const nbuf = require(packageFile);
const ages = ['older', 'today', 'later'];
const peers = ages.map((age) => require(join(folder, `${age}.node`)));
const { FULL, FULL_RO, C_CONTIGUOUS, WRITABLE, STRIDED_RO } = nbuf.Flags;
const LATER = 0x80000; // a request flag of later headers
const [POINTER, HAND, SHORT] = [0, 1, 2];
const READONLY = 1;
const UNSUPPORTED = 15;

// They are what they claim to be.
assert.deepEqual(
  peers.map(({ errorSize }) => errorSize),
  [256, 264, 272],
);
assert.ok(peers[2].providerSize > peers[1].providerSize);

/** `consumer` takes all that `exporter` makes. */
function meet(exporter, consumer, kind) {
  const [of, by] = [ages[exporter], ages[consumer]].map((age) => `${age} `);
  const about = `${of}exporter ${kind}, ${by}consumer`;
  const object = peers[exporter].make(kind, 0, 0);
  const p = nbuf.acquire(object, { writable: true });
  assert.equal(peers[consumer].acquire(object, 1, FULL, 0).status, 0, about);
  const { sum, levels, epoch } = peers[consumer].look(1);
  assert.equal(sum, 15, about);
  assert.equal(levels, kind === SHORT ? -1 : 0, about);
  const known = exporter !== 2 || kind === SHORT ? -1 : kind === HAND ? 40 : 0;
  if (consumer === 2) assert.equal(epoch, known, about);
  peers[consumer].writeFirst(1, 100);
  assert.equal(p.get(0, 0), 100, about);
  assert.equal(peers[exporter].count(0), kind === POINTER ? 202 : 2, about);
  if (kind === POINTER) {
    const refusal = peers[exporter].reshape(0);
    assert.match(refusal, new RegExp(`locked by 2 providers \\('${ages[consumer]}'`));
    peers[consumer].give(1, 1);
    assert.equal(peers[exporter].count(0), 201, about);
  }
  peers[consumer].give(1, 2);
  peers[consumer].give(1, 0);
  assert.equal(peers[exporter].count(0) % 100 > 0, true, about);
  peers[consumer].give(1, 0);
  p.release();
  assert.equal(peers[exporter].count(0), 0, about);
  peers[exporter].drop(0);
}

/** What is refused, and what is said of it. */
function refuse(exporter, consumer) {
  const about = `${ages[exporter]} exporter, ${ages[consumer]} consumer`;
  const object = peers[exporter].make(POINTER, 0, READONLY);
  const refused = peers[consumer].acquire(object, 1, FULL | C_CONTIGUOUS, 0);
  assert.equal(refused.status, 2, about); // READONLY
  assert.equal(refused.told, 2, about);
  assert.match(refused.message, /not writable/, about);
  if (consumer > 0) {
    const C = C_CONTIGUOUS & ~STRIDED_RO;
    assert.equal(refused.unmet & WRITABLE, WRITABLE, about);
    assert.equal(refused.unmet & C, C, about);
    const { grantable } = refused;
    assert.equal(peers[consumer].acquire(object, 1, grantable, 0).status, 0, about);
    peers[consumer].give(1, 0);
  }
  const unknown = peers[consumer].acquire(object, 1, STRIDED_RO | LATER, 0);
  assert.equal(unknown.status, exporter === 2 ? 0 : UNSUPPORTED, about);
  if (unknown.status === 0) peers[consumer].give(1, 0);
  peers[exporter].drop(0);

  // A request member that only later exporters know; a detail only for who has room for it.
  const hand = peers[exporter].make(HAND, 0, 0);
  const asked = peers[consumer].acquire(hand, 1, FULL_RO, 9);
  const isUnderstood = exporter === 2 && consumer === 2;
  assert.equal(asked.status, isUnderstood ? UNSUPPORTED : 0, about);
  if (consumer === 2) assert.equal(asked.detail, isUnderstood ? 9 : 0, about);
  if (asked.status === 0) peers[consumer].give(1, 0);
  peers[exporter].drop(0);
}

/** Through the package and its buffers, to a third, and copies by the table of functions. */
function passOn(exporter, consumer, kind) {
  const about = `${ages[exporter]} ${kind} by nbuf to ${ages[consumer]}`;
  const object = peers[exporter].make(kind, 0, 0, { mine: true });
  assert.equal(object.mine, true);
  const p = nbuf.acquire(object, { writable: true });
  const buffers = kind === POINTER ? [] : [p.typedArray()];
  for (const value of [p, p.slice([0, 2]), p.transpose().transpose()]) {
    assert.equal(peers[consumer].acquire(value, 1, FULL, 0).status, 0, about);
    assert.equal(peers[consumer].look(1).sum, 15, about);
    peers[consumer].give(1, 0);
  }
  for (const value of buffers) {
    assert.equal(peers[consumer].acquire(value, 1, WRITABLE, 0).status, 0, about);
    peers[consumer].writeFirst(1, 0);
    peers[consumer].give(1, 0);
  }
  const target = nbuf.HostArray.allocate([2, 3], 'h');
  peers[consumer].acquire(target, 2, FULL, 0);
  peers[consumer].acquire(object, 3, FULL, 0);
  const copied = peers[consumer].copy(2, 3);
  assert.equal(copied.status, 0, copied.message);
  assert.equal(copied.equal, 1, about);
  if (consumer === 2) assert.equal(copied.later, 0);
  peers[consumer].give(2, 0);
  peers[consumer].give(3, 0);
  assert.deepEqual(nbuf.acquire(target).toArray(), [
    [0, 1, 2],
    [3, 4, 5],
  ]);
  assert.ok(p.equals(target));
  p.unsafeRelease();
}

/** The package's own arrays, of every kind. */
function takeFromPackage(consumer) {
  const array = nbuf.HostArray.from(
    [
      [0, 1, 2],
      [3, 4, 5],
    ],
    'h',
  );
  const rows = [nbuf.HostArray.from([0, 1, 2], 'h'), nbuf.HostArray.from([3, 4, 5], 'h')];
  const p = nbuf.acquire(array, { writable: true });
  for (const value of [array, p, p.slice([0, 2])]) {
    assert.equal(peers[consumer].acquire(value, 1, FULL, 0).status, 0);
    assert.equal(peers[consumer].look(1).sum, 15);
    assert.throws(() => array.resize([9]), new RegExp(`'${ages[consumer]}`));
    peers[consumer].give(1, 0);
  }
  const image = nbuf.IndirectArray.fromRows(rows);
  const refused = peers[consumer].acquire(image, 1, STRIDED_RO, 0);
  assert.equal(refused.status, 4); // SUBOFFSETS
  assert.equal(peers[consumer].acquire(image, 1, FULL_RO, 0).status, 0);
  peers[consumer].give(1, 0);
  for (const unknown of [LATER, 2]) {
    const { status, message } = peers[consumer].acquire(array, 1, FULL_RO | unknown, 0);
    assert.equal(status, UNSUPPORTED);
    assert.match(message, /unknown request flags/);
  }
  for (const value of [
    p.typedArray(),
    new Int16Array(3),
    new DataView(new ArrayBuffer(4)),
  ]) {
    assert.equal(peers[consumer].acquire(value, 1, WRITABLE, 0).status, 0);
    peers[consumer].give(1, 0);
  }
  p.release();
}

for (let exporter = 0; exporter < peers.length; exporter++)
  for (let consumer = 0; consumer < peers.length; consumer++) {
    for (const kind of [POINTER, HAND, SHORT]) {
      meet(exporter, consumer, kind);
      passOn(exporter, consumer, kind);
    }
    refuse(exporter, consumer);
  }
for (let consumer = 0; consumer < peers.length; consumer++) takeFromPackage(consumer);

/** Left alive, for whatever ends now: the process, or a worker. */
globalThis.kept = peers.map((peer, k) => {
  const object = peer.make(HAND, 9, 0);
  peers[(k + 1) % peers.length].acquire(object, 9, FULL, 0);
  const p = nbuf.acquire(object, { writable: true });
  return [object, p, p.typedArray(), nbuf.acquire(peer.make(SHORT, 10, 0))];
});
