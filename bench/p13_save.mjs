// P13: saveNpy of 1 GiB against numpy.save, into files that are not there yet. By the wall
// clock: we copy on one thread while the system writes on another.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acquire, HostArray, saveNpy } from 'nbuf';
import { alternate, compare, gc, report, times } from './measure.mjs';
import { startPython } from './python.mjs';

const COLUMNS = 8192;
const ROWS = times(2 ** 14, 2 ** 10);
const MIB = (ROWS * COLUMNS * 8) / 2 ** 20;
const ROUNDS = times(11, 2);

const folder = mkdtempSync(join(tmpdir(), 'nbuf-bench-'));
const ours = join(folder, 'ours.npy');
const theirs = join(folder, 'theirs.npy');

/** MiB a second. */
async function save(view) {
  const start = process.hrtime.bigint();
  await saveNpy(view, ours);
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  rmSync(ours);
  return MIB / seconds;
}

function peak() {
  return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
}

async function growth(view) {
  await gc();
  const before = process.memoryUsage.rss() / 1024;
  await save(view);
  return Math.max(0, peak() - before);
}

async function measure(python, name, view, order, target) {
  const parameters = { path: theirs, rows: ROWS, columns: COLUMNS, order };
  const figures = await alternate(
    { ours: () => save(view), numpy: () => python.ask('numpy_save', parameters) },
    ROUNDS,
  );
  compare(
    { id: 'P13', name, unit: 'MiB/s', against: 'numpy.save', target, atLeast: true },
    figures.ours,
    figures.numpy,
  );
}

const size = MIB >= 1024 ? `${MIB / 1024} GiB` : `${MIB} MiB`;
const array = HostArray.allocate([ROWS, COLUMNS], 'd');
const provider = acquire(array, { writable: true });
provider.fill(1.5); // pages that are never written are all one page
const python = startPython();
try {
  if (process.platform === 'linux') {
    const grown = await growth(provider);
    const row = { id: 'P13', name: `saveNpy of ${size}: resident growth`, unit: 'KiB' };
    report({ ...row, ours: grown, peer: 32 * 1024, against: 'limit', target: 1 });
  }
  await measure(python, `saveNpy of ${size}`, provider, 'C', 0.8);
  await measure(
    python,
    `saveNpy of ${size}, every row backwards`,
    provider.slice(':', [null, null, -1]),
    'backwards',
  );
} finally {
  python.stop();
  provider.release();
  rmSync(folder, { recursive: true, force: true });
}
