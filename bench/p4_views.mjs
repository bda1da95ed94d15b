// P4: windows over a 2-D view against NumPy's. A view of a view costs the same.
import { acquire, HostArray } from 'nbuf';
import { alternate, compare, timed, times } from './measure.mjs';
import { startPython } from './python.mjs';

const COUNT = times(100_000, 20_000);
const view = acquire(HostArray.allocate([480, 640], 'd'));
let kept = null; // else the compiler may see that nobody uses the view

function slice(count) {
  for (let k = 0; k < count; k++) kept = view.slice([10, 470], [20, 620]);
}
function stridedSlice(count) {
  for (let k = 0; k < count; k++) kept = view.slice([10, 470, 2], [null, null, -1]);
}
function row(count) {
  for (let k = 0; k < count; k++) kept = view.slice(100);
}
function transpose(count) {
  for (let k = 0; k < count; k++) kept = view.transpose();
}

const cases = [
  { name: 'slice([10, 470], [20, 620])', loop: slice, peer: 'numpy_slice' },
  {
    name: 'slice([10, 470, 2], [null, null, -1])',
    loop: stridedSlice,
    peer: 'numpy_strided_slice',
  },
  { name: 'transpose()', loop: transpose, peer: 'numpy_transpose' },
  { name: 'slice(100), one row', loop: row, peer: 'numpy_row', target: null },
];

const python = startPython();
for (const { name, loop, peer, target = 1 } of cases) {
  const figures = await alternate({
    ours: timed(loop, COUNT),
    numpy: () => python.ask(peer, { count: COUNT }),
  });
  const line = { id: 'P4', name, unit: 'ns', against: 'NumPy', target };
  compare(line, figures.ours, figures.numpy);
}
python.stop();
if (kept === null) throw new Error('no view was made');
