// P8: what 10^7 acquire/release pairs leave behind, and what a live provider takes.
import { readFileSync } from 'node:fs';
import { acquire, HostArray } from 'nbuf';
import { program, run } from './compile.mjs';
import { gc, report, times } from './measure.mjs';

const CYCLES = times(10_000_000, 1_000_000);
const LIVE = times(1_000_000, 200_000);
const array = HostArray.allocate([480, 640]);

/** Anonymous memory, so that code pages read from disk meanwhile do not count. */
function resident() {
  if (process.platform !== 'linux') return process.memoryUsage.rss();
  const rollup = readFileSync('/proc/self/smaps_rollup', 'utf8');
  return Number(/^Anonymous:\s+(\d+)/m.exec(rollup)?.[1]) * 1024;
}

function cycles(count) {
  for (let k = 0; k < count; k++) acquire(array).release();
}

async function settled() {
  for (let turn = 0; turn < 3; turn++) await gc();
  return resident();
}

async function drift() {
  cycles(CYCLES / 5); // V8's young generation and the allocator reach their sizes
  const before = await settled();
  cycles(CYCLES);
  return (await settled()) - before;
}

/** V8's young generation grows with what survives; it shall not do so while we count. */
function growYoungGeneration() {
  let kept = null;
  for (let k = 0; k < LIVE; k++) kept = { kept, words: [k, k] };
  return kept;
}

async function perLive() {
  growYoungGeneration();
  const all = new Array(LIVE).fill(null);
  const before = await settled();
  for (let k = 0; k < LIVE; k++) all[k] = acquire(array);
  const after = await settled();
  for (const provider of all) provider.release();
  return (after - before) / LIVE;
}

const native = program('acquire', ['-O3']);
const row = { id: 'P8', against: 'limit', target: 1 };
const drifted = { ...row, unit: 'KiB', peer: 1024 };
const each = { ...row, unit: 'B' };
const pairs = `drift after ${CYCLES.toExponential(0)} pairs`;
const live = `of ${LIVE.toExponential(0)} live providers, each`;

const javascript = await drift();
report({
  ...drifted,
  name: `JavaScript: ${pairs}`,
  ours: Math.max(0, javascript) / 1024,
});
report({ ...each, name: `JavaScript: ${live}`, ours: await perLive(), peer: 700 });
for (const [kind, name] of [
  ['host', 'C, HostArray'],
  ['pointer', 'C, nbuf_export_pointer'],
]) {
  const left = Math.max(0, run(native, 'cycles', kind, CYCLES));
  report({ ...drifted, name: `${name}: ${pairs}`, ours: left / 1024 });
  const size = run(native, 'live', kind, LIVE);
  report({ ...each, name: `${name}: ${live}`, ours: size, peer: 400 });
}
