/** The guides as what they are: projects in folders of their own, built as users build them. */

import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isAbsolute, join } from 'node:path';
import { buildAddon } from '../scripts/build.mjs';
import { root } from './compiler.ts';
import { type Block, blocksOf } from './markdown.ts';
import { installPacked } from './packed.ts';

export const languages: readonly string[] = ['c', 'cpp'];

/** The file that a block's first line names; JSON has no comments, and is package.json. */
export function fileOf({ page, line, tag, code }: Block): string {
  if (tag === 'json') return 'package.json';
  const name = /^(?:\/\/|\/\*|#) ([\w.]+)(?: \*\/)?\n/.exec(code)?.[1];
  if (name === undefined) throw new Error(`${page}:${line}: expected a file's name`);
  return name;
}

/** All files of a guide, by name. */
export function filesOf(page: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const block of blocksOf(page)) {
    const name = fileOf(block);
    if (files.has(name)) throw new Error(`${page}: two blocks are ${name}`);
    files.set(name, block.code);
  }
  return files;
}

/**
 * Writes a guide into an empty folder and installs its dependencies there: nbuf from the
 * tarball, without its addon, since builds need no more than the headers.
 */
export function makeProject(page: string, folder: string): void {
  mkdirSync(folder);
  for (const [name, code] of filesOf(page)) writeFileSync(join(folder, name), code);
  installPacked(folder);
  const name = 'node-addon-api';
  cpSync(join(root, 'node_modules', name), join(folder, 'node_modules', name), {
    recursive: true,
    dereference: true,
  });
}

/** The addon that npm would have brought, where it is prebuilt. */
export function installAddon(folder: string): void {
  installPacked(folder, { addon: true });
}

function libraryOf(name: string): string | undefined {
  const compiler = process.env.CC ?? 'cc';
  const found = execFileSync(compiler, [`-print-file-name=${name}`], {
    encoding: 'utf8',
  });
  const file = found.trim();
  return isAbsolute(file) && existsSync(file) ? file : undefined;
}

const asan = process.platform === 'linux' ? libraryOf('libasan.so') : undefined;
const ubsan = process.platform === 'linux' ? libraryOf('libubsan.so') : undefined;
const isSanitized = asan !== undefined && ubsan !== undefined;

const checks = '-g -Wall -Wextra -Werror';
const sanitizers = '-fsanitize=address,undefined -fno-sanitize-recover=undefined';

export type Builder = {
  readonly name: string;
  build(folder: string): void;
  /** For programs that load what was built. */
  readonly environment: Readonly<Record<string, string>>;
};

export const nodeGyp: Builder = {
  name: 'node-gyp',
  build: (folder) => buildAddon(folder, '--jobs=2'),
  environment: {},
};

/** Also compiled with warnings as errors and, where there are any, sanitizers. */
const cmakeJs: Builder = {
  name: isSanitized ? 'cmake-js, with sanitizers' : 'cmake-js',
  build(folder) {
    const tool = createRequire(import.meta.url).resolve('cmake-js/bin/cmake-js');
    const flags = isSanitized ? `${checks} ${sanitizers}` : checks;
    const run = spawnSync(process.execPath, [tool, 'rebuild', '--log-level', 'error'], {
      cwd: folder,
      encoding: 'utf8',
      env: {
        ...process.env,
        CFLAGS: flags,
        CXXFLAGS: flags,
        CMAKE_BUILD_PARALLEL_LEVEL: '2',
      },
    });
    if (run.status !== 0)
      throw new Error(`cmake-js failed in ${folder}:\n${run.stdout}${run.stderr}`);
  },
  environment: isSanitized
    ? {
        LD_PRELOAD: `${asan} ${ubsan}`,
        // Node itself keeps memory at exit; what leaks of ours, the programs count. The nbuf
        // package's addon is not sanitized, and has an operator delete of its own.
        ASAN_OPTIONS: 'detect_leaks=0:abort_on_error=1:alloc_dealloc_mismatch=0',
        UBSAN_OPTIONS: 'print_stacktrace=1',
      }
    : {},
};

export const builders: readonly Builder[] = [nodeGyp, cmakeJs];

/** Runs a program of the guide with the addon of one language; its standard output. */
export function runProgram(
  folder: string,
  program: string,
  environment: Readonly<Record<string, string>>,
): string {
  return execFileSync(process.execPath, ['--expose-gc', program], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, ...environment },
    timeout: 50_000,
  });
}
