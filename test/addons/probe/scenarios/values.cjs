// Every kind of JavaScript memory.
const assert = require('node:assert/strict');
const {
  BORROWED,
  ENV_BOUND,
  READONLY,
  codeOf,
  flags,
  load,
  messageOf,
} = require('./harness.cjs');

const probe = load('probe');

/** Acquires, describes and releases. */
function look(value, request = flags.FULL_RO, ...rest) {
  const slot = probe.acquire(value, request, ...rest);
  try {
    const found = { ...probe.info(slot), bytes: probe.bytes(slot) };
    assert.equal(found.valid, 0);
    return found;
  } finally {
    probe.release(slot);
  }
}

const formats = {
  Int8Array: ['b', 1],
  Uint8Array: ['B', 1],
  Uint8ClampedArray: ['B', 1],
  Int16Array: ['h', 2],
  Uint16Array: ['H', 2],
  Int32Array: ['i', 4],
  Uint32Array: ['I', 4],
  BigInt64Array: ['q', 8],
  BigUint64Array: ['Q', 8],
  Float16Array: ['e', 2],
  Float32Array: ['f', 4],
  Float64Array: ['d', 8],
};

exports.typedArrays = () => {
  for (const [name, [format, itemsize]] of Object.entries(formats)) {
    const Type = globalThis[name];
    if (Type === undefined) continue;
    const buffer = new ArrayBuffer(64);
    new Uint8Array(buffer).forEach((_, i, bytes) => {
      bytes[i] = i;
    });
    for (const rest of [[], ['label', true]]) {
      const found = look(new Type(buffer, 8, 3), flags.FULL_RO, ...rest);
      assert.equal(found.format, format, name);
      assert.equal(found.itemsize, itemsize);
      assert.equal(found.len, 3 * itemsize);
      assert.deepEqual(found.shape, [3]);
      assert.deepEqual(found.strides, [itemsize]);
      assert.equal(found.flags, BORROWED);
      assert.deepEqual(
        found.bytes,
        Array.from({ length: 3 * itemsize }, (_, i) => i + 8),
      );
      assert.equal(found.blocks.length, 1);
      assert.equal(found.blocks[0].size, 64);
      assert.equal(found.blocks[0].base + 8n, found.buf);
      assert.equal(found.blocks[0].id, 0n);
    }
  }
};

exports.smallTypedArrayOnTheHeap = () => {
  const array = new Uint8Array([7, 8, 9]);
  const slot = probe.acquire(array, flags.FULL_RO);
  probe.poke(slot, 1, 200);
  probe.release(slot);
  assert.deepEqual([...array], [7, 200, 9]);
};

exports.bufferDataViewArrayBuffer = () => {
  const buffer = Buffer.from('abc');
  assert.deepEqual(look(buffer).bytes, [97, 98, 99]);
  assert.equal(look(buffer).format, 'B');
  assert.equal(look(buffer).blocks[0].size, buffer.buffer.byteLength);
  const plain = new Uint8Array([1, 2, 3, 4, 5]).buffer;
  assert.deepEqual(look(new DataView(plain, 1, 3)).bytes, [2, 3, 4]);
  assert.deepEqual(look(new DataView(plain)).shape, [5]);
  assert.equal(look(new DataView(plain)).format, 'B');
  assert.deepEqual(look(plain).bytes, [1, 2, 3, 4, 5]);
  assert.equal(look(plain).flags, BORROWED);
};

exports.empty = () => {
  for (const value of [
    new ArrayBuffer(0),
    new SharedArrayBuffer(0),
    new Float64Array(0),
    new DataView(new ArrayBuffer(0)),
    Buffer.alloc(0),
    new Uint16Array(new ArrayBuffer(8), 8, 0),
    new Uint16Array(new SharedArrayBuffer(8), 8, 0),
  ]) {
    const found = look(value);
    assert.equal(found.len, 0);
    assert.deepEqual(found.shape, [0]);
  }
};

exports.shared = () => {
  const shared = new SharedArrayBuffer(32);
  new Uint8Array(shared).fill(5);
  for (const value of [
    shared,
    new Uint8Array(shared),
    new DataView(shared),
    Buffer.from(shared),
  ]) {
    const found = look(value, flags.FULL_RO | flags.PINNED);
    assert.equal(found.flags, ENV_BOUND);
    assert.deepEqual(found.bytes, Array(32).fill(5));
  }
  const window = look(new Int32Array(shared, 4, 2), flags.FULL_RO | flags.WRITABLE);
  assert.equal(window.blocks[0].size, 32);
  assert.equal(window.format, 'i');
};

exports.webAssembly = () => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  new Uint8Array(memory.buffer)[3] = 9;
  assert.equal(look(memory.buffer).bytes[3], 9);
  assert.equal(look(memory.buffer).flags, BORROWED);
  const old = memory.buffer;
  memory.grow(1);
  assert.equal(
    codeOf(() => look(old)),
    'ERR_NBUF_DETACHED',
  );
  const shared = new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true });
  assert.equal(look(new Uint8Array(shared.buffer)).flags, ENV_BOUND);
};

exports.otherRealm = () => {
  if (globalThis.Bun || globalThis.Deno) return;
  const run = (code) => require('node:vm').runInNewContext(code);
  assert.deepEqual(look(run('new Uint16Array([1, 2])')).bytes, [1, 0, 2, 0]);
  assert.equal(look(run('new SharedArrayBuffer(4)')).flags, ENV_BOUND);
  assert.equal(look(run('new DataView(new ArrayBuffer(4))')).len, 4);
  assert.equal(
    codeOf(() => look(run('({})'))),
    'ERR_NBUF_NOT_EXPORTER',
  );
};

exports.borrowedMemoryIsNotPinned = () => {
  for (const value of [new Uint8Array(4), new ArrayBuffer(4), Buffer.alloc(4)]) {
    assert.equal(
      codeOf(() => look(value, flags.FULL_RO | flags.PINNED)),
      'ERR_NBUF_UNSUPPORTED',
    );
    assert.equal(look(value).len, 4);
  }
};

exports.detached = () => {
  const buffer = new ArrayBuffer(16);
  const views = [new Float32Array(buffer), new DataView(buffer), Buffer.from(buffer)];
  structuredClone(buffer, { transfer: [buffer] });
  for (const value of [buffer, ...views]) {
    assert.equal(
      codeOf(() => look(value)),
      'ERR_NBUF_DETACHED',
    );
    assert.match(
      messageOf(() => look(value)),
      /detached/,
    );
  }
};

exports.resizableAndGrowable = () => {
  const buffer = new ArrayBuffer(8, { maxByteLength: 16 });
  const shared = new SharedArrayBuffer(8, { maxByteLength: 16 });
  for (const value of [
    buffer,
    new Uint8Array(buffer),
    new Uint8Array(buffer, 0, 4),
    new DataView(buffer),
    shared,
    new Uint8Array(shared),
  ]) {
    assert.equal(
      codeOf(() => look(value)),
      'ERR_NBUF_UNSUPPORTED',
    );
    assert.match(
      messageOf(() => look(value)),
      /resizable and growable/,
    );
  }
  const shrunk = new Uint8Array(buffer, 4, 4);
  buffer.resize(2);
  assert.equal(
    codeOf(() => look(shrunk)),
    'ERR_NBUF_UNSUPPORTED',
  );
};

exports.immutable = () => {
  if (ArrayBuffer.prototype.transferToImmutable === undefined) return;
  const buffer = new Uint8Array([1, 2, 3]).buffer.transferToImmutable();
  for (const value of [buffer, new Uint8Array(buffer), new DataView(buffer)]) {
    assert.equal(look(value).flags, BORROWED | READONLY);
    assert.equal(
      codeOf(() => look(value, flags.FULL_RO | flags.WRITABLE)),
      'ERR_NBUF_READONLY',
    );
  }
};

exports.negotiation = () => {
  const simple = look(new Float64Array(4), flags.SIMPLE);
  assert.equal(simple.format, null);
  assert.equal(simple.shape, null);
  assert.equal(simple.strides, null);
  assert.equal(simple.len, 32);
  assert.equal(
    codeOf(() => look(new Uint8Array(1), 0x2)),
    'ERR_NBUF_UNSUPPORTED',
  );
  assert.equal(
    codeOf(() => look(new Uint8Array(1), 0x80000)),
    'ERR_NBUF_UNSUPPORTED',
  );
};

exports.refusals = () => {
  const refused = (value, request) => {
    try {
      probe.release(probe.acquire(value, request));
    } catch (error) {
      return error;
    }
    throw new Error('not refused');
  };
  const bytes = new Uint8Array(4);
  const pinned = refused(bytes, flags.FULL_RO | flags.PINNED);
  assert.deepEqual(pinned.unmet, ['REQUIRE_PINNED']);
  assert.equal(pinned.grantable, flags.FULL_RO);
  assert.equal(pinned.code, 'ERR_NBUF_UNSUPPORTED');
  assert.ok(Array.isArray(pinned.unmet));
  probe.release(probe.acquire(bytes, pinned.grantable));
  // Known flags first, then what is unknown; each bit by itself.
  const many = refused(bytes, 0x80000002 | flags.PINNED | 0x4);
  assert.deepEqual(many.unmet, ['FORMAT', 'ND', 'REQUIRE_PINNED', '0x2', '0x80000000']);
  probe.release(probe.acquire(bytes, many.grantable));
  const other = refused({}, flags.FULL_RO);
  assert.ok(!('unmet' in other) && !('grantable' in other));
};
