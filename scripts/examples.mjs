// Builds every example and runs each one's run.mjs; fails with the first that fails.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildAddons } from './build-addons.mjs';

const examples = join(dirname(dirname(fileURLToPath(import.meta.url))), 'examples');

buildAddons('examples');
for (const name of readdirSync(examples)) {
  const program = join(examples, name, 'run.mjs');
  if (!existsSync(program)) continue;
  console.log(`--- examples/${name}`);
  execFileSync(process.execPath, [program], { stdio: 'inherit' });
}
