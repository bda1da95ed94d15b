// Views on ArrayBuffers that an exporter stands behind.
const assert = require('node:assert/strict');
const {
  READONLY,
  codeOf,
  collectNow,
  collectUntil,
  flags,
  key,
  load,
  messageOf,
  turn,
} = require('./harness.cjs');

const probe = load('probe');
const lender = load('lender');

exports.reachTheBlock = () => {
  const buffer = lender.buffer(64, 0);
  const whole = probe.acquire(buffer, flags.FULL_RO);
  const block = probe.info(whole).blocks[0];
  assert.equal(block.size, 64);
  assert.notEqual(block.id, 0n);
  for (const [view, format, itemsize] of [
    [new Uint16Array(buffer, 4, 6), 'H', 2],
    [new Float64Array(buffer, 8, 1), 'd', 8],
    [new DataView(buffer, 5, 3), 'B', 1],
    [Buffer.from(buffer, 1, 9), 'B', 1],
    [new Uint8Array(buffer), 'B', 1],
  ]) {
    const slot = probe.acquire(view, flags.FULL_RO | flags.PINNED | flags.WRITABLE);
    const found = probe.info(slot);
    assert.equal(found.valid, 0);
    assert.equal(found.flags, 0, 'neither borrowed nor bound');
    assert.deepEqual(found.blocks, [block]);
    assert.equal(found.buf, block.base + BigInt(view.byteOffset));
    assert.equal(found.len, view.byteLength);
    assert.equal(found.format, format);
    assert.deepEqual(found.shape, [view.byteLength / itemsize]);
    assert.equal(probe.bytes(slot)[0], view.byteOffset);
    probe.release(slot);
  }
  probe.release(whole);
};

exports.holdTheMemoryLock = () => {
  const buffer = lender.buffer(16, 0);
  assert.equal(lender.locks(buffer), '1 0', "the buffer's own");
  const slot = probe.acquire(new Uint8Array(buffer, 4), flags.FULL_RO, 'encoder');
  assert.equal(lender.locks(buffer), '2 0', 'the memory lock, not the layout lock');
  lender.reshape(buffer, 8);
  probe.release(slot);
  assert.equal(lender.locks(buffer), '1 0');
};

exports.readonly = () => {
  const buffer = lender.buffer(16, READONLY);
  const view = new Uint8Array(buffer, 4);
  const slot = probe.acquire(view, flags.FULL_RO);
  assert.equal(probe.info(slot).flags, READONLY);
  probe.release(slot);
  assert.equal(
    codeOf(() => probe.acquire(view, flags.WRITABLE)),
    'ERR_NBUF_READONLY',
  );
};

exports.negotiate = () => {
  const view = new Uint16Array(lender.buffer(16, 0), 4);
  const slot = probe.acquire(view, flags.SIMPLE);
  assert.equal(probe.info(slot).shape, null);
  assert.equal(probe.info(slot).format, null);
  probe.release(slot);
  assert.equal(
    codeOf(() => probe.acquire(view, 0x2)),
    'ERR_NBUF_UNSUPPORTED',
  );
  assert.equal(lender.locks(view.buffer), '1 0', 'a refusal locks nothing');
};

exports.emptyWindows = () => {
  const buffer = lender.buffer(16, 0);
  for (const view of [new Uint8Array(buffer, 16), new Uint16Array(buffer, 4, 0)]) {
    const slot = probe.acquire(view, flags.FULL_RO);
    assert.equal(probe.info(slot).len, 0);
    assert.equal(probe.info(slot).valid, 0);
    probe.release(slot);
  }
};

exports.outliveTheBuffer = async () => {
  let buffer = lender.buffer(32, 0);
  const slot = probe.acquire(new Uint8Array(buffer, 8), flags.FULL_RO);
  buffer = undefined;
  for (let i = 0; i < 10; i++) {
    collectNow();
    await turn();
  }
  assert.equal(lender.live(), 1);
  assert.equal(probe.bytes(slot)[0], 8);
  probe.releaseOnThread(slot);
  assert.equal(await collectUntil(() => lender.live() === 0), true);
};

exports.ofTheWrongExporter = () => {
  const small = lender.buffer(8, 0);
  const plain = new ArrayBuffer(1 << 20);
  plain[key] = small[key];
  assert.equal(
    codeOf(() => probe.acquire(new Uint8Array(plain), flags.FULL_RO)),
    'ERR_NBUF_ABI',
  );
  assert.match(
    messageOf(() => probe.acquire(new Uint8Array(plain, 0, 4), flags.FULL_RO)),
    /does not hold the buffer's memory/,
  );
  const larger = lender.buffer(64, 0);
  Object.defineProperty(larger, key, { value: small[key] });
  assert.equal(
    codeOf(() => probe.acquire(new Uint8Array(larger), flags.FULL_RO)),
    'ERR_NBUF_ABI',
  );
  assert.equal(lender.locks(small), '1 0', 'a refusal locks nothing');
};

exports.detached = () => {
  const buffer = lender.buffer(16, 0);
  const views = [new Uint8Array(buffer, 4), new DataView(buffer)];
  lender.detach(buffer);
  for (const value of [buffer, ...views])
    assert.equal(
      codeOf(() => probe.acquire(value, flags.FULL_RO)),
      'ERR_NBUF_DETACHED',
    );
};

exports.transferred = () => {
  if (ArrayBuffer.prototype.transfer === undefined) return;
  const buffer = lender.buffer(16, 0);
  const moved = buffer.transfer();
  assert.equal(
    codeOf(() => probe.acquire(buffer, flags.FULL_RO)),
    'ERR_NBUF_DETACHED',
  );
  const slot = probe.acquire(moved, flags.FULL_RO);
  assert.equal(probe.info(slot).flags, 2, 'the new buffer carries no exporter: borrowed');
  probe.release(slot);
};

exports.hostileBufferMethods = () => {
  const view = (method) => {
    const buffer = new ArrayBuffer(8);
    Object.defineProperty(buffer, key, method);
    return new Uint8Array(buffer);
  };
  const boom = () => {
    throw new Error('boom');
  };
  const cases = [
    [{ get: boom }, 'ERR_NBUF_NOT_EXPORTER'],
    [{ value: boom }, 'ERR_NBUF_NOT_EXPORTER'],
    [{ value: () => undefined }, 'ERR_NBUF_ABI'],
    [{ value: () => [1, 2] }, 'ERR_NBUF_ABI'],
    [{ value: () => lender.external(0) }, 'ERR_NBUF_ABI'],
    [{ value: () => lender.liar(0)[key]() }, 'ERR_NBUF_ABI'],
    [{ value: 5 }, 'ERR_NBUF_ABI'],
    [{ value: null }, 'no error'],
  ];
  for (const [method, code] of cases)
    assert.equal(
      codeOf(() => probe.acquire(view(method), flags.FULL_RO)),
      code,
    );
};

exports.detachedByTheirOwnMethod = () => {
  for (const over of [(buffer) => buffer, (buffer) => new Uint8Array(buffer, 8)]) {
    const buffer = new ArrayBuffer(1 << 16);
    Object.defineProperty(buffer, key, {
      get: () => {
        structuredClone(buffer, { transfer: [buffer] });
        return undefined;
      },
    });
    assert.equal(
      codeOf(() => probe.acquire(over(buffer), flags.FULL_RO)),
      'ERR_NBUF_DETACHED',
    );
  }
};
