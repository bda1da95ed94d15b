/** Addons in C and in C++ are built against an installed nbuf, without its addon, by node-gyp and cmake-js. */

import { execFileSync } from 'node:child_process';
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { buildAddon } from '../scripts/build.mjs';
import { withDirectory } from './compiler.ts';
import { makeProjects, node } from './include_projects.ts';

const require = createRequire(import.meta.url);
const { projects, remove } = makeProjects();
afterAll(remove);

/** Both addons work, and take each other's arrays. */
const meet = `const load = (name) => require('./build/Release/' + name + '.node');
  const c = load('c'), cxx = load('cxx');
  console.log(c.sum(cxx.make()), cxx.sum(c.make()), c.sum(new Uint8Array(4)));`;

function isNodelete(folder: string): boolean {
  const file = join(folder, 'build/Release/c.node');
  return execFileSync('readelf', ['-d', file], { encoding: 'utf8' }).includes('NODELETE');
}

/** gyp left nothing beside the project that would hide the package. */
function leavesNothing(folder: string): void {
  expect(existsSync(join(dirname(folder), 'node_modules/nbuf/nbuf.target.mk'))).toBe(
    false,
  );
  node(folder, '--input-type=module', '-e', 'import "nbuf/include"');
}

const isLinux = process.platform === 'linux';

describe('node-gyp', { timeout: 180_000 }, () => {
  test.each(projects)('by its path: $name', ({ folder }) => {
    buildAddon(folder);
    expect(node(folder, '-e', meet)).toBe('6 6 4');
    leavesNothing(folder);
  });

  test.each(projects)('by its target: $name', ({ folder }) => {
    renameSync(join(folder, 'through_target.gyp'), join(folder, 'binding.gyp'));
    buildAddon(folder);
    expect(node(folder, '-e', meet)).toBe('6 6 4');
    if (isLinux) expect(isNodelete(folder)).toBe(true);
    leavesNothing(folder);
  });
});

describe('cmake-js', { timeout: 180_000 }, () => {
  test.each(projects)('$name', ({ folder }) => {
    const tool = require.resolve('cmake-js/bin/cmake-js');
    const args = ['rebuild', '--log-level', 'error'];
    execFileSync(process.execPath, [tool, ...args], { cwd: folder, stdio: 'pipe' });
    expect(node(folder, '-e', meet)).toBe('6 6 4');
    if (isLinux) expect(isNodelete(folder)).toBe(true);
  });
});

describe('find_package', () => {
  const { version } = require('../package.json') as { version: string };
  const [major, minor, patch] = version.split('.').map(Number) as [
    number,
    number,
    number,
  ];
  const asked: readonly (readonly [string, boolean])[] = [
    ['', true],
    [`${major}.${minor}`, true],
    [`${version} EXACT`, true],
    [`${major}.${minor}.${patch + 1}`, false],
    [`${major}.${minor + 1}`, false],
    [`${major + 1}`, false],
    [`${major}.${minor}.0...<${major}.${minor + 1}`, true],
    [`${major}.${minor}...${version}`, true],
    [`0.0.1...<${version}`, false],
    [`${major + 1}...${major + 2}`, false],
  ];

  test.each(asked)('nbuf %s: %s', (range, isFound) => {
    const prefix = join(`${projects[0]?.folder}`, 'node_modules/nbuf');
    withDirectory((directory) => {
      // Found through the prefix, as packages of CMake's are.
      const script = `cmake_minimum_required(VERSION 3.19)
        project(ask NONE)
        list(APPEND CMAKE_PREFIX_PATH "${prefix}")
        find_package(nbuf ${range} CONFIG QUIET)
        message(STATUS "found=\${nbuf_FOUND} version=\${nbuf_VERSION}")\n`;
      writeFileSync(join(directory, 'CMakeLists.txt'), script);
      const args = ['-S', directory, '-B', join(directory, 'build')];
      const printed = execFileSync('cmake', args, { encoding: 'utf8' });
      expect(printed).toContain(isFound ? `found=1 version=${version}` : 'found=0');
    });
  });
});
