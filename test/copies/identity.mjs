// Blocks keep their ids through both copies, and no two blocks have one; the table of functions is
// the first copy's; the classes of one copy are one, however it is loaded.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { copies, first, pairs, second } from './tools.mjs';

const require = createRequire(import.meta.url);
const addons = join(
  import.meta.dirname ?? new URL('.', import.meta.url).pathname,
  '../addons',
);
const probe = require(join(addons, 'probe/build/Release/probe.node'));

function block(value) {
  const slot = probe.acquire(value, 0);
  const { blocks } = probe.info(slot);
  probe.release(slot);
  return blocks[0];
}

const alive = [];
for (const [owner, peer] of pairs)
  for (let k = 0; k < 20; k++) {
    const array = owner.HostArray.allocate([64]);
    const p = peer.acquire(array, { writable: true });
    const back = owner.acquire(p.slice([8, 24]));
    const direct = block(array);
    assert.notEqual(direct.id, 0n);
    for (const value of [p, back, p.typedArray(), back.bytes(), p.buffer])
      assert.deepEqual(block(value), direct);
    alive.push({ id: direct.id, held: [array, p, back] });
  }
assert.equal(new Set(alive.map(({ id }) => id)).size, alive.length);

// The first copy's table stays.
const key = Symbol.for('nbuf.api');
const table = require(join(addons, 'table/build/Release/table.node'));
const external = globalThis[key];
assert.equal(typeof external, 'object');
for (const nbuf of [first, second]) {
  const target = nbuf.HostArray.allocate([3]);
  table.copy(target, Uint8Array.of(1, 2, 3), 0);
  assert.deepEqual(nbuf.acquire(target).toArray(), [1, 2, 3]);
}
assert.equal(globalThis[key], external);

// ESM and CommonJS of one copy are one.
for (const argument of copies) {
  const folder = argument.slice(argument.indexOf(':') + 1);
  const required = require(join(folder, 'use.cjs'));
  const imported = await import(pathToFileURL(join(folder, 'use.mjs')));
  for (const name of Object.keys(required))
    assert.equal(imported[name], required[name], name);
  const own = createRequire(join(folder, 'use.cjs'));
  const interop = await import(pathToFileURL(join(folder, 'interop.mjs')));
  const { default: _, ...names } = interop;
  for (const name of Object.keys(names))
    assert.equal(interop[name], own('nbuf/interop')[name], name);
}
