// A random walk over the lives of arrays, providers, views, buffers and moved buffers, against
// what a block's bytes have to be. NBUF_SEED repeats one.
import assert from 'node:assert/strict';
import { acquire, HostArray } from 'nbuf';
import { adopt, collectAll, collectUntil, hasTransfer, turn } from './support/tools.mjs';

const seed = Number(process.env.NBUF_SEED ?? Date.now() % 2 ** 31);
let state = seed || 1;
function below(count) {
  state = (state * 48271) % 0x7fffffff;
  return state % count;
}
const pick = (list) => list[below(list.length)];
const remove = (list, item) => list.splice(list.indexOf(item), 1);

// A block: `value` is what all of its bytes are. `providers` were not released; some may have
// been `dropped` for the collector to find. `seen` are typed arrays, `moved` transferred buffers.
const arrays = [];
const blocks = [];
const adopted = [];

function newBlock(array, size) {
  const block = { array, size, value: below(256), providers: [], seen: [], moved: [] };
  Object.assign(block, { wasDropped: false, wasMoved: false });
  blocks.push(block);
  const p = acquire(array, { writable: true });
  p.fill(block.value);
  p.release();
  return block;
}

function checkBytes(bytes, { value, size }, what) {
  assert.equal(bytes.length, size, what);
  for (const at of [0, size - 1, below(size)]) assert.equal(bytes[at], value, what);
}

function checkProvider(block, p) {
  checkBytes(p.toBytes(), block, 'copied bytes');
  assert.equal(p.get(below(block.size)), block.value);
  assert.equal(p.slice([null, null, -1]).get(0), block.value);
}

function checkSeen(block, { typed, mayBeStale }) {
  if (typed.length > 0) checkBytes(typed, block, 'exposed bytes');
  else assert.ok(mayBeStale || block.wasMoved, 'detached too early');
}

/** After a release: the last one detaches, unless a dropped provider may still be there. */
function afterRelease(block) {
  if (block.providers.length > 0) return;
  for (const entry of block.seen) {
    if (!block.wasDropped) assert.equal(entry.typed.length, 0, 'still attached');
    entry.mayBeStale = true;
  }
  if (!block.wasDropped) block.seen.length = 0;
}

function check(block) {
  for (const p of block.providers) checkProvider(block, p);
  for (const entry of block.seen) checkSeen(block, entry);
  for (const buffer of block.moved)
    checkBytes(new Uint8Array(buffer), block, 'moved bytes');
}

/** Runs an operation that a transfer before it may refuse. */
function unlessMoved(block, operation) {
  try {
    return operation();
  } catch (error) {
    if (!block.wasMoved || error.code !== 'ERR_NBUF_DETACHED') throw error;
    return null;
  }
}

const operations = {
  create() {
    const size = 1 + below(20000);
    const isAdopted = below(2) === 0;
    const made = isAdopted ? adopt(size) : { array: HostArray.allocate([size]) };
    if (isAdopted) adopted.push(made.isFreed);
    arrays.push({ array: made.array, isAdopted, block: newBlock(made.array, size) });
  },
  acquire() {
    const { array, block } = pick(arrays);
    block.providers.push(acquire(array, { writable: true, label: `at ${state}` }));
  },
  child(block, p) {
    const q = unlessMoved(block, () =>
      below(2) === 0
        ? acquire(p.slice('...'), { writable: true })
        : acquire(p.bytes(), { writable: true }),
    );
    if (q !== null) block.providers.push(q);
  },
  read: checkProvider,
  write(block, p) {
    block.value = below(256);
    p.fill(block.value);
  },
  expose(block, p) {
    const typed = unlessMoved(block, () => p.bytes());
    if (typed !== null && below(3) > 0) block.seen.push({ typed, mayBeStale: false });
  },
  transfer(block, p) {
    if (!hasTransfer || below(4) > 0) return;
    const buffer = unlessMoved(block, () => p.buffer.transfer());
    if (buffer === null) return;
    block.wasMoved = true;
    if (below(3) > 0) block.moved.push(buffer);
  },
  release(block, p) {
    p.release();
    remove(block.providers, p);
    afterRelease(block);
  },
  unsafeRelease(block, p) {
    p.unsafeRelease();
    remove(block.providers, p);
    afterRelease(block);
  },
  drop(block, p) {
    remove(block.providers, p);
    block.wasDropped = true;
  },
  async lend(block, p) {
    if (block.wasMoved) return;
    const isReleased = below(2) === 0;
    await p.lend(async (bytes) => {
      if (isReleased) p.release();
      await turn();
      checkBytes(bytes, block, 'lent bytes');
    });
    if (isReleased) remove(block.providers, p);
    afterRelease(block);
  },
  forget(block) {
    if (block.seen.length > 0) remove(block.seen, pick(block.seen));
    if (block.moved.length > 0) remove(block.moved, pick(block.moved));
  },
  resize() {
    const entry = pick(arrays);
    if (entry.isAdopted || entry.array.locks.memory > 0) return;
    const size = 1 + below(20000);
    entry.array.resize([size]);
    entry.block = newBlock(entry.array, size);
  },
  dispose() {
    if (arrays.length < 4) return;
    const entry = pick(arrays);
    remove(arrays, entry);
    if (below(2) === 0) entry.array.dispose();
  },
  async collect() {
    if (below(4) > 0) return;
    globalThis.gc();
    if (below(2) === 0) await turn();
  },
};
const names = Object.keys(operations);
const weights = names.concat([
  'acquire',
  'acquire',
  'acquire',
  'child',
  'expose',
  'release',
]);

async function step() {
  const name = pick(weights);
  const block = pick(blocks);
  const needsProvider = operations[name].length > 1;
  if (needsProvider && block.providers.length === 0) return;
  await operations[name](block, pick(block.providers));
  check(pick(blocks));
  const isOver = ({ providers, seen, moved }) =>
    providers.length + seen.length + moved.length === 0;
  const over = blocks.findIndex((each) => isOver(each) && below(8) === 0);
  if (over >= 0 && blocks.length > 8) blocks.splice(over, 1);
}

async function walk() {
  operations.create();
  for (let k = 0; k < 2500; k++) await step();
  for (const block of blocks) check(block);
}

try {
  await walk();
  arrays.length = 0;
  blocks.length = 0;
  await collectAll();
  await collectUntil(() => adopted.every((isFreed) => isFreed()), 'adopted memory');
} catch (error) {
  console.error(`NBUF_SEED=${seed}`);
  throw error;
}
