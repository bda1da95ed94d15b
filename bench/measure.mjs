// How every benchmark here measures and reports.
//
// The sides of a comparison take turns, round by round, so that whatever else the machine
// does hits all of them alike. A row's figures are medians over the rounds; `spread` holds
// the quartiles of the rounds' own ratios.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { median, quantile, rounded } from './statistics.mjs';

export { mean, median } from './statistics.mjs';

const options = new Set(process.argv.slice(2));
const isJson = options.has('--json');

/** Few rounds, for CI: the figures then only show that everything runs. */
export const isShort = options.has('--short');

/** `full`, or a number that takes a fraction of the time. */
export const times = (full, short) => (isShort ? short : full);

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

/** Collects garbage, and lets finalizers run, which wait for a turn of the event loop. */
export async function gc() {
  for (let turn = 0; turn < 3; turn++) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/**
 * A side of a comparison: nanoseconds of one of the `count` operations that `loop` does,
 * garbage collection included. The lesser of the wall clock, which counts the waiting for a
 * busy machine, and of the processor time of all threads, which counts V8's helpers too. The
 * Python side measures processor time: it has one thread.
 */
export function timed(loop, count) {
  return () => {
    const start = process.hrtime.bigint();
    const used = process.cpuUsage();
    loop(count);
    const { user, system } = process.cpuUsage(used);
    const wall = Number(process.hrtime.bigint() - start);
    return Math.min(wall, (user + system) * 1000) / count;
  };
}

/**
 * Runs `sides` (functions that return or promise one figure) in turns; every second round
 * backwards. The figures of each side, in the order of the rounds.
 */
export async function alternate(sides, rounds = times(51, 5)) {
  const names = Object.keys(sides);
  const figures = Object.fromEntries(names.map((name) => [name, []]));
  for (const name of names) await sides[name](); // compiles and warms up
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? names : [...names].reverse();
    for (const name of order) figures[name].push(await sides[name]());
  }
  return figures;
}

/** A row out of the rounds of both sides; see `report` for the rest of `row`. */
export function compare(row, ours, peer) {
  const ratios = ours.map((figure, round) => figure / peer[round]);
  const spread = [quantile(ratios, 0.25), quantile(ratios, 0.75)];
  report({ ...row, ours: median(ours), peer: median(peer), spread });
}

/**
 * Prints one row: {id, name, unit, ours, peer, against, target?, atLeast?, spread?, ratio?}. `against`
 * names the peer; 'limit' says that there is none and `peer` is the limit itself. The ratio
 * ours / peer shall be at most `target`, or with `atLeast` at least that; without a target
 * the row is there to be known. `ratio`, where it is not that of the two figures, is the median
 * of the rounds' own.
 */
export function report(row) {
  const { id, name, ours, peer, target = null, unit, against, atLeast, spread } = row;
  const ratio = row.ratio ?? ours / peer;
  const bound = target === null ? '' : atLeast ? '>=' : '<=';
  const reached = target === null ? null : atLeast ? ratio >= target : ratio <= target;
  const line = { id, name, ours, peer, ratio, target, bound, reached, unit, against };
  if (spread !== undefined) line.spread = spread.map((value) => rounded(value));
  for (const key of ['ours', 'peer', 'ratio']) line[key] = rounded(line[key]);
  process.stdout.write(`${isJson ? JSON.stringify(line) : tableRow(line)}\n`);
}

/** Widths; a figure is set to the right. */
const COLUMNS = [-3, -51, 9, 9, -5, 9, 9, -7];

function columns(cells) {
  return cells
    .map((cell, k) => {
      const width = COLUMNS[k] ?? 0;
      return width > 0 ? cell.padStart(width) : cell.padEnd(-width);
    })
    .join(' ')
    .trimEnd();
}

export function tableHead() {
  return columns(['', '', 'ours', 'peer', 'unit', 'ratio', 'target', '', 'peer']);
}

/** A row as people read it. */
export function tableRow(line) {
  const { id, name, ours, peer, unit, ratio, bound, target, reached, against } = line;
  const verdict = reached === null ? '' : reached ? 'reached' : 'MISSED';
  const figures = [shown(ours), shown(peer), unit, shown(ratio)];
  const aim = target === null ? '' : `${bound} ${target}`;
  return columns([id, name, ...figures, aim, verdict, against]);
}

function shown(value) {
  return value >= 1000 ? Math.round(value).toLocaleString('en-US') : String(value);
}
