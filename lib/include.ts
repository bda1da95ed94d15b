/** Where other addons' builds find nbuf's headers; loads no native code. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

function isRoot(folder: string): boolean {
  const file = join(folder, 'package.json');
  return existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).name === 'nbuf';
}

// This module runs from several depths of dist/, so the root is looked for, not counted.
function findRoot(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (isRoot(folder)) return folder;
    if (dirname(folder) === folder) {
      throw new Error(
        `expected the package.json of nbuf above ${start}, found none: reinstall nbuf`,
      );
    }
  }
}

// The CommonJS bundle's import.meta is empty. (Asking for __dirname first would be wrong:
// `node -e` and `node -p`, which builds use, define a global one.)
const root = findRoot(
  import.meta.url === undefined ? __dirname : dirname(fileURLToPath(import.meta.url)),
);

/** The folder of nbuf's headers: `#include <nbuf/nbuf_node.h>`. Absolute. */
export const include_dir: string = join(root, 'native', 'include');

/**
 * The same, relative to the working directory: for `include_dirs` in a binding.gyp, since gyp
 * runs there, and absolute paths with spaces break its generators.
 */
export const include: string = relative(process.cwd(), include_dir) || '.';

/**
 * gyp writes files of its own for every .gyp file, as far from build/ as that is from the addon's
 * folder. From a package that lies outside (a workspace with one node_modules for all) they
 * would become a node_modules/nbuf of nothing else, which hides the package from `import`. So
 * while node-gyp is at work, it gets a copy inside of build/.
 */
function nearGyp(): string {
  const path = relative(process.cwd(), join(root, 'nbuf.gyp'));
  const isBuilding = ['binding.gyp', 'build/config.gypi'].every((file) =>
    existsSync(file),
  );
  if (!path.startsWith('..') || !isBuilding) return path;
  try {
    const headers = relative(join(process.cwd(), 'build'), include_dir);
    const text = readFileSync(join(root, 'nbuf.gyp'), 'utf8');
    const quoted = headers.replaceAll('\\', '/').replaceAll("'", "\\'");
    writeFileSync(
      'build/nbuf.gyp',
      text.replace("'native/include'", () => `'${quoted}'`),
    );
    return 'build/nbuf.gyp';
  } catch {
    return path; // cannot be written: node-gyp will say so
  }
}

/**
 * For `dependencies` in a binding.gyp: a target that gives the include path and keeps the
 * addon's code mapped. Relative to the working directory, as `include`.
 */
export const gyp: string = `${nearGyp()}:nbuf`;

/** The folder of nbufConfig.cmake, for `nbuf_DIR`. Absolute. */
export const cmake_dir: string = join(root, 'cmake');

const all: {
  readonly include_dir: string;
  readonly include: string;
  readonly gyp: string;
  readonly cmake_dir: string;
} = { include_dir, include, gyp, cmake_dir };
export default all;
