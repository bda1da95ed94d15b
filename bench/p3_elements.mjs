// P3: checked element access in loops over a 2-D array of f64, and the same sum through runs().
import { acquire, HostArray } from 'nbuf';
import { alternate, compare, timed, times } from './measure.mjs';
import { peer } from './peers.mjs';

const ROWS = 512;
const COLUMNS = 512;
const REPEATS = times(8, 2);
const ELEMENTS = ROWS * COLUMNS;

const provider = acquire(HostArray.allocate([ROWS, COLUMNS], 'd'), { writable: true });
const raw = new Float64Array(ELEMENTS);
for (let k = 0; k < ELEMENTS; k++) {
  raw[k] = k % 1000;
  provider.set(Math.floor(k / COLUMNS), k % COLUMNS, k % 1000);
}
const scijs = peer('ndarray')(raw.slice(), [ROWS, COLUMNS]);
const stdlib = peer('@stdlib/ndarray-ctor')(
  'float64',
  raw.slice(),
  [ROWS, COLUMNS],
  [COLUMNS, 1],
  0,
  'row-major',
);

// Each side has a loop of its own, so that none sees another's types.
function getOurs(view) {
  let sum = 0;
  for (let i = 0; i < ROWS; i++) for (let j = 0; j < COLUMNS; j++) sum += view.get(i, j);
  return sum;
}
function getScijs(array) {
  let sum = 0;
  for (let i = 0; i < ROWS; i++) for (let j = 0; j < COLUMNS; j++) sum += array.get(i, j);
  return sum;
}
function getStdlib(array) {
  let sum = 0;
  for (let i = 0; i < ROWS; i++) for (let j = 0; j < COLUMNS; j++) sum += array.get(i, j);
  return sum;
}
function setOurs(view) {
  for (let i = 0; i < ROWS; i++) for (let j = 0; j < COLUMNS; j++) view.set(i, j, i + j);
}
function setScijs(array) {
  for (let i = 0; i < ROWS; i++) for (let j = 0; j < COLUMNS; j++) array.set(i, j, i + j);
}
function setStdlib(array) {
  for (let i = 0; i < ROWS; i++) for (let j = 0; j < COLUMNS; j++) array.set(i, j, i + j);
}
function sumRuns(view) {
  let sum = 0;
  for (const run of view.runs()) for (let k = 0; k < run.length; k++) sum += run[k];
  return sum;
}
function sumIterator(view) {
  let sum = 0;
  for (const value of view) sum += value;
  return sum;
}
const toArray = (view) => view.toArray().length;
const fromRaw = (data) => Array.from({ length: ROWS }, (_, i) => copyRow(data, i)).length;
function copyRow(data, i) {
  const row = new Array(COLUMNS);
  for (let j = 0; j < COLUMNS; j++) row[j] = data[i * COLUMNS + j];
  return row;
}
function sumRaw(data) {
  let sum = 0;
  for (let k = 0; k < data.length; k++) sum += data[k];
  return sum;
}

const expected = sumRaw(raw);
for (const sum of [getOurs(provider), getScijs(scijs), getStdlib(stdlib)])
  if (sum !== expected) throw new Error(`expected the sum ${expected}, found ${sum}`);
if (sumRuns(provider) !== expected) throw new Error('runs() gave another sum than get()');

const perElement = (loop, array) =>
  timed(() => {
    for (let k = 0; k < REPEATS; k++) loop(array);
  }, REPEATS * ELEMENTS);

const figures = await alternate({
  getOurs: perElement(getOurs, provider),
  getScijs: perElement(getScijs, scijs),
  getStdlib: perElement(getStdlib, stdlib),
  setOurs: perElement(setOurs, provider),
  setScijs: perElement(setScijs, scijs),
  setStdlib: perElement(setStdlib, stdlib),
});
// A packed array is one run, a padded one has a run for each row.
const padded = acquire(HostArray.allocate([ROWS, COLUMNS + 16], 'd'), { writable: true });
const rows = padded.slice(':', [0, COLUMNS]);
const sums = await alternate({
  packed: perElement(sumRuns, provider),
  rows: perElement(sumRuns, rows),
  raw: perElement(sumRaw, raw),
});

const loops = await alternate({
  iterator: perElement(sumIterator, provider),
  typed: perElement(sumIterator, raw),
  toArray: perElement(toArray, provider),
  arrays: perElement(fromRaw, raw),
});
// What a typed array costs shows where each has few elements: nothing else is left to cut.
const short = {};
for (const length of [3, 16, 100]) {
  const count = Math.floor(ELEMENTS / length);
  const wide = acquire(HostArray.allocate([count, length + 1], 'd'), { writable: true });
  const pieces = wide.slice(':', [0, length]);
  const each = (loop, array) =>
    timed(
      () => {
        for (let k = 0; k < REPEATS; k++) loop(array);
      },
      REPEATS * count * length,
    );
  const sumPieces = new Function(`return ${sumRuns}`)();
  short[length] = await alternate({
    runs: each(sumPieces, pieces),
    raw: each(sumRaw, raw.subarray(0, count * length)),
  });
}

const scijsRow = {
  id: 'P3',
  unit: 'ns',
  against: 'scijs ndarray (unchecked)',
  target: 3,
};
const stdlibRow = { id: 'P3', unit: 'ns', against: '@stdlib/ndarray', target: 0.5 };
const rawRow = { id: 'P3', unit: 'ns', against: 'raw Float64Array', target: 1.2 };
compare({ ...scijsRow, name: 'get(i, j)' }, figures.getOurs, figures.getScijs);
compare({ ...stdlibRow, name: 'get(i, j)' }, figures.getOurs, figures.getStdlib);
compare({ ...scijsRow, name: 'set(i, j, value)' }, figures.setOurs, figures.setScijs);
compare({ ...stdlibRow, name: 'set(i, j, value)' }, figures.setOurs, figures.setStdlib);
compare({ ...rawRow, name: 'sum through runs(), packed' }, sums.packed, sums.raw);
compare({ ...rawRow, name: 'sum through runs(), 512 padded rows' }, sums.rows, sums.raw);
const typedRow = { id: 'P3', unit: 'ns', against: 'for-of a Float64Array' };
compare({ ...typedRow, name: 'for-of a view' }, loops.iterator, loops.typed);
const arraysRow = { id: 'P3', unit: 'ns', against: 'a loop over a Float64Array' };
compare({ ...arraysRow, name: 'toArray()' }, loops.toArray, loops.arrays);
for (const [length, { runs, raw: plain }] of Object.entries(short))
  compare({ ...rawRow, name: `sum through runs() of ${length} elements` }, runs, plain);
