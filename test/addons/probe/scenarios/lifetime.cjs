// What holds what, for how long, and how an environment ends.
const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const {
  collectNow,
  collectUntil,
  flags,
  folder,
  key,
  load,
  turn,
} = require('./harness.cjs');

const probe = load('probe');
const lender = load('lender');

const acquire = (value) => probe.acquire(value, flags.FULL_RO);

exports.providersHoldTheBuffer = async () => {
  let buffer = new ArrayBuffer(1 << 16);
  const weak = new WeakRef(buffer);
  const slot = acquire(new Uint8Array(buffer, 4));
  buffer = undefined;
  await turn();
  assert.equal(await collectUntil(() => weak.deref() === undefined), false);
  assert.equal(probe.bytes(slot).length, (1 << 16) - 4);
  probe.release(slot);
  // Drained by the next nbuf call of this environment, whatever it is.
  probe.release(acquire(new Uint8Array(1)));
  assert.equal(await collectUntil(() => weak.deref() === undefined), true);
};

exports.releaseOnAnotherThread = async () => {
  const releaseOne = () => {
    const buffer = new ArrayBuffer(1024);
    probe.releaseOnThread(acquire(buffer));
    return new WeakRef(buffer);
  };
  const weak = Array.from({ length: 100 }, releaseOne);
  await turn();
  probe.release(acquire(new Uint8Array(1)));
  const gone = () => weak.every((each) => each.deref() === undefined);
  assert.equal(await collectUntil(gone), true);
};

exports.manyCalls = async () => {
  const object = lender.publish(64, 0);
  const buffer = lender.buffer(64, 0);
  const shared = new SharedArrayBuffer(64);
  const values = [
    new Uint8Array(64),
    object,
    new Uint8Array(buffer, 8),
    shared,
    new DataView(shared),
  ];
  const grown = () => {
    collectNow();
    const before = process.memoryUsage().rss;
    for (const value of values) probe.stress(value, 20_000);
    collectNow();
    return process.memoryUsage().rss - before;
  };
  grown();
  const growth = grown();
  assert.ok(growth < 16 << 20, `grew by ${growth} bytes over 100,000 cycles`);
  assert.equal(lender.locks(object), '0 0');
  assert.equal(lender.locks(buffer), '1 0');
};

exports.initAgain = () => assert.equal(probe.initAgain(), 0);

exports.loadedTwiceInOneEnvironment = () => {
  if (globalThis.Bun || globalThis.Deno) return;
  const second = { exports: {} };
  process.dlopen(second, path.join(folder, 'probe.node'));
  const slot = second.exports.acquire(new Uint8Array([1, 2]), flags.FULL_RO);
  assert.deepEqual(probe.bytes(slot), [1, 2]);
  second.exports.release(slot);
};

exports.twoCopiesOfAnAddon = () => {
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'nbuf-'));
  const copy = path.join(scratch, 'copy.node');
  try {
    fs.copyFileSync(path.join(folder, 'probe.node'), copy);
    const second = require(copy);
    const object = second.republish(lender.publish(3, 0));
    const slot = acquire(object);
    assert.deepEqual(probe.bytes(slot), [0, 1, 2]);
    probe.release(slot);
    const borrowed = second.acquire(new Uint8Array([9]), flags.FULL_RO);
    assert.deepEqual(second.bytes(borrowed), [9]);
  } finally {
    fs.rmSync(scratch, { recursive: true });
  }
};

// Below, the process ends in the middle of something: exit code 0 is the assertion.

const everything = () => [
  acquire(new Uint8Array(100)),
  acquire(new SharedArrayBuffer(100)),
  acquire(lender.publish(100, 0)),
  acquire(new Uint8Array(lender.buffer(100, 0), 4)),
];

exports.exitWhileHolding = () => {
  everything();
};

exports.exitWithReleasedButUndrained = () => {
  for (const slot of everything()) probe.release(slot);
};

exports.exitInsideAMethod = () => {
  everything();
  acquire({
    get [key]() {
      return process.exit(0);
    },
  });
};

exports.exitWhileThreadsRelease = async () => {
  for (let i = 0; i < 40; i++)
    for (const slot of everything()) probe.releaseOnThread(slot, i);
  await turn();
};

exports.processExitWhileThreadsRelease = () => {
  for (let i = 0; i < 40; i++)
    for (const slot of everything()) probe.releaseOnThread(slot, i % 8);
  setTimeout(() => process.exit(0), 4);
};
