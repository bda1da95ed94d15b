// P1: acquire + release of a HostArray from JavaScript, nothing exposed.
import { acquire, HostArray } from 'nbuf';
import { alternate, compare, timed, times } from './measure.mjs';
import { startPython } from './python.mjs';

const COUNT = times(200_000, 50_000);
const array = HostArray.allocate([480, 640]);
const writable = { writable: true };

function acquirePlain(count) {
  for (let k = 0; k < count; k++) acquire(array).release();
}

function acquireWritable(count) {
  for (let k = 0; k < count; k++) acquire(array, writable).release();
}

const python = startPython();
const figures = await alternate({
  plain: timed(acquirePlain, COUNT),
  memoryview: () => python.ask('memoryview_release', { count: COUNT }),
  writable: timed(acquireWritable, COUNT),
});
python.stop();

const row = {
  id: 'P1',
  unit: 'ns',
  against: 'CPython memoryview(b).release()',
  target: 1,
};
compare({ ...row, name: 'acquire(array).release()' }, figures.plain, figures.memoryview);
compare(
  { ...row, name: 'acquire(array, { writable: true }).release()' },
  figures.writable,
  figures.memoryview,
);
