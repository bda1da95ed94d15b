// Loops over numbers make no object for each of them, once they are compiled: neither results of
// next(), nor boxes, nor `arguments`. Garbage collections count the garbage.
//
// All kinds of loops one after another in one isolate, and each in an isolate of its own. Only the
// latter on Node 26: where a program has read views of one and of two axes by the same get, it
// comes to the end of what it inlines into one loop, and a number that a call returns is boxed.
import assert from 'node:assert';
import { once } from 'node:events';
import { GCProfiler, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { acquire, HostArray } from 'nbuf';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc');

/** The first elements of an array, every `step`-th of them. */
function viewOf(format, count, step) {
  const provider = acquire(HostArray.allocate([count * step], format), {
    writable: true,
  });
  const isFloat = /[efd]$/.test(format);
  for (let k = 0; k < count * step; k++) provider.set(k, (k % 100) + (isFloat ? 0.5 : 0));
  return provider.slice([null, null, step]);
}

// Each gets a function of its own. V8 boxes the sum itself when it replaces a running function.
const LOOPS = {
  get: 'const n = view.shape[0]; for (let k = 0; k < n; k++) sum[0] += view.get(k)',
  'get of two axes': `const [n, m] = view.shape;
    for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) sum[0] += view.get(i, j)`,
  iterator: 'for (const value of view) sum[0] += value',
  'iterator of two axes': 'for (const value of view) sum[0] += value',
};

/** The fewest in one of several rounds: V8 compiles when it likes. */
function collectionsOf(loop, view) {
  let fewest = Infinity;
  for (let round = 0; round < 20 && fewest > 0; round++) {
    const profiler = new GCProfiler();
    profiler.start();
    for (let k = 0; k < 1e6 / view.size; k++) loop(view);
    fewest = Math.min(fewest, profiler.stop().statistics.length);
  }
  return fewest;
}

function checkLoop(name) {
  const body = LOOPS[name];
  for (const [format, step] of [
    ['d', 1],
    ['i', 1],
    ['>f', 3],
  ]) {
    const shaped = (view) =>
      name.endsWith('axes') ? view.reshape([-1, 4]).slice([null, null, -1]) : view;
    const loop = new Function('sum', `return (view) => { ${body}; }`)(
      new Float64Array(1),
    );
    // Many views: their first accesses must not leave anything behind that later ones pay.
    for (let k = 0; k < 300; k++) {
      const few = shaped(viewOf(format, 40, step));
      for (let round = 0; round < 20; round++) loop(few);
    }
    const view = shaped(viewOf(format, 1e5, step));
    for (let k = 0; k < 20; k++) loop(view);
    // 16 bytes each would fill V8's young generation at least once.
    const collections = collectionsOf(loop, view);
    assert.equal(collections, 0, `${name} of '${format}': ${collections} collections`);
  }
}

/** Bytes of the heap for each element, the fewest in several rounds. */
function heapOfArray(view) {
  let fewest = Infinity;
  for (let round = 0; round < 10 && fewest >= 9; round++) {
    gc();
    const before = process.memoryUsage().heapUsed;
    const array = view.toArray();
    gc();
    fewest = Math.min(fewest, (process.memoryUsage().heapUsed - before) / array.length);
  }
  return fewest;
}

function checkToArray() {
  for (const format of ['d', 'i', '>f', 'B']) {
    const view = viewOf(format, 1e5, 2);
    for (let k = 0; k < 20; k++) view.toArray();
    const each = heapOfArray(view);
    assert.ok(each < 9, `toArray of '${format}': ${each} bytes an element`);
  }
}

const isMixedToo = Number.parseInt(process.versions.node, 10) < 26;

if (isMainThread) {
  const alone = [...Object.keys(LOOPS), 'toArray'];
  for (const name of isMixedToo ? ['mixed', ...alone] : alone) {
    const [code] = await once(
      new Worker(new URL(import.meta.url), { workerData: name }),
      'exit',
    );
    assert.equal(code, 0, name);
  }
} else if (workerData === 'toArray') {
  checkToArray();
} else if (workerData === 'mixed') {
  for (const name of Object.keys(LOOPS)) checkLoop(name);
} else {
  checkLoop(workerData);
}
