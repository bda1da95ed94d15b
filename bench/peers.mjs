// The JavaScript peers, installed here and never by the package itself.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('peers/', import.meta.url));

/** Installs the peers of the lock file where one is missing. */
export function installPeers() {
  const { dependencies } = JSON.parse(readFileSync(`${folder}package.json`, 'utf8'));
  const isHere = (name) => existsSync(`${folder}node_modules/${name}`);
  if (Object.keys(dependencies).every(isHere)) return;
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
