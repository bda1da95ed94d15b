/** Runs the demo as a user does, in a folder of its own. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { root } from './compiler.ts';

export const lake: string = join(root, 'examples/pictures/lake.jpg');

export type Run = { code: number | null; stdout: string; stderr: string };

export type Place = {
  readonly folder: string;
  /** A path in the folder. */
  here(name: string): string;
  /** The demo with these arguments; the folder is where it works and puts files. */
  demo(...args: readonly string[]): Run;
};

/** A folder that is gone after the tests of the file that asks for it. */
export function makePlace(): Place {
  const folder = mkdtempSync(join(tmpdir(), 'nbuf-demo-test-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  return {
    folder,
    here: (name) => join(folder, name),
    demo: (...args) => {
      const script = join(root, 'scripts/demo.mjs');
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [script, '--no-build', ...args],
        { cwd: folder, encoding: 'utf8', env: { ...process.env, TMPDIR: folder } },
      );
      return { code: status, stdout, stderr };
    },
  };
}

/** All but the line with the result's path. */
export function shownLines({ stdout }: Run): string[] {
  return stdout.split('\n').filter((line) => !line.startsWith('Written: '));
}
