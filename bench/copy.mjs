// The copy benchmark: every pattern with nbuf and its peers. Run by run.mjs, which takes its
// rows of P5; or alone:
//   node bench/copy.mjs [--short] [--group=image,size] [--json]
// A whole run writes bench/results/copy.json, copy.md and copy.svg; a short one, or one of
// some groups, the same files into .bench/ in the repository's root.
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { allCases } from './copy/cases.mjs';
import { measureCopy } from './copy/measure_copy.mjs';
import { installPeers } from './peers.mjs';
import { startWorkers } from './copy/workers.mjs';
import { isShort } from './measure.mjs';

const ROUNDS = isShort ? 3 : 11;
const ROUNDS_LARGE = 7;
const LARGE = 4 * 2 ** 20;
const LEAST_NS = isShort ? 5e5 : 4e6;
const PROGRESS = 'bench: copies';

const asked = process.argv.find((arg) => arg.startsWith('--group='))?.slice(8).split(',');

async function measureAll(cases) {
  const workers = startWorkers();
  const results = [];
  const start = Date.now();
  try {
    for (const copy of cases) {
      const rounds = isShort || copy.bytes <= LARGE ? ROUNDS : ROUNDS_LARGE;
      results.push(await measureCopy(workers, copy, { rounds, least: LEAST_NS }));
      if (process.stderr.isTTY)
        process.stderr.write(`\r${PROGRESS} ${results.length} of ${cases.length} `);
    }
  } finally {
    workers.stop();
  }
  const seconds = Math.round((Date.now() - start) / 1000);
  process.stderr.write(`${PROGRESS}: ${results.length} in ${seconds} s\n`);
  return results;
}

installPeers();
const cases = allCases(isShort).filter(
  ({ group }) => asked === undefined || asked.includes(group),
);
const results = await measureAll(cases);
const isWhole = !isShort && asked === undefined;
const folder = fileURLToPath(new URL(isWhole ? 'results/' : '../.bench/', import.meta.url));
mkdirSync(folder, { recursive: true });
writeFileSync(`${folder}copy.json`, JSON.stringify({ results }, null, 1));
for (const r of results) console.log(r.name.padEnd(50), ...Object.entries(r.peers).map(([p,x])=>p+' '+(x.GBps??'-')));
