// Reading one number field of every record of an array, against a DataView read at an offset
// that was computed by hand (issue "Formats").
import { acquire, HostArray } from 'nbuf';
import { alternate, compare, timed, times } from './measure.mjs';

const RECORDS = 1 << 16;
const REPEATS = times(16, 2);

/** The field's name and offset in the record, and how a DataView reads it. */
const FORMATS = {
  // Every record starts at a multiple of 8: nbuf reads through a Float64Array.
  aligned: { format: 'T{i:id:d:x:d:y:}', size: 24, offset: 8 },
  // Nothing is aligned: nbuf reads through a DataView too.
  packed: { format: 'T{<B:tag:d:x:H:flags:}', size: 11, offset: 1 },
};

function fill({ format }) {
  const array = HostArray.allocate([RECORDS], format);
  const provider = acquire(array, { writable: true });
  const field = provider.field('x');
  for (let i = 0; i < RECORDS; i++) field.set(i, i % 1000);
  return { provider, field };
}

// Each side has a loop of its own, so that none sees another's types.
function sumAligned(field) {
  let sum = 0;
  for (let i = 0; i < RECORDS; i++) sum += field.get(i);
  return sum;
}
function sumPacked(field) {
  let sum = 0;
  for (let i = 0; i < RECORDS; i++) sum += field.get(i);
  return sum;
}
function sumViewAligned(view) {
  let sum = 0;
  for (let i = 0; i < RECORDS; i++) sum += view.getFloat64(i * 24 + 8, true);
  return sum;
}
function sumViewPacked(view) {
  let sum = 0;
  for (let i = 0; i < RECORDS; i++) sum += view.getFloat64(i * 11 + 1, true);
  return sum;
}
function sumObjects(provider) {
  let sum = 0;
  for (let i = 0; i < RECORDS; i++) sum += provider.get(i).x;
  return sum;
}

const perRecord = (loop, source) =>
  timed(() => {
    for (let k = 0; k < REPEATS; k++) loop(source);
  }, REPEATS * RECORDS);

const aligned = fill(FORMATS.aligned);
const packed = fill(FORMATS.packed);
const views = [aligned, packed].map(({ provider }) => new DataView(provider.buffer));
const expected = sumAligned(aligned.field);
for (const sum of [
  sumPacked(packed.field),
  sumViewAligned(views[0]),
  sumViewPacked(views[1]),
  sumObjects(aligned.provider),
])
  if (sum !== expected) throw new Error(`expected the sum ${expected}, found ${sum}`);

const figures = await alternate({
  aligned: perRecord(sumAligned, aligned.field),
  alignedView: perRecord(sumViewAligned, views[0]),
  packed: perRecord(sumPacked, packed.field),
  packedView: perRecord(sumViewPacked, views[1]),
  objects: perRecord(sumObjects, aligned.provider),
});

const row = { id: 'P12', unit: 'ns', against: 'DataView, offset by hand' };
const name = 'field of records';
compare(
  { ...row, name: `${name}, aligned`, target: 2 },
  figures.aligned,
  figures.alignedView,
);
compare(
  { ...row, name: `${name}, packed`, target: 2 },
  figures.packed,
  figures.packedView,
);
compare(
  { ...row, name: 'get(i).x: whole records' },
  figures.objects,
  figures.alignedView,
);
