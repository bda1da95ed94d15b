// Builds the example and test addons, those that are missing or older than their sources.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildAddon } from './build.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The folders below `parent` that have a binding.gyp. */
function addonsIn(parent) {
  const folder = join(root, parent);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((addon) => existsSync(join(addon, 'binding.gyp')));
}

/** The newest change below a folder, builds and installed packages aside. */
function newest(folder) {
  let time = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'build' || entry.name === 'node_modules') continue;
    const path = join(folder, entry.name);
    time = Math.max(time, entry.isDirectory() ? newest(path) : statSync(path).mtimeMs);
  }
  return time;
}

function built(folder) {
  const release = join(folder, 'build', 'Release');
  if (!existsSync(release)) return 0;
  const times = readdirSync(release)
    .filter((file) => file.endsWith('.node'))
    .map((file) => statSync(join(release, file)).mtimeMs);
  return times.length === 0 ? 0 : Math.min(...times);
}

export function buildAddons(...parents) {
  const headers = newest(join(root, 'native', 'include'));
  for (const folder of parents.flatMap(addonsIn))
    if (built(folder) < Math.max(headers, newest(folder))) buildAddon(folder);
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  buildAddons('examples', 'test/addons');
