// Fuzzes the parser of format strings and the copies of layouts with libFuzzer: builds them
// with clang under sanitizers, runs each on a copy of its committed corpus, and fails on any
// finding.
//   node scripts/fuzz.mjs                 for a minute, shared by all parts
//   node scripts/fuzz.mjs --part copy     only this part
//   node scripts/fuzz.mjs --seconds 600   longer
//   node scripts/fuzz.mjs --merge         afterwards, writes the corpus anew: the smallest
//                                         files that reach everything found so far
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const native = join(root, 'test/native');

/** What is fuzzed: the target's file, its corpus, and the longest input. */
const PARTS = [
  { name: 'format', options: ['-max_len=1024', `-dict=${native}/fuzz_format.dict`] },
  { name: 'copy', options: ['-max_len=64'] },
].map((part) => ({
  ...part,
  corpus: join(native, 'fuzz_corpus', part.name),
  program: join(root, 'build-native/fuzz/test/native', `fuzz_${part.name}`),
}));
const MAX_FILES = 250;

/** Runs a command without input; gives its output, which is shown unless quiet. */
function run(command, args, { quiet = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const take = (chunk) => {
      output += chunk;
      if (!quiet) process.stdout.write(chunk);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', (error) =>
      reject(new Error(`cannot run ${command}: ${error.message}; is it installed?`)),
    );
    child.on('close', (code) => resolve({ code, output }));
  });
}

async function must(command, args) {
  const { code, output } = await run(command, args, { quiet: true });
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${output}`);
  return output;
}

async function build() {
  await must('cmake', ['--preset', 'fuzz']);
  await must('cmake', ['--build', '--preset', 'fuzz', '--parallel', '2']);
}

const limits = ['-timeout=5', '-rss_limit_mb=1024'];

/** libFuzzer's last words: how often it ran, and what it reached. */
function summaryOf(output) {
  const number = (pattern) => Number([...output.matchAll(pattern)].at(-1)?.[1] ?? 0);
  return {
    executions: number(/stat::number_of_executed_units: (\d+)/g),
    edges: number(/cov: (\d+)/g),
    features: number(/ft: (\d+)/g),
  };
}

async function fuzz({ name, corpus, program, options }, folder, seconds) {
  const found = join(folder, 'found');
  mkdirSync(found);
  const work = join(folder, 'corpus');
  cpSync(corpus, work, { recursive: true });
  const before = readdirSync(work).length;
  const { code, output } = await run(
    program,
    [
      ...limits,
      ...options,
      `-max_total_time=${seconds}`,
      `-artifact_prefix=${found}/`,
      '-print_final_stats=1',
      '-verbosity=1',
      work,
    ],
    { quiet: true },
  );
  const { executions, edges, features } = summaryOf(output);
  console.log(
    `fuzz ${name}: ${executions} executions in ${seconds} s, ${edges} edges, ${features} features, ` +
      `corpus ${before} -> ${readdirSync(work).length} files`,
  );
  const inputs = readdirSync(found);
  if (code === 0 && inputs.length === 0 && executions > 0) return work;
  console.error(output.slice(-6000));
  for (const input of inputs)
    console.error(`input: ${JSON.stringify(readFileSync(join(found, input), 'latin1'))}`);
  throw new Error(`libFuzzer ended with ${code}; ${inputs.length} inputs`);
}

/** The smallest inputs that reach everything, named by their contents. */
async function merge({ name: part, corpus, program, options }, folder, work) {
  const merged = join(folder, 'merged');
  mkdirSync(merged);
  // By edges alone: with counters too there would be a thousand.
  await must(program, [
    ...limits,
    ...options,
    '-use_counters=0',
    '-merge=1',
    merged,
    work,
  ]);
  const inputs = readdirSync(merged).map((name) => readFileSync(join(merged, name)));
  inputs.sort((a, b) => a.length - b.length);
  rmSync(corpus, { recursive: true });
  mkdirSync(corpus);
  for (const input of inputs.slice(0, MAX_FILES)) {
    const name = createHash('sha1').update(input).digest('hex').slice(0, 16);
    writeFileSync(join(corpus, name), input);
  }
  console.log(
    `fuzz ${part}: wrote ${readdirSync(corpus).length} of ${inputs.length} files`,
  );
}

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    merge: { type: 'boolean', default: false },
    part: { type: 'string' },
  },
});
const seconds = Number(values.seconds);
if (!Number.isInteger(seconds) || seconds < 1)
  throw new Error(`--seconds: expected an integer >= 1, found ${values.seconds}`);
const parts = PARTS.filter(
  ({ name }) => values.part === undefined || values.part === name,
);
if (parts.length === 0)
  throw new Error(
    `--part: expected ${PARTS.map(({ name }) => name).join(' or ')}, found ${values.part}`,
  );
const folder = mkdtempSync(join(tmpdir(), 'nbuf-fuzz-'));
try {
  await build();
  for (const part of parts) {
    const own = join(folder, part.name);
    mkdirSync(own);
    mkdirSync(part.corpus, { recursive: true });
    const work = await fuzz(part, own, Math.max(1, Math.floor(seconds / parts.length)));
    if (values.merge) await merge(part, own, work);
  }
} catch (error) {
  console.error(`fuzz: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}
