// What the life-cycle scripts share. They run unmodified on every Node, so: no test framework.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  constants,
  mkdtempSync,
  openSync,
  read,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { acquire, HostArray } from 'nbuf';

export const major = Number(process.versions.node.split('.')[0]);
export const hasTransfer = typeof ArrayBuffer.prototype.transfer === 'function';

/** Does this runtime exit with an abort when a marked external buffer is alive? */
const [, minor] = process.versions.node.split('.').map(Number);
export const abortsOnMarkedExit = major > 24 || (major === 24 && minor >= 15);

export function refuses(code, act) {
  assert.throws(act, (error) => {
    assert.equal(error.code, code, `${error}`);
    return true;
  });
}

/** Finalizers run in later turns of the event loop; nbuf then waits for its next call. */
const idle = HostArray.allocate([0]);
idle.dispose();
export async function turn() {
  await sleep(1);
  idle.dispose();
  await Promise.resolve();
}

/** Collects garbage a few times: enough for whatever is unreachable. */
export async function collectAll() {
  for (let round = 0; round < 6; round++) {
    globalThis.gc();
    await turn();
  }
}

/** Collects garbage until the condition holds. */
export async function collectUntil(isDone, what) {
  for (let round = 0; round < 500; round++) {
    globalThis.gc();
    await turn();
    if (isDone()) return;
  }
  assert.fail(`${what}: not within 500 collections`);
}

const stores = [];

/**
 * An array over adopted memory, of which one can see when nbuf frees it. The bytes really stay
 * until the process ends, so that a write after that is found in them instead of crashing.
 */
export function adopt(size, options = {}) {
  const bytes = acquire(HostArray.allocate([size]));
  stores.push(bytes);
  const state = { freed: 0 };
  const free = () => {
    state.freed++;
  };
  const array = HostArray.unsafeFromAddress(bytes.address, size, { free, ...options });
  return {
    array,
    bytes,
    isFreed: () => {
      assert.ok(state.freed <= 1, 'freed twice');
      return state.freed === 1;
    },
  };
}

/** Runs `use` in a frame of its own, so that nothing it made stays on the stack. */
export function apart(use) {
  return (() => use())();
}

/** A FIFO that is open for reading and writing, so that neither end blocks the opening. */
export function openFifo() {
  const folder = mkdtempSync(join(tmpdir(), 'nbuf-fifo-'));
  const path = join(folder, 'fifo');
  execFileSync('mkfifo', [path]);
  const fd = openSync(path, 'r+');
  const end = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  rmSync(folder, { recursive: true });
  process.on('exit', (code) => code !== 0 && unblock(end));
  return fd;
}

/** A failed program would wait for its blocked threads for ever. */
function unblock(fifo) {
  const ways = [
    () => readSync(fifo, Buffer.alloc(1 << 17)),
    () => writeSync(fifo, Buffer.alloc(4096)),
  ];
  for (const way of ways) {
    try {
      way();
    } catch {
      // nobody was blocked in that direction
    }
  }
}

/**
 * Keeps all threads of libuv's pool busy, so that whatever is queued after it stays in flight
 * until the returned function is called.
 */
export async function occupyPool() {
  const fd = openFifo();
  const threads = Number(process.env.UV_THREADPOOL_SIZE ?? 4);
  const ended = [];
  for (let k = 0; k < threads; k++)
    ended.push(new Promise((done) => read(fd, Buffer.alloc(1), 0, 1, null, done)));
  await sleep(20);
  return async () => {
    writeSync(fd, 'x'.repeat(threads));
    await Promise.all(ended);
  };
}

/** A promise's outcome, either way. */
export function settle(promise) {
  return promise.then(
    (value) => ({ value, error: null }),
    (error) => ({ value: null, error }),
  );
}
