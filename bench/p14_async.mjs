// P14: copyAsync of 128 MiB with 1 and 2 threads against copyFrom, and how long it keeps the
// JavaScript thread busy. By the wall clock: what is bought is time on this thread.
import { availableParallelism } from 'node:os';
import { acquire, copyAsync, HostArray } from 'nbuf';
import { alternate, compare, report, times } from './measure.mjs';

const SIDE = times(8192, 2048);
const ROUNDS = times(31, 3);

/** Two arrays whose pages are all there. */
function pair(shape) {
  const target = acquire(HostArray.allocate(shape, 'h'), { writable: true });
  const source = acquire(HostArray.allocate(shape, 'h'), { writable: true });
  target.fill(1);
  source.fill(2);
  return { target, source };
}

async function milliseconds(act) {
  const start = process.hrtime.bigint();
  await act();
  return Number(process.hrtime.bigint() - start) / 1e6;
}

const { target, source } = pair([SIDE, SIDE]);
const sources = { rows: source, transposed: source.transpose() };
const mib = (SIDE * SIDE * 2) / 2 ** 20;

for (const [name, from] of Object.entries(sources)) {
  let busy = [];
  const asynchronously = (threads) => () =>
    milliseconds(() => {
      const start = process.hrtime.bigint();
      const copying = copyAsync(target, from, { threads });
      busy.push(Number(process.hrtime.bigint() - start) / 1e6);
      return copying;
    });
  const figures = await alternate(
    {
      one: asynchronously(1),
      two: asynchronously(2),
      here: () => milliseconds(() => target.copyFrom(from)),
    },
    ROUNDS,
  );
  const row = { id: 'P14', unit: 'ms', against: 'copyFrom' };
  const what = `copyAsync, ${mib} MiB, ${name}`;
  compare({ ...row, name: `${what}, 1 thread` }, figures.one, figures.here);
  if (availableParallelism() > 1)
    compare({ ...row, name: `${what}, 2 threads` }, figures.two, figures.here);
  busy = busy.sort((a, b) => a - b);
  report({
    id: 'P14',
    name: `copyAsync, ${mib} MiB, ${name}: until it returns`,
    ours: busy[Math.floor(busy.length / 2)],
    peer: 1,
    unit: 'ms',
    against: 'limit',
  });
}
