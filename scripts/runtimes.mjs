// The other Node versions that the tests of life cycles run on. `node scripts/runtimes.mjs`
// installs them into test/runtimes/, where no script's PATH sees them.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), 'test', 'runtimes');
const { optionalDependencies } = JSON.parse(
  readFileSync(join(folder, 'package.json'), 'utf8'),
);
const names = Object.keys(optionalDependencies);
const programOf = (name) => join(folder, 'node_modules', name, 'bin', 'node');

/** npm has them for this platform. */
export const canInstall = process.platform === 'linux' && process.arch === 'x64';

/** The running Node first; then the others, installed if they are missing. */
export function findRuntimes() {
  const system = { name: `node ${process.versions.node}`, program: process.execPath };
  if (!canInstall || process.env.NBUF_TEST_RUNTIMES === 'system') return [system];
  if (!names.every((name) => existsSync(programOf(name))))
    execFileSync('npm', ['ci'], { cwd: folder, stdio: 'inherit' });
  return [system, ...names.map((name) => ({ name, program: programOf(name) }))];
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const { name, program } of findRuntimes()) console.log(`${name}: ${program}`);
