// One peer of the copy benchmark in a process of its own:
//   node worker.mjs memcpy|nbuf|scijs|stdlib
// Answers one JSON object a line with one:
//   {do: 'prepare', copy: case}  {sum} of the target after one copy, or {left: why not}
//   {do: 'run', count}           {ns} of one of `count` copies
// The lesser of wall clock and processor time counts, as everywhere here (measure.mjs).
import { createHash } from 'node:crypto';
import { createInterface } from 'node:readline';
import { fillBlock } from './content.mjs';

const name = process.argv[2];
const { prepare } = await import(`./peer_${name}.mjs`);
let prepared = null;

function digest(blocks) {
  const hash = createHash('sha1');
  for (const bytes of blocks) hash.update(bytes);
  return hash.digest('hex');
}

/** Runs once, so that pages are there and the result can be compared. */
function start(copy) {
  prepared?.free?.();
  prepared = null;
  prepared = prepare(copy, fillBlock);
  if (prepared.left !== undefined) return { left: prepared.left };
  prepared.copy(1);
  return { sum: prepared.target === null ? null : digest(prepared.target) };
}

/** Measured natively where the peer does that, else around the loop. */
function run(count) {
  if (prepared.measure !== undefined) return { ns: prepared.measure(count) };
  const begin = process.hrtime.bigint();
  const used = process.cpuUsage();
  prepared.copy(count);
  const { user, system } = process.cpuUsage(used);
  const wall = Number(process.hrtime.bigint() - begin);
  return { ns: Math.min(wall, (user + system) * 1000) / count };
}

function answer(line) {
  const request = JSON.parse(line);
  try {
    return request.do === 'prepare' ? start(request.copy) : run(request.count);
  } catch (error) {
    return { error: `${name}: ${error.stack}` };
  }
}

for await (const line of createInterface({ input: process.stdin }))
  process.stdout.write(`${JSON.stringify(answer(line))}\n`);
