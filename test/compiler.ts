/** The system's C and C++ compilers, for tests of the shipped headers. */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root: string = fileURLToPath(new URL('..', import.meta.url));
export const includeDirectory: string = join(root, 'native/include');

export const strict: readonly string[] = [
  '-Wall',
  '-Wextra',
  '-Wpedantic',
  '-Wconversion',
  '-Wshadow',
  '-Werror',
];

/** Where node_api.h lies; as system headers, since their warnings are not ours. */
export function nodeApiFlags(): readonly string[] {
  const require = createRequire(import.meta.url);
  const headers = require('node-api-headers') as { include_dir: string };
  return ['-isystem', headers.include_dir];
}

/** Runs cc, or c++ for a C++ standard. The compiler's complaints; '' when it has none. */
export function compile(
  standard: string,
  options: readonly string[],
  source?: string,
): string {
  const isCxx = standard.includes('++');
  const command = isCxx ? (process.env.CXX ?? 'c++') : (process.env.CC ?? 'cc');
  const input = source === undefined ? [] : ['-x', isCxx ? 'c++' : 'c', '-'];
  const result = spawnSync(command, [`-std=${standard}`, ...options, ...input], {
    input: source ?? '',
    encoding: 'utf8',
  });
  if (result.error !== undefined) throw result.error;
  return result.status === 0 ? '' : `${command}: ${result.stderr}`;
}

/** A program's standard output; throws with its standard error when it fails. */
export function run(program: string): string {
  return execFileSync(program, { encoding: 'utf8' });
}

/** Calls use with a new directory, which is gone afterwards. */
export function withDirectory<Result>(use: (directory: string) => Result): Result {
  const directory = mkdtempSync(join(tmpdir(), 'nbuf-test-'));
  try {
    return use(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
