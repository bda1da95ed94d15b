// Builds every example addon, runs every program examples/*.mjs, and checks the exporters of
// examples/check; then installs the packages that nbuf/interop meets (into examples/interop,
// never into the root) and runs the programs and the tests there. Fails with the first that
// fails. (The demo has a command of its own.)
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildAddons } from './build-addons.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const interop = join(root, 'examples', 'interop');
const require = createRequire(import.meta.url);

function run(file, args, options = {}) {
  console.log(`--- ${[relative(root, file), ...args].join(' ')}`);
  execFileSync(process.execPath, [file, ...args], { stdio: 'inherit', ...options });
}

function runPrograms(folder) {
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.mjs')))
    run(join(folder, name), []);
}

function isSameFile(a, b) {
  return existsSync(b) && readFileSync(a, 'utf8') === readFileSync(b, 'utf8');
}

/** Installs what package-lock.json names, if that is missing or another than last time. */
function installNeighbours() {
  const modules = join(interop, 'node_modules');
  const lock = join(interop, 'package-lock.json');
  const installed = join(modules, '.nbuf-installed.json');
  if (!isSameFile(lock, installed)) {
    console.log('--- npm ci in examples/interop');
    // onnxruntime-node brings what runs on the CPU; its script would download the rest.
    const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' };
    execFileSync('npm', ['ci'], {
      cwd: interop,
      env,
      stdio: 'inherit',
      shell: process.platform === 'win32', // npm is a script there
    });
    copyFileSync(lock, installed);
  }
  const link = join(modules, 'nbuf');
  if (!existsSync(link)) symlinkSync(root, link, 'junction');
}

buildAddons('examples');
runPrograms(join(root, 'examples'));
const checked = ['frame', 'image', 'corner'].map(
  (name) => `examples/check/exporters.mjs:${name}`,
);
run(join(root, 'dist', 'cjs', 'cli.js'), ['check', ...checked], { cwd: root });
installNeighbours();
runPrograms(interop);
const packageOf = (name) => dirname(require.resolve(`${name}/package.json`));
run(join(packageOf('typescript'), 'bin', 'tsc'), ['-p', interop]);
run(join(packageOf('vitest'), 'vitest.mjs'), ['run', '--root', interop]);
