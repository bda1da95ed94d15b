/** Projects that have nbuf installed, from its tarball and without any .node file, in several ways. */

import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './compiler.ts';
import { installPacked } from './packed.ts';

type Kind = {
  readonly name: string;
  /** Installs below `top`; the folder of the addon. */
  install(top: string): string;
};

/** `node_modules/nbuf` of `folder` as a link to what was installed in `real`. */
function link(real: string, folder: string): string {
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  symlinkSync(installPacked(real), join(folder, 'node_modules/nbuf'), 'junction');
  return folder;
}

function plain(folder: string): string {
  installPacked(folder);
  return folder;
}

const kinds: readonly Kind[] = [
  { name: 'an empty folder', install: plain },
  {
    name: 'a folder with spaces, quotes and letters beyond ASCII',
    install: (top) => plain(join(top, "it's über  «π»")),
  },
  {
    name: 'npm link',
    install: (top) => link(join(top, 'elsewhere'), join(top, 'user')),
  },
  {
    name: 'the store of pnpm',
    install: (top) => link(join(top, 'node_modules/.pnpm/nbuf@0.1.0'), top),
  },
  {
    name: 'a workspace with one node_modules above',
    install: (top) => join(plain(top), 'packages/user'),
  },
];

export type Project = { readonly name: string; readonly folder: string };

/** Where the addon's sources are. */
const sources = join(root, 'test/include');

/** One project of each kind, with test/include in it; and what removes them all. */
export function makeProjects(): { projects: readonly Project[]; remove(): void } {
  const top = realpathSync(mkdtempSync(join(tmpdir(), 'nbuf-include-')));
  const projects = kinds.map(({ name, install }, k) => {
    const folder = install(join(top, `${k}`));
    mkdirSync(folder, { recursive: true });
    for (const file of readdirSync(sources))
      cpSync(join(sources, file), join(folder, file));
    writeFileSync(join(folder, 'package.json'), '{"name": "user", "type": "module"}');
    return { name, folder };
  });
  return { projects, remove: () => rmSync(top, { recursive: true }) };
}

export function node(cwd: string, ...args: readonly string[]): string {
  return execFileSync(process.execPath, args, {
    cwd,
    encoding: 'utf8',
    stdio: 'pipe',
  }).trim();
}
