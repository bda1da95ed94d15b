/** The documentation: its code runs and prints what it says, its links lead somewhere. */

import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { transformSync } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildAddon } from '../scripts/build.mjs';
import { compile, includeDirectory, nodeApiFlags, root, strict } from './compiler.ts';
import { ageless, announced, type Block, blocksOf, guides } from './markdown.ts';

const pages = ['README.md', 'CONTRIBUTING.md'].concat(
  readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
);
// The guides are projects of many files: test/guides.test.ts builds and runs them.
const alone = pages.filter((page) => !guides.includes(page));
const blocks = alone.flatMap(blocksOf);
const programs = blocks.filter(({ tag }) => tag === 'ts' || tag === 'js');

/** A project that has installed nbuf: a package of files, not a link into this folder. */
const project = mkdtempSync(join(tmpdir(), 'nbuf-readme-'));
afterAll(() => rmSync(project, { recursive: true }));

function installPackages(): void {
  const modules = join(project, 'node_modules');
  const shipped = ['package.json', 'nbuf.gyp', 'native/include', 'dist', 'cmake'];
  for (const name of [...shipped, 'build/Release/nbuf.node'])
    cpSync(join(root, name), join(modules, 'nbuf', name), { recursive: true });
  for (const name of ['node-gyp-build', 'sharp', '@types'])
    symlinkSync(join(root, 'node_modules', name), join(modules, name));
}

function fileOf({ page, line, tag }: Block): string {
  return join(project, `${page.replaceAll(/\W/g, '_')}_${line}.${tag}`);
}

function run(block: Block): string {
  const { code } = transformSync(block.code, { loader: 'ts', target: 'node20' });
  const file = fileOf(block).replace(/\w+$/, 'mjs');
  writeFileSync(file, code);
  return execFileSync(process.execPath, [file], { cwd: project, encoding: 'utf8' });
}

beforeAll(() => {
  mkdirSync(join(project, 'node_modules'));
  installPackages();
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }\n');
  const sources = { cpp: 'pixels.cc', python: 'binding.gyp' };
  for (const [tag, name] of Object.entries(sources)) {
    const found = blocks.filter((block) => block.tag === tag);
    expect(found, tag).toHaveLength(1);
    writeFileSync(join(project, name), `${found[0]?.code}`);
  }
  buildAddon(project);
});

test('every block of code has a tag that a test knows', () => {
  const known = ['ts', 'js', 'c', 'cpp', 'python', 'sh', ''];
  expect(blocks.filter(({ tag }) => !known.includes(tag))).toEqual([]);
  expect(programs.length).toBeGreaterThanOrEqual(8);
});

test.each(
  blocks
    .filter(({ tag }) => tag === 'c')
    .map((block) => [`${block.page}:${block.line}`, block] as const),
)('the C of %s compiles', (_, { code }) => {
  const options = [...strict, `-I${includeDirectory}`, ...nodeApiFlags()];
  const source = `#include <nbuf/nbuf_node.h>\n${code}`;
  const all = [...options, '-Wno-unused-function', '-c', '-o', '/dev/null'];
  expect(compile('c99', all, source)).toBe('');
});

describe('each program prints what it says', () => {
  test.each(programs.map((block) => [`${block.page}:${block.line}`, block] as const))(
    '%s',
    (_, block) => {
      const lines = ageless(run(block)).split('\n').slice(0, -1);
      expect(lines).toEqual(announced(block.code).map(ageless));
    },
  );
});

test('the TypeScript has no type errors', () => {
  const files = programs
    .filter(({ tag }) => tag === 'ts')
    .map((block) => {
      writeFileSync(fileOf(block), block.code);
      return fileOf(block);
    });
  const require = createRequire(import.meta.url);
  const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');
  const options = ['--noEmit', '--strict', '--target', 'es2022', '--module', 'nodenext'];
  const lib = ['--lib', 'es2022,esnext.disposable', '--types', 'node', '--skipLibCheck'];
  const command = [tsc, '--ignoreConfig', ...options, ...lib, ...files];
  const run = { cwd: project, encoding: 'utf8' } as const;
  expect(execFileSync(process.execPath, command, run)).toBe('');
});

describe.each(pages)('%s', (page) => {
  const text = readFileSync(join(root, page), 'utf8');
  test('its links lead to files', () => {
    const prose = text.replaceAll(/^```.*?^```$/gms, '');
    const links = [...prose.matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(
      (found) => `${found[1]}`,
    );
    const local = links.filter((link) => !link.includes('://'));
    const missing = local.filter((link) => !existsSync(join(root, dirname(page), link)));
    expect(missing).toEqual([]);
  });
  test('it names no folder of the machine on which it was written', () => {
    expect(text).not.toMatch(/\/(work|tmp|home|root)\//);
  });
});

test('docs/README.md names every page', () => {
  const index = readFileSync(join(root, 'docs/README.md'), 'utf8');
  for (const page of pages.filter((name) => /^docs\/(?!README)/.test(name)))
    expect(index).toContain(`(${page.slice('docs/'.length)})`);
});

describe('README.md: the two commands', () => {
  const text = readFileSync(join(root, 'README.md'), 'utf8');
  const section = /^## Commands$(.*?)^## /ms.exec(text)?.[1] ?? '';
  const commands = [...section.matchAll(/^```sh\n(.*?)\n```$/gms)].map(
    (found) => found[1],
  );
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  test('are there, and no other', () => {
    expect(commands).toEqual(['npm ci && npm run demo', 'npm ci && npm test']);
  });
  test('have their scripts', () => {
    expect(scripts.demo).toBe('node scripts/demo.mjs');
    expect(scripts.test).toMatch(/vitest run$/);
  });
  test('the scripts that the pages name exist', () => {
    const all = pages.map((page) => readFileSync(join(root, page), 'utf8')).join('\n');
    for (const [, name] of all.matchAll(/npm run ([\w:]+)/g))
      expect(Object.keys(scripts)).toContain(name);
  });
});
