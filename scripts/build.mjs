// Builds everything that a checkout needs to run: the addon, then dist/.
//   dist/esm/*.js, *.d.ts   what tsc emits
//   dist/cjs/index.js       one bundle; the only instance, also for ESM
//   dist/cjs/<folder>.js    a bundle of lib/<folder>/, which shares that instance
//   dist/entry.js, interop.js   the ESM entries, which re-export those bundles
// `node scripts/build.mjs --js` leaves the addon alone.
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const run = (file, ...args) =>
  execFileSync(process.execPath, [file, ...args], { cwd: root, stdio: 'inherit' });

/** Node's own headers, where they were installed beside it: saves a download. */
export function nodedirArguments() {
  const prefix = dirname(dirname(process.execPath));
  const isHere = existsSync(join(prefix, 'include', 'node', 'node_api.h'));
  return isHere ? [`--nodedir=${prefix}`] : [];
}

/** node-gyp in a folder with a binding.gyp; quiet unless it fails. */
export function buildAddon(folder, ...args) {
  const gyp = require.resolve('node-gyp/bin/node-gyp.js');
  try {
    execFileSync(
      process.execPath,
      [gyp, 'rebuild', '--loglevel=error', ...nodedirArguments(), ...args],
      { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 26 },
    );
  } catch (error) {
    process.stderr.write(error.stdout ?? '');
    process.stderr.write(error.stderr ?? '');
    throw new Error(`node-gyp failed in ${folder}`, { cause: error });
  }
}

// Built beside and swapped in at the end: a failing build leaves the last one alone.
const next = join(root, 'dist-next');

/** In a folder of lib/, `../index.ts` is the nbuf of the process: never a second one. */
const sharedIndex = {
  name: 'shared-index',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^\.\.\/index\.js$/ }, () => ({
      path: './index.js',
      external: true,
    })),
};

/** dist/cjs/<name>.js of lib/<entry>.ts and all that it imports. */
async function bundle(name, entry = name) {
  await build({
    absWorkingDir: root,
    entryPoints: [`dist-next/esm/${entry}.js`],
    outfile: `dist-next/cjs/${name}.js`,
    plugins: [sharedIndex],
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    external: ['node-gyp-build'],
    keepNames: true,
    sourcemap: true,
    logLevel: 'error',
    // import.meta is empty in CommonJS; the sources ask __dirname there.
    logOverride: { 'empty-import-meta': 'silent' },
  });
}

/** dist/<name>.js, the ESM of dist/cjs/<bundle>.js. */
function writeEntry(folder, name, bundle = name) {
  const names = Object.keys(require(join(folder, 'cjs', `${bundle}.js`)));
  // Not `import nbuf from`: Node would search all of the bundle for names of exports first,
  // which takes five times as long as running it.
  const text = `import { createRequire } from 'node:module';\nexport const {\n${names
    .map((name) => `  ${name},\n`)
    .join('')}} = createRequire(import.meta.url)('./cjs/${bundle}.js');\n`;
  writeFileSync(join(folder, `${name}.js`), text);
}

function copyTypes(folder) {
  for (const file of readdirSync(join(folder, 'esm'), { recursive: true }))
    if (file.endsWith('.d.ts'))
      cpSync(join(folder, 'esm', file), join(folder, 'cjs', file));
}

async function buildJavaScript() {
  rmSync(next, { recursive: true, force: true });
  const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
  run(tsc, '-p', root, '--outDir', join(next, 'esm'));
  mkdirSync(join(next, 'cjs'), { recursive: true });
  writeFileSync(join(next, 'cjs/package.json'), '{ "type": "commonjs" }\n');
  await bundle('index');
  await bundle('include');
  await bundle('interop', 'interop/index');
  await bundle('cli', 'cli/main');
  copyTypes(next);
  writeEntry(next, 'entry', 'index');
  writeEntry(next, 'interop');
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  renameSync(next, join(root, 'dist'));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!process.argv.includes('--js')) buildAddon(root);
  await buildJavaScript();
}
