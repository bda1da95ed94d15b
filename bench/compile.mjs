// Compiles the native sides of the benchmarks into .bench/ in the repository's root, as most of
// the addon is compiled: -O2 unless a benchmark says more, no profile, nothing measured at build
// time.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pythonPath } from './python.mjs';

export const root = fileURLToPath(new URL('..', import.meta.url));
const out = join(root, '.bench');
const include = ['-I', join(root, 'native/include'), '-I', join(root, 'native')];
const isMac = process.platform === 'darwin';
// An addon and a Python module find their host's functions when they are loaded.
const shared = ['-shared', '-fPIC', ...(isMac ? ['-undefined', 'dynamic_lookup'] : [])];

function newest(folder) {
  let time = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true }))
    if (entry.isFile())
      time = Math.max(
        time,
        statSync(join(entry.parentPath ?? entry.path, entry.name)).mtimeMs,
      );
  return time;
}

/** Runs the compiler unless `target` is newer than all native sources. */
function compile(compiler, target, args) {
  const sources = Math.max(
    newest(join(root, 'native')),
    newest(join(root, 'bench/native')),
  );
  if (existsSync(target) && statSync(target).mtimeMs > sources) return target;
  mkdirSync(out, { recursive: true });
  execFileSync(compiler, [...args, '-o', target], { cwd: root, stdio: 'inherit' });
  return target;
}

const cxx = process.env.CXX ?? 'c++';
const cc = process.env.CC ?? 'cc';
const source = (name) => join(root, 'bench/native', name);

/** A C++ program of bench/native/ over the headers and the core. */
export function program(name, flags = []) {
  const core = readdirSync(join(root, 'native/core'), { recursive: true })
    .filter((file) => file.endsWith('.cc'))
    .map((file) => join(root, 'native/core', file));
  const args = ['-std=c++17', '-O2', ...flags, ...include, source(`${name}.cc`), ...core];
  return compile(cxx, join(out, name), [...args, '-pthread']);
}

/** An addon of one C file of bench/native/. */
export function addon(name) {
  const headers = createRequire(import.meta.url)('node-api-headers').include_dir;
  const args = ['-O2', '-DNAPI_VERSION=8', '-I', headers, ...shared, source(`${name}.c`)];
  return compile(cc, join(out, `${name}.node`), args);
}

/** A Python module of one C file of bench/native/; needs Python's headers. */
export function pythonModule(name) {
  const ask = 'import sysconfig; print(sysconfig.get_paths()["include"])';
  const headers = execFileSync(pythonPath, ['-c', ask], { encoding: 'utf8' }).trim();
  if (!existsSync(join(headers, 'Python.h')))
    throw new Error(
      `expected Python.h in ${headers}, found none: install Python's headers ` +
        "(Debian: python3-dev) to measure against CPython's C functions",
    );
  const args = ['-O2', '-I', headers, ...shared, source(`${name}.c`)];
  return compile(cc, join(out, `${basename(name)}.so`), args);
}

/** What a compiled program prints, as JSON. */
export function run(file, ...args) {
  return JSON.parse(execFileSync(file, args.map(String), { encoding: 'utf8' }));
}
