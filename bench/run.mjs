// npm run bench -- [P1 P6 copy …] [--json] [--short]
//   P1 P6 …   only these targets of the performance page
//   copy, P5  the copy benchmark; a whole one rewrites bench/results/
//   --json    one object a line: {id, name, ours, peer, ratio, target, …}
//   --short   few rounds: does everything still run?
//
// Each target runs in a process of its own, so that no benchmark sees the types, the heap or
// the compiled code of another. Missing a target is not a failure; not being measured is.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { tableHead, tableRow } from './measure.mjs';

const folder = fileURLToPath(new URL('.', import.meta.url));
const args = process.argv.slice(2);
const isJson = args.includes('--json');
const wanted = args.filter((arg) => !arg.startsWith('--')).map((id) => id.toLowerCase());

const number = (file) => Number(/^p(\d+)_/.exec(file)[1]);
const targets = readdirSync(folder)
  .filter((file) => /^p\d+_\w+\.mjs$/.test(file))
  .sort((a, b) => number(a) - number(b));
/** The names by which a file can be asked for. */
const namesOf = (file) => (file === 'copy.mjs' ? ['copy', 'p5'] : [file.split('_')[0]]);
const all = [...targets, 'copy.mjs'];
const files = all.filter(
  (file) => wanted.length === 0 || namesOf(file).some((name) => wanted.includes(name)),
);
const unknownNames = wanted.filter(
  (name) => !all.some((file) => namesOf(file).includes(name)),
);

function refuse(message) {
  process.stderr.write(`bench: ${message}\n`);
  process.exit(1);
}

const known = ['--json', '--short'];
const unknown = args.find((arg) => arg.startsWith('--') && !known.includes(arg));
if (unknown !== undefined) refuse(`expected ${known.join(' or ')}, found ${unknown}`);
if (unknownNames.length > 0) {
  const ids = targets.map((file) => file.split('_')[0].toUpperCase()).join(' ');
  refuse(`expected some of ${ids} and copy, found ${unknownNames.join(' ')}`);
}

function print(line) {
  process.stdout.write(`${isJson ? line : tableRow(JSON.parse(line))}\n`);
}

/** Resolves to the exit code. */
function measure(file) {
  const options = ['--json', ...args.filter((arg) => arg === '--short')];
  const child = spawn(process.execPath, [`${folder}${file}`, ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  createInterface({ input: child.stdout }).on('line', print);
  return new Promise((resolve) => child.on('close', resolve));
}

if (!isJson) process.stdout.write(`${tableHead()}\n`);
const failed = [];
for (const file of files) if ((await measure(file)) !== 0) failed.push(file);
if (failed.length > 0) refuse(`could not measure ${failed.join(', ')}; see above`);
