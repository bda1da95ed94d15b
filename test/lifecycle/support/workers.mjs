// Workers for the life-cycle scripts.
import assert from 'node:assert/strict';
import { Worker } from 'node:worker_threads';

/** Starts the module as a worker. `messages` collects what it posts. */
export function start(url, workerData, options = {}) {
  const worker = new Worker(new URL(url), { workerData, ...options });
  const messages = [];
  const errors = [];
  worker.on('error', (error) => errors.push(error));
  const firstMessage = new Promise((done) => {
    worker.on('message', (message) => {
      messages.push(message);
      done(message);
    });
  });
  const exited = new Promise((done) => {
    worker.on('exit', (code) => done({ code, messages, errors }));
  });
  return { worker, exited, firstMessage };
}

/** Runs the module as a worker until its end, which has to be a good one. */
export async function run(url, workerData, options) {
  const { code, messages, errors } = await start(url, workerData, options).exited;
  assert.deepEqual(errors, []);
  assert.equal(code, 0);
  return messages;
}

/** Calls `make` for 0 … count - 1, `width` at a time. */
export async function inBatches(count, width, make) {
  let next = 0;
  const lane = async () => {
    while (next < count) await make(next++);
  };
  await Promise.all(Array.from({ length: width }, lane));
}

/** Resident bytes, after the collector had its turn. */
export function residentBytes() {
  globalThis.gc();
  return process.memoryUsage().rss;
}
