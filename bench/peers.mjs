// The JavaScript peers, installed here and never by the package itself.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('peers/', import.meta.url));

/** Installs the peers of the lock file, once. */
export function installPeers() {
  if (existsSync(`${folder}node_modules/ndarray`)) return;
  process.stderr.write('bench: installing the JavaScript peers into bench/peers/\n');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  execFileSync(npm, ['ci', '--ignore-scripts', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
}

/** One of the peers by its package name. */
export function peer(name) {
  installPeers();
  return createRequire(`${folder}package.json`)(name);
}
