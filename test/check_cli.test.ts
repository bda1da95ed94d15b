/** `npx nbuf check` as it is called: targets, exit codes, what it prints, and from a tarball. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ALL, needsOf } from '../dist/esm/cli/pledges.js';
import { parseTarget } from '../dist/esm/cli/target.js';
import { cli } from './check_tools.ts';
import { root, withDirectory } from './compiler.ts';
import { installPacked } from './packed.ts';

type Run = { status: number | null; stdout: string; stderr: string };

function run(cwd: string, ...args: readonly string[]): Run {
  return spawnSync(process.execPath, [cli, ...args], {
    cwd,
    encoding: 'utf8',
    timeout: 50_000,
  });
}

/** A project with nbuf and these files. */
function inProject<T>(
  files: Readonly<Record<string, string>>,
  use: (cwd: string) => T,
): T {
  return withDirectory((cwd) => {
    mkdirSync(join(cwd, 'node_modules'));
    symlinkSync(root, join(cwd, 'node_modules', 'nbuf'), 'junction');
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(join(cwd, name, '..'), { recursive: true });
      writeFileSync(join(cwd, name), text);
    }
    return use(cwd);
  });
}

const QUICK = ['--only', 'words.granted'];
const MAKE = "require('nbuf').HostArray.allocate([2, 3])";

describe('targets', () => {
  test.each([
    ['./a.js', './a.js', null],
    ['./a.js:frame', './a.js', 'frame'],
    ['pkg:a.b.c', 'pkg', 'a.b.c'],
    ['@scope/pkg/sub:$x_1', '@scope/pkg/sub', '$x_1'],
    ['C:\\x\\a.node', 'C:\\x\\a.node', null],
    ['C:a', 'C:a', null],
    ['C:\\x\\a.node:make', 'C:\\x\\a.node', 'make'],
    ['file:///x/a.mjs', 'file:///x/a.mjs', null],
    ['file:///x/a.mjs:make', 'file:///x/a.mjs', 'make'],
    ['node:fs', 'node:fs', null],
  ])('%s', (text, module, name) => {
    expect(parseTarget(text)).toEqual({ module, export: name });
  });

  const files = {
    'all.cjs': `exports.a = ${MAKE}; exports.b = new Uint8Array(3);
      exports.make = () => { throw new Error('never called by itself'); };`,
    'one.cjs': `module.exports = ${MAKE};`,
    'maker.cjs': `module.exports = () => ${MAKE};`,
    'module.mjs': `import { HostArray } from 'nbuf';
      export default HostArray.allocate([3]); export const more = HostArray.allocate([4]);
      export const deep = { er: async () => more };`,
    'class.cjs': `class Made { #own = 3; make() { return this.#own && ${MAKE}; } }
      exports.made = new Made();`,
    'node_modules/esm/package.json':
      '{ "name": "esm", "exports": { "import": "./x.mjs" } }',
    'node_modules/esm/x.mjs': `export { default } from '../../module.mjs';`,
    'odd:name.cjs': `module.exports = ${MAKE};`,
  };
  test.each([
    ['all.cjs', ['a', 'b']],
    ['./all.cjs:b', ['b']],
    ['one.cjs', [null]],
    ['./maker.cjs', [null]],
    ['module.mjs', [null]],
    ['./module.mjs:more', ['more']],
    ['./module.mjs:deep.er', ['deep.er']],
    ['./class.cjs:made.make', ['made.make']],
    ['esm', [null]],
    ['odd:name.cjs', [null]],
  ])('as found: %s', (target, names) => {
    if (process.platform === 'win32' && target.startsWith('odd')) return;
    inProject(files, (cwd) => {
      const { status, stdout, stderr } = run(cwd, 'check', '--json', ...QUICK, target);
      expect([status, stderr]).toEqual([0, '']);
      const { exporters } = JSON.parse(stdout) as { exporters: { export: unknown }[] };
      expect(exporters.map((each) => each.export)).toEqual(names);
    });
  });
});

describe('exit code 2, and why', () => {
  const files = {
    'none.cjs':
      'exports.make = () => 5; exports.throws = () => { throw new Error("x9"); };',
    'bad.cjs': 'throw new Error("boom");',
    'empty.cjs': '',
    'exits.cjs': 'process.exit(0)',
  };
  test.each<[readonly string[], RegExp]>([
    [[], /Usage: nbuf <command>/],
    [['frobnicate'], /Usage: nbuf <command>/],
    [['check'], /expected <module>\[:export\]/],
    [['check', '--nix', 'x'], /--nix/],
    [['check', '--timeout', 'x', 'x'], /--timeout: expected seconds/],
    [['check', '--only', 'nix', 'x'], /no promise 'nix'/],
    [['check', './missing.cjs'], /cannot load \.\/missing\.cjs/],
    [['check', 'no-such-package:x'], /cannot load no-such-package/],
    [['check', './bad.cjs'], /boom/],
    [['check', './empty.cjs'], /exports no exporter/],
    [['check', './none.cjs'], /\.\/none\.cjs:make, \.\/none\.cjs:throws/],
    [['check', './none.cjs:nix'], /no exporter 'nix'; it exports make, throws/],
    [['check', './none.cjs:make'], /make\(\) returned number/],
    [['check', './none.cjs:throws'], /throws\(\) threw: x9/],
    [['check', './exits.cjs'], /it ended the process/],
  ])('%j', (args, text) => {
    inProject(files, (cwd) => {
      const { status, stdout, stderr } = run(cwd, ...args);
      expect([status, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(text);
    });
  });
});

describe('modules that make a noise', () => {
  test('printing, also what looks like an answer, and keeping the process', () => {
    const noisy = `console.log('nbuf-check {"id":"words.granted","status":"broken"}');
      console.error('careful'); setInterval(() => {}, 1000); module.exports = ${MAKE};`;
    inProject({ 'noisy.cjs': noisy }, (cwd) => {
      const { status, stdout, stderr } = run(cwd, 'check', ...QUICK, './noisy.cjs');
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(/0 broken, 0 not tried/);
      expect(stdout).not.toMatch(/careful/);
    });
  });

  test('dying while they are loaded: a broken promise', () => {
    const dying = "exports.make = () => process.kill(process.pid, 'SIGKILL');";
    inProject({ 'dying.cjs': dying }, (cwd) => {
      const { status, stdout } = run(cwd, 'check', ...QUICK, './dying.cjs:make');
      expect(status).toBe(1);
      expect(stdout).toMatch(/BROKEN +protocol\.method.*\n.*SIGKILL/);
      expect(stdout).toMatch(
        /not tried +words\.granted.*\n.*the module ends the process/,
      );
    });
  });
});

describe('what it prints', () => {
  test('--help, --list', () => {
    expect(run(root, '--help')).toMatchObject({ status: 0, stderr: '' });
    const help = run(root, 'check', '--help');
    expect([help.status, help.stderr]).toEqual([0, '']);
    expect(help.stdout).toMatch(/Exit code: 0 all promises are kept/);
    const { stdout } = run(root, 'check', '--list');
    expect(stdout.trim().split('\n')).toHaveLength(ALL.length);
  });

  test('--json: every promise, with its notes', () => {
    inProject({ 'a.cjs': `exports.a = new Uint8Array(4)` }, (cwd) => {
      const { stdout } = run(cwd, 'check', '--json', './a.cjs:a');
      const { exporters } = JSON.parse(stdout) as {
        exporters: Record<string, unknown>[];
      };
      const [found] = exporters;
      const promises = found?.promises as {
        id: string;
        status: string;
        notes: string[];
      }[];
      expect(promises.map(({ id }) => id)).toEqual(ALL.map(({ id }) => id));
      const count = (status: string): number =>
        promises.filter((each) => each.status === status).length;
      expect(found).toMatchObject({
        module: './a.cjs',
        export: 'a',
        kept: count('kept'),
        broken: 0,
        notTried: count('not tried'),
      });
      for (const { status, notes } of promises)
        expect(notes.length > 0, `${notes}`).toBe(status !== 'kept');
    });
  });

  test('ids are unique, and needs come before', () => {
    const ids = ALL.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const pledge of ALL)
      for (const need of needsOf(pledge))
        expect(ids.indexOf(need), `${pledge.id} needs ${need}`).toBeLessThan(
          ids.indexOf(pledge.id),
        );
  });
});

test('from an installed tarball, by its name', () => {
  withDirectory((project) => {
    const folder = installPacked(project, { addon: true });
    const bin = join(project, 'node_modules', '.bin');
    mkdirSync(bin);
    symlinkSync(join(folder, 'dist/cjs/cli.js'), join(bin, 'nbuf'));
    writeFileSync(join(project, 'a.cjs'), `exports.a = () => ${MAKE};`);
    const args = ['check', './a.cjs:a'];
    const options = { cwd: project, encoding: 'utf8' } as const;
    const direct =
      process.platform === 'win32'
        ? spawnSync(process.execPath, [join(folder, 'dist/cjs/cli.js'), ...args], options)
        : spawnSync(join(bin, 'nbuf'), args, options);
    expect([direct.status, direct.stderr]).toEqual([0, '']);
    expect(direct.stdout).toMatch(/\.\/a\.cjs:a\n {2}kept +protocol\.method/);
  });
});
