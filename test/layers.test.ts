/** DESIGN section 2: the layers know each other in one direction only. */

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compile, root, withDirectory } from './compiler.ts';

const OBJECTS = ['nbuf', 'nbuf_kernels'].map((name) =>
  join(root, 'build/Release/obj.target', name),
); // node-gyp's
const BUILT = new Set(['build', 'node_modules', 'scenarios']);

/** Files below a folder, builds and packages aside, by their path from the root. */
function filesIn(folder: string, extension: RegExp): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter(({ name }) => !BUILT.has(name))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      return entry.isDirectory() ? filesIn(path, extension) : [path];
    })
    .filter((path) => extension.test(path));
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

type Include = { readonly file: string; readonly name: string };

/** Every #include of C and C++ files, as it is written between its brackets. */
function includesOf(folder: string): Include[] {
  return filesIn(folder, /\.(c|cc|cpp|h|hpp)$/).flatMap((file) =>
    [...read(file).matchAll(/^\s*#\s*include\s+([<"])([^>"]+)[>"]/gm)].map((found) => ({
      file,
      name: `${found[1]}${found[2]}`,
    })),
  );
}

const STANDARD = /^<([a-z_0-9]+(\.h)?|sys\/[a-z]+\.h)$/;
const NODE = /^<(node_api|js_native_api.*|napi|uv|node.*|v8.*)(\.h)?$|binding\//;

function expectIncludes(folder: string, allowed: (include: Include) => boolean): void {
  const includes = includesOf(folder);
  expect(includes.length, folder).toBeGreaterThan(3);
  expect(includes.filter((include) => !allowed(include))).toEqual([]);
}

describe('includes', () => {
  test('core/ knows the C ABI and nothing of Node', () => {
    const own = filesIn('native/core', /\.h$/).map((path) => join(root, path));
    expectIncludes(
      'native/core',
      ({ file, name }) =>
        own.includes(join(root, dirname(file), name.slice(1))) ||
        name === '<nbuf/nbuf.h' ||
        (STANDARD.test(name) && !NODE.test(name)),
    );
  });

  test('binding/ uses core/ and the headers', () => {
    const own = filesIn('native/binding', /\.h$/).map(
      (path) => `"${path.split('/').pop()}`,
    );
    expectIncludes(
      'native/binding',
      ({ name }) =>
        own.includes(name) ||
        /^"core\/[a-z_]+\.h$/.test(name) ||
        /^<nbuf\/nbuf(_node)?\.h$/.test(name) ||
        STANDARD.test(name),
    );
  });

  test('the shipped headers stand alone; Node-API only in the parts of nbuf_node.h', () => {
    const isNodePart = (file: string): boolean =>
      /\/(nbuf_node|node_[a-z]+)\.h$/.test(file);
    expectIncludes('native/include', ({ file, name }) => {
      if (name.startsWith('"'))
        return !/\.\.\/\.\./.test(name) && !/core|binding/.test(name);
      return STANDARD.test(name) && (isNodePart(file) || !NODE.test(name));
    });
    const generic = includesOf('native/include').filter(({ file }) => !isNodePart(file));
    expect(generic.filter(({ name }) => /"(detail\/)?node_/.test(name))).toEqual([]);
  });

  test('other addons see only <nbuf/...>', () => {
    for (const folder of ['examples', 'test/addons']) {
      const local = new Set(
        filesIn(folder, /\.h$/).map((path) => `"${path.split('/').pop()}`),
      );
      expectIncludes(
        folder,
        ({ name }) =>
          local.has(name) ||
          /^<nbuf\/nbuf(_node\.h|\.hpp|\.h)$/.test(name) ||
          /^<(napi|node_api|uv)\.h$/.test(name) ||
          STANDARD.test(name),
      );
    }
  });
});

describe('lib/', () => {
  const sources = filesIn('lib', /\.ts$/);

  // The second one is the raw access of `nbuf check`, to the same instance.
  test('loads native code in native.ts and cli/raw.ts only', () => {
    const loading = sources.filter((file) =>
      /createRequire|node-gyp-build|dlopen|\.node['"`]/.test(read(file)),
    );
    expect(loading).toEqual(['lib/cli/load.ts', 'lib/cli/raw.ts', 'lib/native.ts']);
  });

  /** Every module that a source imports, and whether that is for the compiler alone. */
  const imports = sources.flatMap((file) =>
    [...read(file).matchAll(/^(?:import|export)( type)?\b[^;]*?from '([^']+)'/gms)].map(
      (found) => ({
        file,
        name: found[2] as string,
        isType: found[1] !== undefined,
        isInFolder: file.split('/').length > 2,
      }),
    ),
  );

  test('imports its own modules, and Node’s by their scheme', () => {
    const own = /^(node:[a-z_/]+|\.\/[a-z0-9_]+\.ts)$/;
    const foreign = imports.filter(({ name, isInFolder }) =>
      isInFolder
        ? !/^\.\.\/[a-z0-9_]+\.ts$/.test(name) && !own.test(name)
        : !own.test(name),
    );
    expect(foreign).toEqual([]);
  });

  // Their bundles share the one instance of nbuf: whatever else they imported, they would copy.
  test('its folders use nbuf as others do: by its public surface', () => {
    const inside = imports.filter(({ isInFolder }) => isInFolder);
    expect(inside.length).toBeGreaterThan(3);
    const deeper = inside.filter(
      ({ name, isType }) => name.startsWith('../') && name !== '../index.ts' && !isType,
    );
    expect(deeper).toEqual([]);
  });

  test('nbuf/include loads nothing of it', () => {
    expect(read('lib/include.ts')).not.toMatch(/from '\.\//);
  });
});

/** What a file of objects asks of others, by nm. */
function undefinedIn(object: string): string {
  return execFileSync('nm', ['-u', object], { encoding: 'utf8' });
}

describe('native code', () => {
  const core = filesIn('native/core', /\.cc$/);
  const binding = filesIn('native/binding', /\.cc$/);
  const paths = ['native/include', 'native'].map((path) => `-I${join(root, path)}`);

  test.each(core.map((file) => [file]))(
    '%s compiles with a bare C++17 compiler',
    (file) => {
      const options = [...paths, '-Wall', '-Wextra', '-Werror', '-fsyntax-only'];
      expect(compile('c++17', [...options, join(root, file)])).toBe('');
    },
  );

  test('nothing runs at exit: threads may still release then', () => {
    for (const file of [...core, ...binding, ...filesIn('native/include', /\.h(pp)?$/)])
      expect(read(file), file).not.toMatch(
        /\b(atexit|at_quick_exit|__attribute__.*destructor)\b/,
      );
  });

  test.runIf(process.platform === 'linux')(
    'and no static object has a destructor',
    () => {
      for (const file of [...core, ...binding]) {
        const objects = OBJECTS.map((folder) =>
          join(folder, file.replace(/\.cc$/, '.o')),
        ).filter((object) => existsSync(object));
        expect(objects, file).toHaveLength(1);
        expect(undefinedIn(objects[0] as string), file).not.toMatch(
          /__cxa_atexit|__cxa_thread_atexit/,
        );
      }
    },
  );

  test.runIf(process.platform === 'linux')('that check would find one', () => {
    withDirectory((directory) => {
      const object = join(directory, 'x.o');
      const source = '#include <vector>\nstd::vector<int> list;\n';
      expect(compile('c++17', ['-c', '-o', object], source)).toBe('');
      expect(undefinedIn(object)).toMatch(/__cxa_atexit/);
    });
  });
});
