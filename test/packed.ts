/** The package as `npm publish` would ship it, put into projects as npm would put it there. */

import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { root, withDirectory } from './compiler.ts';

let tarball: Buffer | undefined;

/** The bytes of the tarball: of dist/ as it was built last. Packed once a process. */
export function packedTarball(): Buffer {
  tarball ??= withDirectory((directory) => {
    const options = ['--ignore-scripts', '--pack-destination', directory];
    // Through a shell on Windows, where npm is a script.
    execFileSync('npm', ['pack', ...options], {
      cwd: root,
      stdio: 'pipe',
      shell: process.platform === 'win32',
    });
    return readFileSync(join(directory, `${readdirSync(directory)[0]}`));
  });
  return tarball;
}

/** Where prebuildify puts the addon, and node-gyp-build looks for it. */
const prebuilt: string = join('prebuilds', `${process.platform}-${process.arch}`);

export type InstallOptions = {
  /** With the addon of build/Release as its prebuild, and node-gyp-build; default false. */
  readonly addon?: boolean;
  /** The version that the copy's package.json names, instead of the real one. */
  readonly version?: string;
};

function renameVersion(folder: string, version: string): void {
  const file = join(folder, 'package.json');
  const json = JSON.parse(readFileSync(file, 'utf8')) as object;
  writeFileSync(file, JSON.stringify({ ...json, version }));
}

/**
 * Extracts the tarball into `project`/node_modules/nbuf, and returns that folder. Runs no
 * script and asks no registry. Without `addon` there is no .node file below `project`.
 */
export function installPacked(project: string, options: InstallOptions = {}): string {
  const modules = join(project, 'node_modules');
  const folder = join(modules, 'nbuf');
  mkdirSync(folder, { recursive: true });
  execFileSync('tar', ['-xz', '--strip-components=1', '-C', folder], {
    input: packedTarball(),
  });
  rmSync(join(folder, 'prebuilds'), { recursive: true, force: true }); // from elsewhere
  if (options.version !== undefined) renameVersion(folder, options.version);
  if (options.addon === true) {
    const addon = join(folder, prebuilt, 'nbuf.node');
    mkdirSync(dirname(addon), { recursive: true });
    // A copy, not a link: the loader takes two names of one file for one addon.
    cpSync(join(root, 'build/Release/nbuf.node'), addon);
    const loader = join(root, 'node_modules/node-gyp-build');
    cpSync(loader, join(modules, 'node-gyp-build'), {
      recursive: true,
      dereference: true,
    });
  }
  return folder;
}
