// Environments that end while others go on.
const assert = require('node:assert/strict');
const { Worker } = require('node:worker_threads');
const { flags, folder, key, load, turn } = require('./harness.cjs');

/** Runs `code` in a worker that has probe (and lender, on demand); gives its message. */
function inWorker(code, workerData) {
  const worker = new Worker(
    `const { parentPort, workerData } = require('node:worker_threads');
     const path = require('node:path');
     const key = Symbol.for('nbuf.exporter');
     const load = (name) => require(path.join(${JSON.stringify(folder)}, name + '.node'));
     const probe = load('probe');
     ${code}`,
    { eval: true, workerData },
  );
  const message = new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  return { worker, message, ended };
}

const holdEverything = `
  const lender = load('lender');
  const buffer = lender.buffer(64, 0);
  const values = [new Uint8Array(100), new SharedArrayBuffer(100), lender.publish(64, 0),
    buffer, new Uint8Array(buffer, 4)];
  parentPort.postMessage(values.map((value) => probe.acquire(value, ${flags.FULL_RO})));`;

// The lender is loaded by the worker alone: without nbuf_env_init's pin its code is gone.
exports.exporterAddonOfAWorkerOnly = async () => {
  const probe = load('probe');
  const { message, ended } = inWorker(holdEverything);
  const slots = await message;
  await ended;
  await turn();
  assert.deepEqual(probe.bytes(slots[2]).slice(0, 3), [0, 1, 2]);
  assert.deepEqual(probe.bytes(slots[4]).slice(0, 3), [4, 5, 6]);
  slots.forEach(probe.release);
  const again = inWorker(holdEverything);
  for (const slot of await again.message) probe.releaseOnThread(slot);
  await again.ended;
};

exports.terminatedWorker = async () => {
  const probe = load('probe');
  const { worker, message } = inWorker(`${holdEverything} setInterval(() => {}, 1000);`);
  const slots = await message;
  await worker.terminate();
  for (const slot of slots) probe.releaseOnThread(slot);
};

exports.releaseWhileTheWorkerEnds = async () => {
  const probe = load('probe');
  for (let i = 0; i < 30; i++) {
    const { message, ended } = inWorker(holdEverything);
    for (const slot of await message) probe.releaseOnThread(slot, i % 10);
    await ended;
  }
};

exports.workerReleasesWhatMainHeld = async () => {
  const probe = load('probe');
  const shared = new SharedArrayBuffer(16);
  const slots = [
    probe.acquire(new Uint8Array(8), flags.FULL_RO),
    probe.acquire(shared, flags.FULL_RO),
  ];
  const { message, ended } = inWorker(
    `workerData.slots.forEach(probe.release);
     const slot = probe.acquire(workerData.shared, ${flags.FULL_RO});
     probe.poke(slot, 3, 77);
     parentPort.postMessage('done');`,
    { slots, shared },
  );
  await message;
  await ended;
  assert.equal(new Uint8Array(shared)[3], 77);
  probe.release(probe.acquire(shared, flags.FULL_RO));
};

exports.manyWorkers = async () => {
  const probe = load('probe');
  for (let round = 0; round < 25; round++) {
    const workers = Array.from({ length: 4 }, () => inWorker(holdEverything));
    for (const { message, ended } of workers) {
      const slots = await message;
      if (round % 2 === 0) await ended;
      slots.forEach(probe.release);
    }
    await Promise.all(workers.map(({ ended }) => ended));
  }
};

exports.exitWhileWorkersHold = async () => {
  const workers = Array.from({ length: 4 }, () =>
    inWorker(`${holdEverything} setInterval(() => {}, 1000);`),
  );
  await Promise.all(workers.map(({ message }) => message));
  process.exit(0);
};

exports.terminatedInsideAMethod = async () => {
  load('probe');
  const { worker, message, ended } = inWorker(
    `parentPort.postMessage('looping');
     probe.acquire({ get [key]() { for (;;) {} } }, 0);
     parentPort.postMessage('went on');
     for (;;) {}`,
  );
  await message;
  worker.once('message', () => assert.fail('the worker went on after its termination'));
  setTimeout(() => worker.terminate(), 20);
  await ended;
};

exports.exitInsideAMethod = async () => {
  const { ended } = inWorker(
    `probe.acquire({ get [key]() { process.exit(7); } }, 0);
     process.exit(8);`,
  );
  assert.equal(await ended, 7);
};

// Termination must pass through: an addon that swallows it lets the script run for ever.
exports.timedOutInsideAMethod = () => {
  if (globalThis.Bun || globalThis.Deno) return;
  const probe = load('probe');
  const value = Object.defineProperty({}, key, {
    get: () => {
      for (;;);
    },
  });
  const steps = [];
  const code = `
    try { probe.acquire(value, 0); } catch { steps.push('caught'); }
    for (;;) steps.push('went on');`;
  const run = () =>
    require('node:vm').runInNewContext(code, { probe, steps, value }, { timeout: 30 });
  assert.throws(run, { code: 'ERR_SCRIPT_EXECUTION_TIMEOUT' });
  assert.deepEqual(steps, []);
  const slot = probe.acquire(new Uint8Array([6]), flags.FULL_RO);
  assert.deepEqual(probe.bytes(slot), [6]);
  probe.release(slot);
};
