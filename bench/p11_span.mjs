// P11: loops over nbuf::span<double, 2> in C++ against raw pointers; native/span.cc takes turns.
import { execFileSync } from 'node:child_process';
import { program } from './compile.mjs';
import { report } from './measure.mjs';

// Aligned loops: with equal instructions chance would decide otherwise.
const span = program('span', ['-O3', '-falign-loops=64']);
const lines = execFileSync(span, { encoding: 'utf8' }).trim().split('\n');
for (const line of lines) {
  const { id, name, ours, peer, target } = JSON.parse(line);
  report({ id, name, unit: 'ns', ours, peer, target, against: 'raw pointers' });
}
