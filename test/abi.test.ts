/** The C ABI's headers stand alone, its layout is frozen, and old and new peers get along. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  compile,
  includeDirectory,
  nodeApiFlags,
  root,
  run,
  strict,
  withDirectory,
} from './compiler.ts';

const C = ['c99', 'c11', 'c17'];
const CXX = ['c++17', 'c++20'];
const HEADERS = [
  { header: 'nbuf.h', standards: [...C, ...CXX] },
  { header: 'nbuf_node.h', standards: [...C, ...CXX] },
  { header: 'nbuf.hpp', standards: CXX },
];
const include = `-I${includeDirectory}`;
const nowhere = ['-O2', '-c', '-o', '/dev/null'];

describe.each(HEADERS)('$header alone, twice', ({ header, standards }) => {
  const source = `#include "nbuf/${header}"\n#include "nbuf/${header}"\n`;
  test.each(standards)('%s', (standard) => {
    const options = [...strict, include, ...nodeApiFlags(), ...nowhere];
    expect(compile(standard, options, source)).toBe('');
  });
});

test('nbuf.hpp needs neither exceptions nor RTTI', () => {
  const source = `#include "nbuf/nbuf.hpp"
    double f(nbuf_exporter* e, nbuf_error& error) {
      auto p = nbuf::Provider::acquire(e, NBUF_FULL, "f", error);
      auto s = nbuf::span<double, 2>::from(p, &error);
      double sum = 0;
      s.visit([&sum](auto v) { sum = v(0, 0); });
      return s ? sum + s(0, 1) : 0;
    }
    double f(nbuf_exporter* e);`;
  const options = [...strict, include, '-fno-exceptions', '-fno-rtti', ...nowhere];
  expect(compile('gnu++17', options, source)).toBe('');
  expect(compile('c++20', options, source)).toBe('');
});

test.each([
  ['bool', 'span<bool, 1>'],
  ['a type that is no bytes', 'span<nbuf::Provider, 1>'],
  ['too many dimensions', 'span<char, 65>'],
])('nbuf.hpp refuses %s at compile time', (_, type) => {
  const source = `#include "nbuf/nbuf.hpp"\nnbuf::${type} s;\n`;
  expect(compile('c++17', [include, ...nowhere], source)).toContain('static assertion');
});

describe('layout_frozen.c', () => {
  const file = join(root, 'test/abi/layout_frozen.c');
  test.each(C)('%s', (standard) => {
    expect(compile(standard, [...strict, include, ...nowhere, file])).toBe('');
  });
  test.each(CXX)('%s', (standard) => {
    expect(compile(standard, [...strict, include, ...nowhere, '-x', 'c++', file])).toBe(
      '',
    );
  });
  test('notices a change', () => {
    const options = [include, ...nowhere, '-Dpost_offsets=extra; void* post_offsets'];
    expect(compile('c99', [...options, file])).toContain('frozen_');
  });
});

/** Three ABIs that this machine's compiler knows, without their C libraries: i386, and two
 * with 32-bit pointers and 64-bit alignment, as on ARM. */
const X86_32 = [['-m32'], ['-mx32'], ['-m32', '-malign-double', '-U__i386__']];
const canTry32 = process.platform === 'linux' && process.arch === 'x64';

test.runIf(canTry32).each(X86_32)('layout_frozen.c: 32 bits %s %s', (...mode) => {
  withDirectory((directory) => {
    mkdirSync(join(directory, 'gnu'));
    for (const name of ['stubs-32.h', 'stubs-x32.h'])
      writeFileSync(join(directory, 'gnu', name), '');
    const arch = execFileSync('cc', ['-print-multiarch'], { encoding: 'utf8' }).trim();
    const system = ['-isystem', directory, '-isystem', `/usr/include/${arch}`];
    const file = join(root, 'test/abi/layout_frozen.c');
    const options = [...strict, include, ...system, ...mode, '-fsyntax-only', file];
    expect(compile('c99', options)).toBe('');
  });
});

describe('peers of different age', () => {
  const pairs = ['old', 'new'].flatMap((exporter) =>
    ['old', 'new'].map((consumer) => ({ exporter, consumer })),
  );
  const asan = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
  const builds = [
    { build: 'plain', flags: [] },
    { build: 'ASan', flags: asan },
  ];
  const cases = builds.flatMap((build) => pairs.map((pair) => ({ ...build, ...pair })));
  test.each(cases)('$exporter exporter, $consumer consumer, $build', (it) => {
    withDirectory((directory) => {
      const program = join(directory, 'program');
      const names = ['main.c', `${it.exporter}_exporter.c`, `${it.consumer}_consumer.c`];
      const files = names.map((name) => join(root, 'test/abi/compat', name));
      const options = ['-g', ...strict, include, ...it.flags, ...files, '-o', program];
      expect(compile('c99', options)).toBe('');
      expect(run(program)).toBe('ok\n');
    });
  });
});
