// Properties and prototypes that lie about genuine buffers.
const assert = require('node:assert/strict');
const { BORROWED, ENV_BOUND, codeOf, flags, key, load } = require('./harness.cjs');

const probe = load('probe');
const lender = load('lender');

const acquire = (value) => probe.acquire(value, flags.FULL_RO);

exports.lyingProperties = () => {
  const lies = {
    buffer: { value: new ArrayBuffer(1 << 20) },
    byteOffset: { value: -8 },
    byteLength: { value: 1 << 30 },
    length: { value: 1 << 30 },
    resizable: { value: true },
    constructor: { value: null },
    [Symbol.toStringTag]: { value: 'Float64Array' },
  };
  const typed = Object.defineProperties(new Uint8Array([1, 2, 3]), lies);
  const buffer = Object.defineProperties(new Uint8Array([1, 2, 3]).buffer, lies);
  const view = Object.defineProperties(
    new DataView(new Uint8Array([1, 2, 3]).buffer),
    lies,
  );
  const stripped = [new Uint8Array([1, 2, 3]), new Uint8Array([1, 2, 3]).buffer];
  for (const value of stripped) Object.setPrototypeOf(value, null);
  const disguised = Object.setPrototypeOf(new Uint8Array([1, 2, 3]), DataView.prototype);
  for (const value of [typed, buffer, view, ...stripped, disguised]) {
    const slot = acquire(value);
    assert.equal(probe.info(slot).format, 'B');
    assert.deepEqual(probe.bytes(slot), [1, 2, 3]);
    probe.release(slot);
  }
  const disguises = [
    [new ArrayBuffer(4), SharedArrayBuffer.prototype, BORROWED],
    [new SharedArrayBuffer(4), ArrayBuffer.prototype, ENV_BOUND],
    [new SharedArrayBuffer(4), null, ENV_BOUND],
  ];
  for (const [value, prototype, expected] of disguises) {
    const slot = acquire(Object.setPrototypeOf(value, prototype));
    assert.equal(probe.info(slot).flags, expected);
    probe.release(slot);
  }
  const pretenders = [
    Object.create(Uint8Array.prototype),
    Object.setPrototypeOf({}, ArrayBuffer.prototype),
  ];
  for (const value of pretenders)
    assert.equal(
      codeOf(() => acquire(value)),
      'ERR_NBUF_NOT_EXPORTER',
    );
};

exports.pollutedPrototypes = () => {
  const polluted = [
    [Object.prototype, 'get', { value: 5 }],
    [Object.prototype, 'value', { value: 5 }],
    [
      Array.prototype,
      '0',
      { get: () => assert.fail('read'), set: () => assert.fail('set') },
    ],
    [Array.prototype, Symbol.iterator, { value: null }],
    [Function.prototype, 'apply', { value: null }],
    [Function.prototype, 'call', { value: null }],
    [Reflect, 'apply', { value: null }],
    [Reflect, 'defineProperty', { value: null }],
    [ArrayBuffer, 'isView', { value: () => false }],
    [ArrayBuffer.prototype, 'byteLength', { value: 1 << 30 }],
    [Object.getPrototypeOf(Uint8Array.prototype), 'byteOffset', { value: -1 }],
    [Uint8Array, Symbol.species, { value: null }],
  ];
  const before = polluted.map(([on, name]) => Object.getOwnPropertyDescriptor(on, name));
  const bytes = new Uint8Array([1, 2, 3]);
  let slots;
  try {
    for (let i = 0; i < polluted.length; i++) {
      const as = { __proto__: null, configurable: true, ...polluted[i][2] };
      Object.defineProperty(polluted[i][0], polluted[i][1], as);
    }
    slots = [acquire(bytes), acquire(lender.publish(3, 0))];
  } finally {
    for (let i = 0; i < polluted.length; i++) {
      if (before[i] === undefined) delete polluted[i][0][polluted[i][1]];
      else Object.defineProperty(polluted[i][0], polluted[i][1], before[i]);
    }
  }
  assert.deepEqual(slots.map(probe.bytes), [
    [1, 2, 3],
    [0, 1, 2],
  ]);
  slots.forEach(probe.release);
  Object.prototype[key] = () => 5;
  try {
    assert.equal(
      codeOf(() => acquire({})),
      'ERR_NBUF_ABI',
    );
  } finally {
    delete Object.prototype[key];
  }
};
