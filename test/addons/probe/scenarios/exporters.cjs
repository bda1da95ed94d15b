// Publishing, attaching, and meeting across two addons.
const assert = require('node:assert/strict');
const { READONLY, codeOf, collectUntil, flags, key, load } = require('./harness.cjs');

const probe = load('probe');
const lender = load('lender');

function bytesOf(value, request = flags.FULL_RO) {
  const slot = probe.acquire(value, request);
  const bytes = probe.bytes(slot);
  probe.release(slot);
  return bytes;
}

exports.published = () => {
  const object = lender.publish(4, 0);
  assert.deepEqual(bytesOf(object), [0, 1, 2, 3]);
  assert.deepEqual(
    bytesOf(object, flags.FULL_RO | flags.PINNED | flags.WRITABLE),
    [0, 1, 2, 3],
  );
  assert.deepEqual(Object.keys(object), []);
  assert.equal(Object.getPrototypeOf(object), Object.prototype);
  const { enumerable, writable, configurable, value } = Object.getOwnPropertyDescriptor(
    object,
    key,
  );
  assert.deepEqual([enumerable, writable, configurable], [false, false, true]);
  assert.equal(typeof value, 'function');
  assert.equal(value(), value.call(null), 'the method needs no receiver');
};

exports.readonlyAndEmpty = () => {
  const object = lender.publish(2, READONLY);
  const slot = probe.acquire(object, flags.FULL_RO);
  assert.equal(probe.info(slot).flags, READONLY);
  probe.release(slot);
  assert.equal(
    codeOf(() => probe.acquire(object, flags.WRITABLE)),
    'ERR_NBUF_READONLY',
  );
  assert.deepEqual(bytesOf(lender.publish(0, 0)), []);
};

exports.locksAndLabels = () => {
  const object = lender.publish(8, 0);
  const one = probe.acquire(object, flags.FULL_RO, 'encoder');
  const two = probe.acquire(object, flags.FULL_RO | flags.SNAPSHOT, 'viewer');
  assert.equal(lender.locks(object), '2 1');
  assert.throws(() => lender.reshape(object, 4), {
    code: 'ERR_NBUF_LOCKED',
    message: /'encoder'/,
  });
  probe.release(one);
  lender.reshape(object, 4);
  assert.equal(probe.info(two).len, 8, 'a provider keeps the layout it was given');
  assert.deepEqual(bytesOf(object), [0, 1, 2, 3]);
  probe.release(two);
  assert.equal(lender.locks(object), '0 0');
};

exports.methodsOfEveryKind = () => {
  const source = lender.publish(3, 0);
  const method = source[key];
  class Image {
    [key]() {
      return lender.wrap(source);
    }
  }
  class Late {
    get [key]() {
      return method;
    }
  }
  const callable = Object.assign(() => {}, { [key]: method });
  const array = Object.assign([], { [key]: method });
  const typed = Object.assign(new Float32Array(9), { [key]: method });
  const bare = Object.assign(Object.create(null), { [key]: method });
  for (const value of [
    new Image(),
    new (class extends Image {})(),
    new Late(),
    Object.create(source),
    new Proxy(source, {}),
    new Proxy(new Image(), {}),
    callable,
    array,
    typed,
    bare,
  ])
    assert.deepEqual(bytesOf(value), [0, 1, 2]);
};

exports.betweenAddons = () => {
  const object = lender.publish(3, 0);
  const again = probe.republish(object);
  assert.deepEqual(bytesOf(again), [0, 1, 2]);
  const slot = probe.acquire(again, flags.FULL_RO);
  assert.equal(lender.locks(object), '1 1', 'one exporter behind both objects');
  probe.release(slot);
  assert.equal(
    codeOf(() => probe.republish(new Uint8Array(3))),
    'ERR_NBUF_NOT_EXPORTER',
  );
  assert.equal(
    codeOf(() => probe.republish({})),
    'ERR_NBUF_NOT_EXPORTER',
  );
};

exports.attach = () => {
  const source = lender.publish(2, 0);
  const target = { mine: 1 };
  probe.attach(target, source);
  assert.deepEqual(bytesOf(target), [0, 1]);
  assert.deepEqual(Object.keys(target), ['mine']);
  probe.attach(target, lender.publish(1, 0));
  assert.deepEqual(bytesOf(target), [0], 'attaching again replaces');
  const callable = () => {};
  probe.attach(callable, source);
  assert.deepEqual(bytesOf(callable), [0, 1]);
  for (const value of [Object.freeze({}), Object.preventExtensions([])])
    assert.equal(
      codeOf(() => probe.attach(value, source)),
      'ERR_NBUF_UNSUPPORTED',
    );
  for (const trap of [
    () => false,
    () => {
      throw new Error('no');
    },
  ]) {
    const refusing = new Proxy({}, { defineProperty: trap });
    assert.equal(
      codeOf(() => probe.attach(refusing, source)),
      'ERR_NBUF_UNSUPPORTED',
    );
  }
  for (const value of [undefined, null, 1, 'text', 1n, Symbol('s'), true])
    assert.equal(
      codeOf(() => probe.attach(value, source)),
      'ERR_INVALID_ARG_TYPE',
    );
};

exports.collected = async () => {
  const isFreed = () => lender.live() === 0;
  // In a function of its own, so that no stack frame keeps the object.
  const make = () => {
    const object = lender.publish(16, 0);
    return { slot: probe.acquire(object, flags.FULL_RO), method: object[key] };
  };
  const held = make();
  assert.equal(await collectUntil(isFreed), false, 'the method retains it');
  assert.equal(bytesOf({ [key]: held.method }).length, 16);
  held.method = undefined;
  assert.equal(await collectUntil(isFreed), false, 'the provider retains it');
  assert.equal(probe.bytes(held.slot).length, 16);
  probe.release(held.slot);
  assert.equal(await collectUntil(isFreed), true);
};

exports.collectedMethods = async () => {
  for (let i = 0; i < 200; i++) lender.publish(16, 0);
  assert.equal(await collectUntil(() => lender.live() <= 1), true);
};

exports.refusedAttachLeaksNothing = async () => {
  let source = lender.publish(4, 0);
  for (let i = 0; i < 100; i++) codeOf(() => probe.attach(Object.freeze({}), source));
  source = undefined;
  assert.equal(await collectUntil(() => lender.live() === 0), true);
};
