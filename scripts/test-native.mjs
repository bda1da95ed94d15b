// Configures, builds and runs the native tests under sanitizers, then prints a summary.
//   node scripts/test-native.mjs            asan and tsan
//   node scripts/test-native.mjs --all      plain as well
//   node scripts/test-native.mjs tsan       only these presets of CMakePresets.json
import { spawn } from 'node:child_process';
import { machine } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const PRESETS = ['plain', 'asan', 'tsan'];

/** Runs a command without input; shows its output, or keeps it until it fails. */
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
    child.on('close', (code) => {
      if (quiet && code !== 0) process.stdout.write(output);
      resolve({ ok: code === 0, output });
    });
  });
}

/** Some kernels place programs where ThreadSanitizer's shadow memory should be. */
async function test(preset) {
  const args = ['--preset', preset, '--parallel', '2', '--timeout', '300'];
  const first = await run('ctest', args);
  if (first.ok || !first.output.includes('unexpected memory mapping')) return first;
  console.log(`${preset}: once more without address space layout randomization`);
  return run('setarch', [machine(), '-R', 'ctest', ...args]);
}

/** One line of the summary; the preset's first failing step decides. */
async function check(preset) {
  const start = Date.now();
  const seconds = () => `${((Date.now() - start) / 1000).toFixed(0)} s`;
  console.log(`== ${preset}`);
  const configured = await run('cmake', ['--preset', preset], { quiet: true });
  if (!configured.ok) return { ok: false, line: `${preset}: FAILED to configure` };
  const built = await run('cmake', ['--build', '--preset', preset, '--parallel', '2'], {
    quiet: true,
  });
  if (!built.ok) return { ok: false, line: `${preset}: FAILED to build` };
  const { ok, output } = await test(preset);
  const counts = /(\d+) tests? failed out of (\d+)/.exec(output);
  if (counts === null) return { ok: false, line: `${preset}: FAILED, no test was run` };
  const [, failed, all] = counts;
  const verdict = ok ? `${all} tests ok` : `FAILED, ${failed} of ${all} tests`;
  return { ok, line: `${preset}: ${verdict}, ${seconds()}` };
}

function presetsOf(args) {
  const unknown = args.filter((name) => name !== '--all' && !PRESETS.includes(name));
  if (unknown.length > 0)
    throw new Error(
      `expected --all or ${PRESETS.join(', ')}, found ${unknown.join(' ')}`,
    );
  if (args.includes('--all')) return PRESETS;
  return args.length > 0 ? args : ['asan', 'tsan'];
}

try {
  const results = [];
  for (const preset of presetsOf(process.argv.slice(2)))
    results.push(await check(preset));
  console.log(`\n${results.map(({ line }) => line).join('\n')}`);
  process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;
} catch (error) {
  console.error(`test-native: ${error.message}`);
  process.exitCode = 2;
}
