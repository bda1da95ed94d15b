// Builds the addon with AddressSanitizer and UndefinedBehaviorSanitizer and runs the tests that
// touch memory with it. Arguments are passed to vitest instead of the default files.
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const build = join(root, 'build-native', 'asan-addon');
const flags =
  '-g -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined';

function buildAddon() {
  const run = (...args) => execFileSync('cmake', args, { cwd: root, stdio: 'inherit' });
  const headers = require('node-api-headers').include_dir;
  run('-S', root, '-B', build, `-DCMAKE_JS_INC=${headers}`, `-DCMAKE_CXX_FLAGS=${flags}`);
  run('--build', build, '-j2', '--target', 'nbuf');
  const release = join(build, 'build', 'Release'); // where node-gyp-build looks
  mkdirSync(release, { recursive: true });
  copyFileSync(join(build, 'nbuf.node'), join(release, 'nbuf.node'));
}

function library(name) {
  return execFileSync('g++', [`-print-file-name=${name}`], { encoding: 'utf8' }).trim();
}

buildAddon();
const files = process.argv.slice(2);
const result = spawnSync(
  process.execPath,
  [
    join(dirname(require.resolve('vitest/package.json')), 'vitest.mjs'),
    'run',
    ...(files.length > 0 ? files : ['test/lifecycle', 'test/view_', 'test/acquire']),
    ...(files.length > 0 ? [] : ['test/host_array', 'test/foreign', 'test/hostile']),
    ...(files.length > 0 ? [] : ['test/indirect', 'test/copy_async', 'test/api_table']),
  ],
  {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      NBUF_PREBUILD: build,
      NBUF_TEST_RUNTIMES: 'system',
      NBUF_TEST_WORKERS: '100', // each takes ten times as long here
      LD_PRELOAD: `${library('libasan.so')} ${library('libubsan.so')}`,
      // Node itself keeps memory at exit; leaks of ours are counted by the tests.
      ASAN_OPTIONS: 'detect_leaks=0:abort_on_error=1:allocator_may_return_null=1',
      UBSAN_OPTIONS: 'print_stacktrace=1',
    },
  },
);
process.exitCode = result.status ?? 1;
