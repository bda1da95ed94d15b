/** What other addons' builds find: nbuf/include, the gyp target, the CMake package. */

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { cmake_dir, gyp, include_dir } from '../lib/include.ts';
import { nodeApiFlags, root, withDirectory } from './compiler.ts';

test('include_dir holds the headers', () => {
  expect(isAbsolute(include_dir)).toBe(true);
  for (const header of ['nbuf.h', 'nbuf_node.h', 'nbuf.hpp', 'nbuf_node.hpp'])
    expect(existsSync(join(include_dir, 'nbuf', header)), header).toBe(true);
});

test('gyp names a target, relative to the working directory', () => {
  const [file, target] = gyp.split(':');
  expect(isAbsolute(`${file}`)).toBe(false);
  expect(target).toBe('nbuf');
  expect(readFileSync(resolve(`${file}`), 'utf8')).toContain("'target_name': 'nbuf'");
});

test('the native addon is not loaded', () => {
  const source = readFileSync(join(root, 'lib/include.ts'), 'utf8');
  const imports = [...source.matchAll(/from '([^']+)'/g)].map((match) => match[1]);
  expect(imports.every((name) => name?.startsWith('node:'))).toBe(true);
});

/** Whether a shared object is marked to stay mapped. */
function isMarkedNodelete(file: string): boolean {
  return execFileSync('readelf', ['-d', file], { encoding: 'utf8' }).includes('NODELETE');
}

const isLinux = process.platform === 'linux';

test.runIf(isLinux)('the gyp target keeps an addon mapped', () => {
  const built = (name: string): string =>
    join(root, 'test/addons/probe/build/Release', `${name}.node`);
  expect(isMarkedNodelete(built('probe'))).toBe(true);
  expect(isMarkedNodelete(built('lender')), 'built without it').toBe(false);
});

test.runIf(isLinux)('find_package(nbuf) gives the same', () => {
  withDirectory((directory) => {
    const headers = nodeApiFlags().at(-1);
    writeFileSync(
      join(directory, 'CMakeLists.txt'),
      `cmake_minimum_required(VERSION 3.15)
       project(user C)
       find_package(nbuf REQUIRED CONFIG)
       find_package(nbuf REQUIRED CONFIG)
       add_library(user MODULE user.c)
       target_include_directories(user PRIVATE "${headers}")
       target_link_libraries(user PRIVATE nbuf::nbuf)\n`,
    );
    writeFileSync(
      join(directory, 'user.c'),
      `#include <nbuf/nbuf_node.h>
       #ifndef NBUF_IMAGE_PINNED
       #error the target defines it
       #endif
       NAPI_MODULE_INIT() { nbuf_env_init(env, exports); return exports; }\n`,
    );
    const build = join(directory, 'build');
    const options = { stdio: 'pipe' as const };
    const configure = ['-S', directory, '-B', build, `-Dnbuf_DIR=${cmake_dir}`];
    execFileSync('cmake', configure, options);
    execFileSync('cmake', ['--build', build], options);
    expect(isMarkedNodelete(join(build, 'libuser.so'))).toBe(true);
  });
});
