// Builds the addon through cmake-js, as addon authors without node-gyp would, and loads it.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const out = join(root, 'build-native', 'cmake-js');

execFileSync(
  process.execPath,
  [
    require.resolve('cmake-js/bin/cmake-js'),
    'rebuild',
    '--out',
    out,
    '--log-level',
    'error',
  ],
  { cwd: root, stdio: 'inherit' },
);
const { canWrap } = require(join(out, 'Release', 'nbuf.node'));
if (typeof canWrap !== 'function') throw new Error('the addon lacks its functions');
console.log('cmake-js: built and loaded');
