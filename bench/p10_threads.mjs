// P10: two threads that acquire and release one exporter, all pairs together, against one.
import { availableParallelism } from 'node:os';
import { program, run } from './compile.mjs';
import { alternate, compare, times } from './measure.mjs';

if (availableParallelism() < 2)
  throw new Error('P10 needs two processors, found one: two threads would take turns');

const COUNT = times(500_000, 100_000);
const acquire = program('acquire', ['-O3']);

for (const [kind, name] of [
  ['host', 'HostArray'],
  ['pointer', 'nbuf_export_pointer'],
]) {
  const figures = await alternate(
    {
      two: () => run(acquire, 'threads', kind, 2, COUNT),
      one: () => run(acquire, 'threads', kind, 1, COUNT),
    },
    times(25, 5),
  );
  compare(
    {
      id: 'P10',
      name: `two threads on one exporter, ${name}`,
      unit: 'M/s',
      against: 'one thread',
      target: 0.5,
      atLeast: true,
    },
    figures.two,
    figures.one,
  );
}
