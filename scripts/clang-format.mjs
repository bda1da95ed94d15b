// clang-format over our C and C++: --check fails on a difference, --write mends it.
import { execFileSync, spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const tool = join(
  dirname(createRequire(import.meta.url).resolve('clang-format/package.json')),
  'index.js',
);
const tracked = execFileSync(
  'git',
  [
    'ls-files',
    '--cached',
    '--others',
    '--exclude-standard',
    '*.h',
    '*.hpp',
    '*.c',
    '*.cc',
  ],
  { cwd: root, encoding: 'utf8' },
);
const files = tracked.split('\n').filter((file) => file !== '');
const mode = process.argv.includes('--write') ? ['-i'] : ['--dry-run', '-Werror'];
const result = spawnSync(process.execPath, [tool, ...mode, ...files], {
  cwd: root,
  stdio: 'inherit',
});
process.exitCode = result.status ?? 1;
