// P6: a 33 MB frame from native memory to a typed array, against Node-API's copying function.
import { createRequire } from 'node:module';
import { acquire, HostArray } from 'nbuf';
import { addon } from './compile.mjs';
import { alternate, compare, mean, median, report, timed, times } from './measure.mjs';

const SHAPE = [2160, 3840, 4];
const BYTES = 2160 * 3840 * 4;
const { copyFrame } = createRequire(import.meta.url)(addon('copy_addon'));

function filled(shape) {
  const array = HostArray.allocate(shape);
  const provider = acquire(array, { writable: true });
  provider.fill(1); // real pages, as the copy has them
  provider.release();
  return array;
}

function check(bytes) {
  if (bytes.length !== BYTES || bytes[BYTES - 1] !== 1)
    throw new Error(`expected ${BYTES} bytes of 1, found ${bytes.length}`);
}

/** Microseconds from the call to the typed array. Releasing comes after: the frame is used. */
function expose(array) {
  const start = process.hrtime.bigint();
  const provider = acquire(array);
  const bytes = provider.typedArray();
  const took = Number(process.hrtime.bigint() - start) / 1000;
  check(bytes);
  provider.release();
  return took;
}

function copy() {
  const start = process.hrtime.bigint();
  const bytes = copyFrame(BYTES);
  const took = Number(process.hrtime.bigint() - start) / 1000;
  check(bytes);
  return took;
}

const frame = filled(SHAPE);

/** Frames come one a turn of the event loop; the turn itself is not counted. */
const inTurns = (measure, count, summary) => async () => {
  const took = [];
  for (let k = 0; k < count; k++) {
    await new Promise((resolve) => setImmediate(resolve));
    took.push(measure());
  }
  return summary(took);
};
const exposeFrame = () => expose(frame);
await inTurns(exposeFrame, 2000, median)(); // compiles
const first = await alternate(
  { ours: inTurns(exposeFrame, 100, median), copy: inTurns(copy, 4, median) },
  times(15, 3),
);
// The same with all collections: in ours of small objects, there also of frames.
const stream = await alternate(
  { ours: inTurns(exposeFrame, 1000, mean), copy: inTurns(copy, 20, mean) },
  times(5, 1),
);

const held = acquire(frame);
const buffer = held.buffer;
let kept = null;
const again = await alternate({
  ours: timed(
    (count) => {
      for (let k = 0; k < count; k++) {
        const provider = acquire(frame);
        kept = provider.typedArray();
        provider.release();
      }
    },
    times(20_000, 5_000),
  ),
});
if (kept.buffer !== buffer)
  throw new Error('expected one ArrayBuffer for both providers');
held.release();

const row = { id: 'P6', unit: 'µs', against: 'napi_create_buffer_copy' };
const name = '33 MB frame to a typed array';
report({
  ...row,
  name,
  ours: median(first.ours),
  peer: 4,
  against: 'limit',
  target: 1,
});
compare({ ...row, name, target: 0.001 }, first.ours, first.copy);
compare({ ...row, name: `${name}, mean` }, stream.ours, stream.copy);
report({
  ...row,
  name: 'the same and release while another provider lives',
  unit: 'ns',
  ours: median(again.ours),
  peer: 300,
  against: 'limit',
  target: 1,
});
