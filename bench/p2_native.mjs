// P2: acquire + release from C through the ops table, against CPython's C functions.
import { program, pythonModule, run } from './compile.mjs';
import { alternate, compare, times } from './measure.mjs';
import { startPython } from './python.mjs';

const COUNT = times(2_000_000, 200_000);
const acquire = program('acquire', ['-O3']);
const module = pythonModule('getbuffer');
const python = startPython();
const getBuffer = (exporter) => () =>
  python.ask('get_buffer', { module, exporter, count: COUNT });

const figures = await alternate(
  {
    host: () => run(acquire, 'once', 'host', COUNT),
    bytearray: getBuffer('bytearray'),
    pointer: () => run(acquire, 'once', 'pointer', COUNT),
    numpy: getBuffer('numpy'),
  },
  times(15, 3),
);
python.stop();

for (const [ours, name] of [
  ['host', 'HostArray'],
  ['pointer', 'nbuf_export_pointer'],
]) {
  const row = { id: 'P2', name: `C acquire + release, ${name}`, unit: 'ns' };
  compare(
    { ...row, against: 'PyObject_GetBuffer, bytearray', target: 2.5 },
    figures[ours],
    figures.bytearray,
  );
  compare(
    { ...row, against: 'PyObject_GetBuffer, NumPy array', target: 0.5 },
    figures[ours],
    figures.numpy,
  );
}
