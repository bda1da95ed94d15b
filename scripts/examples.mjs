// Builds every example addon and runs every program examples/*.mjs; fails with the first that
// fails. (The demo has a command of its own.)
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildAddons } from './build-addons.mjs';

const examples = join(dirname(dirname(fileURLToPath(import.meta.url))), 'examples');

buildAddons('examples');
for (const name of readdirSync(examples).filter((file) => file.endsWith('.mjs'))) {
  console.log(`--- examples/${name}`);
  execFileSync(process.execPath, [join(examples, name)], { stdio: 'inherit' });
}
