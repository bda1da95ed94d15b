/** nbuf/include as it is found in projects of any kind, from ESM and from CommonJS. */

import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { compile, nodeApiFlags, strict } from './compiler.ts';
import { makeProjects, node } from './include_projects.ts';

const { projects, remove } = makeProjects();
afterAll(remove);

const names = ['include_dir', 'include', 'gyp', 'cmake_dir'] as const;
const list = names.join(', ');
const clauses = [
  'import * as all from "nbuf/include"; const { default: _, ...paths } = all;',
  'import paths from "nbuf/include";',
  `import { ${list} } from "nbuf/include"; const paths = { ${list} };`,
  `const { default: _, ...paths } = await import('nbuf/include');`,
];

describe.each(projects)('$name', ({ folder }) => {
  const ask = (cwd: string): Record<string, string> =>
    JSON.parse(node(cwd, '-p', "JSON.stringify(require('nbuf/include'))"));

  test('require, import and a default import give the same', () => {
    const { default: all, ...required } = ask(folder);
    expect(Object.keys(required).sort()).toEqual([...names].sort());
    expect(all).toEqual(required);
    for (const clause of clauses) {
      const program = `${clause} console.log(JSON.stringify(paths))`;
      const printed = node(folder, '--input-type=module', '-e', program);
      expect(JSON.parse(printed), clause).toEqual(required);
    }
  });

  test('no .node file is there to be loaded', () => {
    const installed = join(`${ask(folder).cmake_dir}`, '../..');
    const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
    expect(files.filter((name) => name.endsWith('.node'))).toEqual([]);
    expect(() => node(folder, '-e', "require('nbuf')")).toThrow();
  });

  test('from any working directory below', () => {
    const inner = join(folder, 'a/b c');
    mkdirSync(inner, { recursive: true });
    for (const cwd of [folder, inner]) {
      const { include_dir, include, gyp, cmake_dir } = ask(cwd);
      expect(existsSync(join(`${include_dir}`, 'nbuf/nbuf_node.h'))).toBe(true);
      expect(resolve(cwd, `${include}`)).toBe(include_dir);
      expect(include).toBe(relative(cwd, `${include_dir}`));
      expect(existsSync(resolve(cwd, `${gyp?.split(':')[0]}`))).toBe(true);
      expect(existsSync(join(`${cmake_dir}`, 'nbufConfigVersion.cmake'))).toBe(true);
    }
  });

  test('a compiler alone: cc -I "$(node -p ...)"', () => {
    const headers = node(folder, '-p', "require('nbuf/include').include_dir");
    const options = [...strict, ...nodeApiFlags(), '-c', '-o', '/dev/null'];
    const file = join(folder, 'user.c');
    expect(compile('c99', [...options, `-I${headers}`, file])).toBe('');
  });
});

test('from within the folder of the headers', () => {
  const headers = node(
    `${projects[0]?.folder}`,
    '-p',
    "require('nbuf/include').include_dir",
  );
  const program = `require(${JSON.stringify(join(headers, '../../dist/cjs/include.js'))}).include`;
  expect(node(headers, '-p', program)).toBe('.');
});

const esm = `import paths, { cmake_dir, gyp, include, include_dir } from 'nbuf/include';
export const found: readonly string[] = [include_dir, include, gyp, cmake_dir];
export const same: readonly string[] = [paths.include_dir, paths.include, paths.gyp];
// @ts-expect-error: strings, for good
paths.cmake_dir = '';
`;
const commonJs = `import paths = require('nbuf/include');
export const found: readonly string[] = [paths.include_dir, paths.include];
export const others: readonly string[] = [paths.gyp, paths.default.cmake_dir];
// @ts-expect-error: there is nothing else
export const nothing: string = paths.library;
`;

// `bundler` resolves as bundlers do, and takes the import condition.
test.each([
  ['nodenext', 'nodenext', { 'types.mts': esm, 'types.cts': commonJs }],
  ['bundler', 'preserve', { 'types.mts': esm }],
])('types: module resolution %s', (resolution, module, files) => {
  const { folder } = projects[0] as { folder: string };
  for (const [name, text] of Object.entries(files))
    writeFileSync(join(folder, name), text);
  const typescript = createRequire(import.meta.url).resolve('typescript/package.json');
  const options = ['--noEmit', '--strict', '--types', '', '--target', 'es2022'];
  const how = ['--moduleResolution', resolution, '--module', module];
  const args = [join(dirname(typescript), 'bin/tsc'), ...options, ...how];
  const run = () => node(folder, ...args, ...Object.keys(files));
  expect(run).not.toThrow();
});
