// `npm run demo [file]`: builds what is missing or outdated, then runs examples/demo.
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** When a file, or anything below a folder, was last changed; 0 when it is not there. */
function changed(path) {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return 0;
  if (!found.isDirectory()) return found.mtimeMs;
  const isOurs = (name) => name !== 'build' && name !== 'node_modules';
  const inside = readdirSync(path).filter(isOurs);
  return Math.max(0, ...inside.map((name) => changed(join(path, name))));
}

/** Is `output` missing, or older than one of `inputs`? Paths from `folder`. */
export function isOutdated(folder, output, inputs) {
  const made = changed(join(folder, output));
  return made === 0 || inputs.some((input) => changed(join(folder, input)) > made);
}

function announce(name, work) {
  process.stderr.write(`demo: building ${name} …\n`);
  work();
}

function run(script, ...args) {
  execFileSync(process.execPath, [join(root, script), ...args], { stdio: 'inherit' });
}

async function buildAll() {
  const { buildAddon } = await import('./build.mjs');
  const { buildAddons } = await import('./build-addons.mjs');
  if (isOutdated(root, 'build/Release/nbuf.node', ['native', 'binding.gyp']))
    announce('nbuf', () => buildAddon(root));
  if (isOutdated(root, 'dist/entry.js', ['lib', 'tsconfig.json', 'scripts/build.mjs']))
    announce('dist', () => run('scripts/build.mjs', '--js'));
  const hasAll = ['frame', 'stats'].every((name) =>
    existsSync(join(root, `examples/${name}/build/Release/${name}.node`)),
  );
  const work = () => buildAddons('examples');
  if (hasAll) work();
  else announce('the example addons', work);
}

/** The demo is TypeScript with `using`: Node 20 runs neither. */
async function bundle() {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['examples/demo/main.ts'],
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    write: false,
    logLevel: 'error',
  });
  const file = join(root, 'build', 'demo.mjs');
  const draft = `${file}.${process.pid}`;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(draft, outputFiles[0].contents);
  renameSync(draft, file); // another demo may be starting
  return file;
}

async function start(args) {
  if (!existsSync(join(root, 'node_modules/esbuild'))) {
    process.stderr.write('demo: the packages are not installed; run: npm ci\n');
    return 1;
  }
  try {
    if (!args.includes('--no-build')) await buildAll();
  } catch (error) {
    process.stderr.write(`demo: the set-up failed: ${error.message}\n`);
    return 1;
  }
  const { main } = await import(pathToFileURL(await bundle()));
  return await main(args);
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.exitCode = await start(process.argv.slice(2));
