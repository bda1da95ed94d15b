// Values that lie, throw or loop. Nothing may crash, and no exception may stay behind.
const assert = require('node:assert/strict');
const { codeOf, collectNow, flags, key, load, messageOf } = require('./harness.cjs');

const probe = load('probe');
const lender = load('lender');

const acquire = (value) => probe.acquire(value, flags.FULL_RO);
const throwing = (thrown) => ({
  [key]() {
    throw thrown;
  },
});
const returning = (result) => ({ [key]: () => result });

/** The addon still works, and nothing is pending. */
function stillWorks() {
  const slot = acquire(new Uint8Array([4, 2]));
  assert.deepEqual(probe.bytes(slot), [4, 2]);
  probe.release(slot);
}

function expectCodes(values, code) {
  for (const value of values) {
    assert.equal(
      codeOf(() => acquire(value)),
      code,
    );
    stillWorks();
  }
}

exports.notExporters = () => {
  const primitives = [undefined, null, 1, 'text', 1n, Symbol('s'), true, NaN];
  expectCodes(
    [...primitives, {}, [], () => {}, new Map(), new Date(), /x/, new WeakMap()],
    'ERR_NBUF_NOT_EXPORTER',
  );
  expectCodes(
    [Object.create(null), new Proxy({}, {}), Promise.resolve(), lender.external(0)],
    'ERR_NBUF_NOT_EXPORTER',
  );
  assert.match(
    messageOf(() => acquire(null)),
    /found null/,
  );
  assert.match(
    messageOf(() => acquire(7)),
    /found a primitive/,
  );
};

exports.throwing = () => {
  const sly = {
    get message() {
      throw new Error('again');
    },
  };
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  expectCodes(
    [
      ...[
        new Error('boom'),
        'text',
        null,
        undefined,
        5,
        Symbol('s'),
        sly,
        revoked.proxy,
      ].map(throwing),
      throwing({ message: { toString: () => assert.fail('not called') } }),
      throwing(new Error('é'.repeat(100_000))),
      {
        get [key]() {
          throw new Error('getter');
        },
      },
      new Proxy(
        {},
        {
          get() {
            throw new Error('trap');
          },
        },
      ),
      revoked.proxy,
    ],
    'ERR_NBUF_NOT_EXPORTER',
  );
  assert.match(
    messageOf(() => acquire(throwing(new Error('boom')))),
    /boom/,
  );
  assert.match(
    messageOf(() => acquire(throwing('plain'))),
    /plain/,
  );
  assert.match(
    messageOf(() => acquire(throwing(null))),
    /without a message/,
  );
};

exports.wrongResults = () => {
  const forged = [new Uint8Array(8), 0, 1 << 30, 66, 0, undefined];
  const results = [undefined, null, 0, 9, 'text', true, 1n, Symbol('s'), {}, [], forged];
  results.push(
    () => {},
    new Proxy([], {}),
    new Proxy({}, {}),
    new Uint8Array(8),
    lender.publish(1, 0),
  );
  results.push(...[0, 1, 2, 3].map(lender.external));
  expectCodes(results.map(returning), 'ERR_NBUF_ABI');
  expectCodes(
    [{ [key]: 5 }, { [key]: {} }, { [key]: 'text' }, { [key]: Symbol('s') }],
    'ERR_NBUF_ABI',
  );
  expectCodes([{ [key]: null }, { [key]: undefined }], 'ERR_NBUF_NOT_EXPORTER');
};

exports.lyingExporters = () => {
  const codes = ['ABI', 'ABI', 'READONLY', 'ABI', 'ABI', 'ABI'];
  codes.forEach((code, kind) => {
    const value = kind === 5 ? returning(lender.external(3)) : lender.liar(kind);
    assert.equal(
      codeOf(() => acquire(value)),
      `ERR_NBUF_${code}`,
    );
    assert.ok(messageOf(() => acquire(value)).length > 0);
    stillWorks();
  });
  assert.equal(
    codeOf(() => acquire(lender.liar(5))),
    'ERR_NBUF_ABI',
    'ops without acquire',
  );
};

exports.reentrant = () => {
  const inner = lender.publish(5, 0);
  const value = {
    get [key]() {
      for (let i = 0; i < 50; i++) probe.release(acquire(new Uint8Array(3)));
      collectNow();
      return inner[key];
    },
  };
  const slot = acquire(value);
  assert.deepEqual(probe.bytes(slot), [0, 1, 2, 3, 4]);
  probe.release(slot);
};

exports.pendingException = () => {
  for (const value of [
    new Uint8Array(2),
    lender.publish(2, 0),
    throwing(new Error('second')),
    5,
  ]) {
    const [...statuses] = probe.withPending(value);
    const exception = statuses.pop();
    assert.deepEqual(statuses, [15, 15, 15]);
    assert.equal(exception.code, 'FIRST');
  }
  stillWorks();
};

exports.exhaustedStack = () => {
  const value = lender.publish(2, 0);
  const bytes = new Uint8Array(4);
  let refused = 0;
  const dive = () => {
    try {
      dive();
    } catch {
      for (const each of [value, bytes]) {
        try {
          probe.release(acquire(each));
        } catch {
          refused++;
        }
      }
    }
  };
  dive();
  stillWorks();
  assert.ok(refused >= 0);
  const endless = {
    get [key]() {
      return acquire(endless);
    },
  };
  assert.equal(
    codeOf(() => acquire(endless)),
    'ERR_NBUF_NOT_EXPORTER',
  );
  stillWorks();
};

exports.nodesOwnExternals = async () => {
  if (globalThis.Bun || globalThis.Deno) return;
  const server = require('node:net').createServer().listen(0);
  await new Promise((resolve) => server.once('listening', resolve));
  const socket = require('node:net').connect(server.address().port);
  await new Promise((resolve) => socket.once('connect', resolve));
  expectCodes([returning(socket._handle._externalStream)], 'ERR_NBUF_ABI');
  socket.destroy();
  server.close();
};
