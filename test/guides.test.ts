/**
 * The two guides: each is a project, extracted from its page into an empty folder with nbuf
 * from the packed tarball, built by node-gyp and by cmake-js, in C and in C++, and run.
 * While they are built, nbuf is headers only; its addon is installed afterwards.
 */

import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from './compiler.ts';
import {
  type Builder,
  builders,
  filesOf,
  installAddon,
  languages,
  makeProject,
  nodeGyp,
  runProgram,
} from './guides.ts';
import { ageless, announced, guides } from './markdown.ts';

const everything: string = mkdtempSync(join(tmpdir(), 'nbuf-guides-'));
afterAll(() => rmSync(everything, { recursive: true }));

/** The folder of a guide as one builder built it; a build that fails is not tried again. */
function builtBy(page: string, builder: Builder): string {
  const folder = join(everything, `${page} ${builder.name}`.replaceAll(/\W+/g, '-'));
  if (existsSync(folder)) return folder;
  makeProject(page, folder);
  expect(nativeFiles(folder)).toEqual([]);
  builder.build(folder);
  return folder;
}

/** The addons of both guides, for programs that use them together. */
function addonsOf(builder: Builder, exporter: string, consumer: string) {
  const [images, codec] = guides.map((page) =>
    join(builtBy(page, builder), 'build/Release'),
  );
  return {
    GUIDE_EXPORTER: join(`${images}`, `images_${exporter}.node`),
    GUIDE_CONSUMER: join(`${codec}`, `codec_${consumer}.node`),
  };
}

function nativeFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.node'),
  );
}

function check(
  folder: string,
  program: string,
  environment: Record<string, string>,
): void {
  const code = readFileSync(join(folder, program), 'utf8');
  const lines = ageless(runProgram(folder, program, environment))
    .split('\n')
    .slice(0, -1);
  expect(lines).toEqual(announced(code).map(ageless));
}

describe.each(guides)('%s', (page) => {
  const files = filesOf(page);
  const programs = [...files.keys()].filter(
    (name) => name.endsWith('.mjs') && announced(`${files.get(name)}`).length > 0,
  );

  test('has the same cases in C and in C++', () => {
    const names = [...files.keys()];
    const cases = names.filter((name) => name.endsWith('.c'));
    expect(cases.length).toBeGreaterThanOrEqual(4);
    for (const name of cases) expect(names).toContain(`${name}c`);
    expect(programs).toContain('first.mjs');
    expect(programs.length).toBeGreaterThanOrEqual(cases.length);
  });

  test('asks for tools of the versions that it is tested with', () => {
    const { dependencies, devDependencies } = JSON.parse(`${files.get('package.json')}`);
    const { nbuf, ...tools } = { ...dependencies, ...devDependencies };
    const versionOf = (name: string): string =>
      JSON.parse(readFileSync(join(root, name, 'package.json'), 'utf8')).version;
    expect(nbuf).toBe(`^${versionOf('.')}`);
    for (const [name, range] of Object.entries(tools))
      expect(versionOf(`node_modules/${name}`).split('.')[0], name).toBe(
        /^\^(\d+)\.0\.0$/.exec(`${range}`)?.[1],
      );
  });

  describe.each(builders)('$name', (builder) => {
    let folder: string;
    beforeAll(() => {
      folder = builtBy(page, builder);
    });
    const run = (language: string, program: string): void =>
      check(folder, program, { ...builder.environment, GUIDE_LANGUAGE: language });

    test.each(languages)(
      'the addon in %s works where nbuf is headers only',
      (language) => {
        expect(nativeFiles(join(folder, 'node_modules'))).toEqual([]);
        run(language, 'first.mjs');
      },
    );

    describe('with the package', () => {
      beforeAll(() => installAddon(folder));
      test.each(
        languages.flatMap((language) =>
          programs.map((name) => [language, name] as const),
        ),
      )('%s: %s prints what it says', run);
    });
  });
});

// Two addons that know nothing of each other, in a process without the nbuf package.
const pairs = languages.flatMap((one) => languages.map((other) => [one, other] as const));
test.each(pairs)('an image in %s is decoded into and read in %s', (one, other) => {
  const program = `
    const { Image } = require(process.env.GUIDE_EXPORTER);
    const codec = require(process.env.GUIDE_CONSUMER);
    const image = new Image(2, 3);
    image.reshape(3, 2);
    codec.decodeInto(Uint8Array.of(4, 1, 2, 7), image);
    codec.meanLater(image).then((mean) => {
      image.resize(2, 2);
      console.log(codec.mean(image), mean, globalThis[Symbol.for('nbuf.api')]);
    });`;
  const env = { ...process.env, ...addonsOf(nodeGyp, one, other) };
  const output = execFileSync(process.execPath, ['-e', program], {
    env,
    encoding: 'utf8',
  });
  expect(output).toBe('0 3 undefined\n');
});

describe.each(builders)('what the pages promise, built by $name', (builder) => {
  let folder: string;
  beforeAll(() => {
    folder = builtBy('docs/consume.md', builder);
    cpSync(join(root, 'test/guide_programs'), folder, { recursive: true });
    installAddon(folder);
  });
  const run = (language: string, program: string): string =>
    runProgram(folder, program, {
      ...builder.environment,
      ...addonsOf(builder, language, language),
    });

  test.each(languages)('%s: borrowed input that is taken away meanwhile', (language) => {
    expect(run(language, 'hostile.mjs')).toBe('0 200 200\n');
  });
  test.each(languages)('%s: workers that end over unfinished jobs', (language) => {
    expect(run(language, 'workers.mjs')).toBe('0\n');
  });
  test('an image in pieces', () => {
    expect(run('c', 'pieces.mjs')).toBe('ERR_NBUF_SUBOFFSETS\n');
    expect(run('cpp', 'pieces.mjs')).toBe('5,6,6,5,6,6\n');
  });
});
