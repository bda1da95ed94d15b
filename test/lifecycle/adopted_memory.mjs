// unsafeFromAddress: the owner stays reachable, free is called once, and not after a refusal.
import assert from 'node:assert/strict';
import { acquire, HostArray } from 'nbuf';
import { apart, collectAll, collectUntil, refuses } from './support/tools.mjs';

const store = acquire(HostArray.allocate([64]), { writable: true });
const { address } = store;
const owners = new FinalizationRegistry((name) => collected.add(name));
const collected = new Set();
const calls = [];

function adopted(name) {
  const owner = { name };
  owners.register(owner, name);
  return HostArray.unsafeFromAddress(address, 64, {
    owner,
    free: () => calls.push(name),
  });
}

// Kept by the array, by a provider, by an exposed buffer.
const kept = apart(() => {
  const array = adopted('array');
  const first = adopted('provider');
  const second = adopted('buffer');
  const provider = acquire(first);
  const typed = acquire(second).bytes();
  return { array, provider, typed };
});
await collectAll();
assert.equal(collected.size, 0);
assert.deepEqual(calls, []);
for (const name of ['array', 'provider', 'typed']) delete kept[name];
await collectUntil(() => collected.size === 3, 'owners');
assert.deepEqual(calls.sort(), ['array', 'buffer', 'provider']);

// A refusal leaves the memory with the caller.
const free = () => calls.push('refused');
const owner = {};
const wrong = [
  { shape: [65] },
  { shape: [8], strides: [10] },
  { shape: [2], strides: [-1] },
  { shape: [1], offset: 64 },
];
for (const options of wrong)
  refuses('ERR_NBUF_BOUNDS', () =>
    HostArray.unsafeFromAddress(address, 64, { ...options, owner, free }),
  );
for (const [from, bytes] of [
  [0n, 8],
  [-1n, 8],
  [1n << 64n, 8],
  [address, -1],
  [2n ** 63n - 4n, 8],
])
  assert.throws(
    () => HostArray.unsafeFromAddress(from, bytes, { owner, free }),
    RangeError,
  );
await collectAll();
assert.equal(calls.length, 3);

// Never resized, and readonly where it says so.
const fixed = HostArray.unsafeFromAddress(address, 64, { readonly: true });
refuses('ERR_NBUF_UNSUPPORTED', () => fixed.resize([8]));
refuses('ERR_NBUF_READONLY', () => acquire(fixed, { writable: true }));
assert.equal(acquire(fixed).readonly, true);
