// The copy benchmark: every pattern with nbuf and its peers. Run by run.mjs, which takes its
// rows of P5; or alone:
//   node bench/copy.mjs [--short] [--group=image,size] [--json]
// A whole run writes bench/results/copy.json, copy.md and copy.svg; a short one, or one of
// some groups, the same files into .bench/ in the repository's root.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { allCases } from './copy/cases.mjs';
import { copyChart } from './copy/figure.mjs';
import { measureCopy } from './copy/measure_copy.mjs';
import { copyTable } from './copy/table.mjs';
import { targetRows } from './copy/targets.mjs';
import { startWorkers } from './copy/workers.mjs';
import { isShort, report } from './measure.mjs';
import { installPeers } from './peers.mjs';

const ROUNDS = isShort ? 3 : 11;
const ROUNDS_LARGE = 7;
const LARGE = 4 * 2 ** 20;
const LEAST_NS = isShort ? 1e6 : 4e6;
const PROGRESS = 'bench: copies';

const asked = process.argv
  .find((arg) => arg.startsWith('--group='))
  ?.slice(8)
  .split(',');

async function measureAll(workers, cases) {
  const results = [];
  for (const copy of cases) {
    const rounds = isShort || copy.bytes <= LARGE ? ROUNDS : ROUNDS_LARGE;
    results.push(await measureCopy(workers, copy, { rounds, least: LEAST_NS }));
    if (process.stderr.isTTY)
      process.stderr.write(`\r${PROGRESS} ${results.length} of ${cases.length} `);
  }
  return results;
}

/** The machine, the versions and the day; what makes figures comparable. */
async function describe(workers) {
  const [{ model }] = cpus();
  const { python, numpy } = await workers.about('numpy');
  return {
    cpu: `${model.trim()}, ${cpus().length} processors`,
    system: `${process.platform} ${process.arch}`,
    node: process.versions.node,
    python,
    numpy,
    date: new Date().toISOString().slice(0, 10),
  };
}

function write(folder, about, results) {
  const { cpu, system, node, python, numpy, date } = about;
  const says = `${cpu}; ${system}; Node ${node}, CPython ${python}, NumPy ${numpy}; ${date}`;
  mkdirSync(folder, { recursive: true });
  const lines = results.map((result) => JSON.stringify(result)).join(',\n');
  const head = JSON.stringify(about).slice(0, -1);
  writeFileSync(`${folder}copy.json`, `${head},"results":[\n${lines}\n]}\n`);
  writeFileSync(`${folder}copy.md`, copyTable(results, says));
  writeFileSync(`${folder}copy.svg`, copyChart(results, says));
  return folder;
}

installPeers();
const cases = allCases(isShort).filter(
  ({ group }) => asked === undefined || asked.includes(group),
);
const isWhole = !isShort && asked === undefined;
const folder = fileURLToPath(
  new URL(isWhole ? 'results/' : '../.bench/', import.meta.url),
);
const workers = startWorkers();
const start = Date.now();
try {
  const results = await measureAll(workers, cases);
  write(folder, await describe(workers), results);
  const seconds = Math.round((Date.now() - start) / 1000);
  process.stderr.write(`\r${PROGRESS}: ${cases.length} in ${seconds} s\n`);
  if (!isShort) for (const row of targetRows(results)) report(row);
} finally {
  workers.stop();
}
