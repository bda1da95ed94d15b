// What the scenarios share. They are plain CommonJS, so that one file runs unchanged on
// every Node, on Bun and on Deno, each scenario in a process of its own (run.cjs).
const path = require('node:path');

const folder =
  process.env.NBUF_PROBE_BUILD || path.join(__dirname, '..', 'build', 'Release');

const key = Symbol.for('nbuf.exporter');

// PEP 3118's request flags and nbuf's.
const flags = {
  SIMPLE: 0,
  WRITABLE: 1,
  RECORDS_RO: 0x1c,
  FULL_RO: 0x11c,
  SNAPSHOT: 0x10000,
  PINNED: 0x40000,
};

// What a provider says of itself.
const READONLY = 1;
const BORROWED = 2;
const ENV_BOUND = 4;

const load = (name) => require(path.join(folder, `${name}.node`));
const turn = () => new Promise((resolve) => setTimeout(resolve, 5));
const collectNow = globalThis.Bun
  ? () => globalThis.Bun.gc(true)
  : () => globalThis.gc?.();

/**
 * Collects garbage until `done` says so; finalizers need turns of the event loop. The
 * turn before collecting is needed, too: a WeakRef that `done` looks at lives to its end.
 */
async function collectUntil(done) {
  for (let round = 0; round < 40; round++) {
    await turn();
    collectNow();
    await turn();
    if (done()) return true;
  }
  return false;
}

const codeOf = (run) => {
  try {
    run();
  } catch (error) {
    return error.code;
  }
  return 'no error';
};

const messageOf = (run) => {
  try {
    run();
  } catch (error) {
    return error.message;
  }
  return 'no error';
};

module.exports = {
  BORROWED,
  ENV_BOUND,
  READONLY,
  codeOf,
  collectNow,
  collectUntil,
  flags,
  folder,
  key,
  load,
  messageOf,
  turn,
};
