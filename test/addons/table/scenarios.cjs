// node --expose-gc scenarios.cjs <scenario>: runs one; exit code 0 when it holds.
// node scenarios.cjs: prints the names of all.
//
// The table of functions as a consumer meets it: an addon that knows nbuf's headers alone,
// with the package, without it, and after others tampered with its place.
const assert = require('node:assert/strict');
const { cpSync, mkdtempSync, rmSync, symlinkSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { Worker } = require('node:worker_threads');

const root = join(__dirname, '..', '..', '..');
const addonFile = join(__dirname, 'build', 'Release', 'table.node');
const key = Symbol.for('nbuf.api');
const table = () => require(addonFile);
const nbuf = () => require(join(root, 'dist', 'cjs', 'index.js'));
const refuses = (code, act) => assert.throws(act, { code });
const [C, F, A] = [...'CFA'].map((order) => order.charCodeAt(0));

/** What stands at the key before the package is loaded, which the addon meets alone. */
function refusedUnchangeable(value) {
  Object.defineProperty(globalThis, key, { value });
  refuses('ERR_NBUF_NOT_EXPORTER', () => table().size());
  nbuf(); // loads all the same
  assert.equal(globalThis[key], value);
  refuses('ERR_NBUF_NOT_EXPORTER', () => table().size());
}

exports.withoutThePackage = () => {
  refuses('ERR_NBUF_NOT_EXPORTER', () => table().size());
  refuses('ERR_NBUF_NOT_EXPORTER', () => table().copy(new Uint8Array(1), [], 0));
};

exports.itIsThereForGood = () => {
  nbuf();
  const { value, ...rest } = Object.getOwnPropertyDescriptor(globalThis, key);
  assert.equal(typeof value, 'object');
  assert.deepEqual(rest, { writable: false, enumerable: false, configurable: false });
  assert.equal(table().size(), 48);
  assert.throws(() => Object.defineProperty(globalThis, key, { value: 1 }), TypeError);
  assert.equal(Reflect.deleteProperty(globalThis, key), false);
  assert.equal(table().size(), 48);
};

for (const [name, value] of Object.entries({
  number: 1,
  null: null,
  object: { copy() {} },
  function() {},
  proxy: new Proxy({}, { get: () => assert.fail('looked at') }),
}))
  exports[`hostile_${name}`] = () => refusedUnchangeable(value);

exports.hostile_untaggedExternal = () => refusedUnchangeable(table().external(0));
exports.hostile_exportersExternal = () => refusedUnchangeable(table().external(1));

exports.hostile_getter = () => {
  const get = () => assert.fail('a getter ran');
  Object.defineProperty(globalThis, key, { get });
  refuses('ERR_NBUF_NOT_EXPORTER', () => table().size());
  nbuf();
  refuses('ERR_NBUF_NOT_EXPORTER', () => table().size());
};

exports.changeableValuesAreReplaced = () => {
  Object.defineProperty(globalThis, key, { get: assert.fail, configurable: true });
  nbuf();
  assert.equal(table().size(), 48);
};

exports.replacedBuiltins = () => {
  const { defineProperty } = Reflect;
  const addon = table();
  Reflect.defineProperty = () => {
    throw new Error('tampered');
  };
  nbuf(); // loads, without a table
  Reflect.defineProperty = defineProperty;
  refuses('ERR_NBUF_NOT_EXPORTER', () => addon.size());
};

exports.tooShort = () => {
  Object.defineProperty(globalThis, key, { value: table().external(2) });
  refuses('ERR_NBUF_ABI', () => table().size());
};

exports.aGrownTableServes = () => {
  const { acquire, HostArray } = nbuf();
  const child = `
    const { join } = require('node:path');
    const assert = require('node:assert/strict');
    const table = require(${JSON.stringify(addonFile)});
    Object.defineProperty(globalThis, Symbol.for('nbuf.api'), { value: table.external(3) });
    require('node:worker_threads').parentPort.postMessage(table.size());`;
  assert.ok(acquire(HostArray.allocate([1])));
  table().external(3); // fills it while a table is there
  const worker = new Worker(child, { eval: true });
  return new Promise((resolve, reject) => {
    worker.on('error', reject);
    worker.on('message', (size) => {
      assert.equal(size, 56);
      resolve();
    });
  });
};

/** A second copy of the package, of its own image, as another node_modules would have it. */
exports.theFirstCopyWins = () => {
  nbuf();
  const first = globalThis[key];
  const folder = mkdtempSync(join(tmpdir(), 'nbuf-copy-'));
  try {
    for (const name of ['package.json', 'dist', 'build'])
      cpSync(join(root, name), join(folder, name), {
        recursive: true,
        filter: (path) => !/obj\.target|\.deps/.test(path),
      });
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    const second = require(join(folder, 'dist', 'cjs', 'index.js'));
    assert.notEqual(second.acquire, nbuf().acquire);
    assert.equal(globalThis[key], first);
    const target = second.HostArray.allocate([3]);
    table().copy(target, Uint8Array.of(1, 2, 3), 0);
    assert.deepEqual(second.acquire(target).toArray(), [1, 2, 3]);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

exports.workers = async () => {
  nbuf();
  const source = `
    const assert = require('node:assert/strict');
    const table = require(${JSON.stringify(addonFile)});
    assert.throws(() => table.size(), { code: 'ERR_NBUF_NOT_EXPORTER' });
    require(${JSON.stringify(join(root, 'dist', 'cjs', 'index.js'))});
    const target = new Uint8Array(2);
    table.copy(target, Uint8Array.of(5, 6), 0);
    require('node:worker_threads').parentPort.postMessage([...target]);`;
  for (let round = 0; round < 3; round++) {
    const worker = new Worker(source, { eval: true });
    const message = await new Promise((resolve, reject) => {
      worker.on('error', reject);
      worker.on('message', resolve);
    });
    assert.deepEqual(message, [5, 6]);
  }
};

exports.functions = () => {
  const { acquire, HostArray } = nbuf();
  const { copy, pack, unpack, fill, equal } = table();
  const image = HostArray.from(
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
    'h',
  );
  const p = acquire(image, { writable: true });
  const turned = HostArray.allocate([3, 2], 'h');
  copy(turned, p.transpose(), 0);
  assert.deepEqual(acquire(turned).toArray(), [
    [1, 4],
    [2, 5],
    [3, 6],
  ]);
  copy(p, Int16Array.of(256, 512, 768), 2); // broadcast and swapped
  assert.deepEqual(p.toArray(), [
    [1, 2, 3],
    [1, 2, 3],
  ]);
  const bytes = new Uint8Array(12);
  for (const [code, order] of [
    [C, 'C'],
    [F, 'F'],
    [A, 'A'],
  ]) {
    pack(p.transpose(), bytes, code);
    assert.deepEqual(bytes, p.transpose().toBytes(order));
  }
  unpack(
    p,
    Uint8Array.from({ length: 12 }, (_, k) => k),
    C,
  );
  assert.equal(p.get(0, 1), 0x0302);
  fill(p.slice(':', 0), Uint8Array.of(9, 0));
  assert.deepEqual(p.slice(':', 0).toArray(), [9, 9]);
  assert.equal(equal(p, p, 0, 0), 1);
  assert.equal(equal(p, p.transpose(), 0, 0), 0);
  assert.equal(equal(Float64Array.of(Number.NaN), Float64Array.of(Number.NaN), 3, 0), 0);
  assert.equal(equal(Float64Array.of(Number.NaN), Float64Array.of(Number.NaN), 3, 1), 1);
  refuses('ERR_NBUF_READONLY', () => copy(p.toReadonly(), p, 0));
  refuses('ERR_NBUF_FORMAT', () => copy(p, new Uint8Array(3), 0));
  refuses('ERR_OUT_OF_RANGE', () => copy(p, new Int16Array(2), 0));
  refuses('ERR_OUT_OF_RANGE', () => copy(p, p, 3));
  refuses('ERR_OUT_OF_RANGE', () => pack(p, new Uint8Array(11), C));
  assert.equal(image.locks.memory, 1, 'every provider was released');
};

exports.pointers = () => {
  const { acquire, HostArray, IndirectArray } = nbuf();
  const { copy, pack, equal, fill } = table();
  const rows = [
    [1, 2, 3],
    [4, 5, 6],
  ].map((row) => HostArray.from(row, 'h'));
  const image = IndirectArray.fromRows(rows);
  const p = acquire(image, { writable: true });
  const bytes = new Uint8Array(12);
  for (const view of [p, p.transpose(), p.slice([null, null, -1], [1])]) {
    const packed = bytes.subarray(0, view.byteLength);
    pack(view, packed, C);
    assert.deepEqual(packed, view.toBytes());
    assert.equal(equal(view, view.toContiguous(), 0, 0), 1);
  }
  const turned = HostArray.from(
    [
      [10, 20],
      [30, 40],
      [50, 60],
    ],
    'h',
  );
  copy(p.transpose(), turned, 0);
  assert.deepEqual(acquire(rows[1]).toArray(), [20, 40, 60]);
  fill(p.slice([null, null, -1], 0), Uint8Array.of(7, 0));
  assert.deepEqual(p.toArray(), [
    [7, 30, 50],
    [7, 40, 60],
  ]);
};

const [name] = process.argv.slice(2);
if (require.main === module && name === undefined) {
  for (const each of Object.keys(exports)) console.log(each);
} else if (require.main === module) {
  Promise.resolve()
    .then(() => exports[name]())
    .catch((error) => {
      console.error(error);
      process.exit(1);
    });
}
