// P7: openNpy of a 1 GiB file to its first element, against numpy.load(mmap_mode='c').
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acquire, openNpy } from 'nbuf';
import { alternate, compare, gc, report, timed, times } from './measure.mjs';
import { startPython } from './python.mjs';

const COUNT = times(200, 50);
const COLUMNS = 16_384;
const ROWS = 2 ** 30 / 8 / COLUMNS;

const folder = mkdtempSync(join(tmpdir(), 'nbuf-bench-'));
const large = join(folder, 'large.npy');
const small = join(folder, 'small.npy');

function first(file) {
  const provider = acquire(file);
  const value = provider.get(0, 0);
  if (value !== 1.5)
    throw new Error(`expected the first element to be 1.5, found ${value}`);
  return provider;
}

function openLarge(count) {
  for (let k = 0; k < count; k++) {
    const file = openNpy(large);
    first(file).release();
    file.dispose();
  }
}

/** Bytes of this process's pages in memory, of files too. */
function resident() {
  if (process.platform !== 'linux') return process.memoryUsage.rss();
  const rollup = readFileSync('/proc/self/smaps_rollup', 'utf8');
  return Number(/^Rss:\s+(\d+)/m.exec(rollup)?.[1]) * 1024;
}

async function growth() {
  const warm = openNpy(small);
  first(warm).release();
  warm.dispose();
  await gc();
  resident();
  const before = resident();
  const file = openNpy(large);
  const provider = first(file);
  const after = resident();
  provider.release();
  file.dispose();
  return Math.max(0, after - before);
}

async function measure(python) {
  await python.ask('write_npy', { path: large, rows: ROWS, columns: COLUMNS });
  await python.ask('write_npy', { path: small, rows: 2, columns: 2 });
  const grown = await growth();
  const figures = await alternate({
    ours: timed(openLarge, COUNT),
    numpy: () => python.ask('numpy_load', { path: large, count: COUNT }),
  });
  const name = 'openNpy of 1 GiB to the first element';
  const against = "numpy.load(mmap_mode='c')";
  compare(
    { id: 'P7', name, unit: 'ns', against, target: 1 },
    figures.ours,
    figures.numpy,
  );
  report({
    id: 'P7',
    name: `${name}: resident growth`,
    unit: 'KiB',
    ours: grown / 1024,
    peer: 1024,
    against: 'limit',
    target: 1,
  });
}

const python = startPython();
try {
  await measure(python);
} finally {
  python.stop();
  rmSync(folder, { recursive: true, force: true });
}
