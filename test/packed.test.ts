/** What the package contains, and that it works from there. */

import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withDirectory } from './compiler.ts';
import { installPacked } from './packed.ts';

function node(cwd: string, ...args: readonly string[]): string {
  return execFileSync(process.execPath, args, { cwd, encoding: 'utf8' }).trim();
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' });
}

test('without an addon there is no .node file', () => {
  withDirectory((project) => {
    installPacked(project);
    expect(filesBelow(project).filter((name) => name.endsWith('.node'))).toEqual([]);
    expect(readdirSync(join(project, 'node_modules'))).toEqual(['nbuf']);
  });
});

test('ships headers, sources and documents, and no test', () => {
  withDirectory((project) => {
    const names = readdirSync(installPacked(project)).sort();
    expect(names).toEqual([
      'CHANGELOG.md',
      'CMakeLists.txt',
      'LICENSE',
      'README.md',
      'binding.gyp',
      'cmake',
      'dist',
      'docs',
      'native',
      'nbuf.gyp',
      'package.json',
    ]);
  });
});

test('with the addon it loads', () => {
  withDirectory((project) => {
    installPacked(project, { addon: true, version: '0.9.0' });
    const program = `const { acquire, HostArray } = require('nbuf');
      const p = acquire(HostArray.from([1, 2, 3]));
      console.log(p.at(-1), require('nbuf/package.json').version);`;
    expect(node(project, '-e', program)).toBe('3 0.9.0');
  });
});
