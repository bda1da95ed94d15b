/** NBUF_REPORT=exit: what is still held is printed when a thread ends, and nothing else changes. */

import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { root } from './compiler.ts';

type Outcome = {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
};

const PRELUDE = `
  const { acquire, HostArray } = require('nbuf');
  const { Worker, isMainThread } = require('node:worker_threads');
  const array = HostArray.allocate([480, 640, 3]);
  function open(label) { return acquire(array, { label }); }`;

function run(source: string, env: Record<string, string> = {}, shell = ''): Outcome {
  const { NODE_OPTIONS: _, ...rest } = process.env;
  const { status, stdout, stderr } = spawnSync(
    shell === '' ? process.execPath : '/bin/sh',
    shell === ''
      ? ['-e', `${PRELUDE}${source}`]
      : ['-c', shell, process.execPath, `${PRELUDE}${source}`],
    {
      cwd: root,
      encoding: 'utf8',
      env: { ...rest, NBUF_REPORT: 'exit', ...env },
      timeout: 60_000,
    },
  );
  return { code: status, out: stdout, err: stderr };
}

const LEFT = [
  /^nbuf: process exit: 1 provider not released$/m,
  /^ {2}'viewer', \d+ ms, 480×640×3, 'B', 921600 bytes, memory and layout lock$/m,
  /^ {6}at open \(.*\)$/m,
];

function expectLeft(err: string): void {
  for (const pattern of LEFT) expect(err).toMatch(pattern);
}

describe('NBUF_REPORT=exit', () => {
  test.each([
    ['the end', '', 0],
    ['process.exit', 'process.exit(3);', 3],
    ['process.exitCode', 'process.exitCode = 4;', 4],
    [
      'process.exit in one go with a handler',
      "process.on('exit', () => {}); process.exit(5);",
      5,
    ],
    ['a rejection', 'Promise.reject(new Error("mine"));', 1],
    ['an uncaught error', 'throw new Error("mine");', 1],
  ])('prints what is held at %s', (_, ending, code) => {
    const outcome = run(`globalThis.p = open('viewer'); ${ending}`);
    expectLeft(outcome.err);
    expect([outcome.code, outcome.out]).toEqual([code, '']);
  });

  test('says so where nothing is held', () => {
    const outcome = run(`open('viewer').release();`);
    expect(outcome).toEqual({
      code: 0,
      out: '',
      err: 'nbuf: process exit: every provider was released\n',
    });
  });

  test("comes after the user's handlers, which may still release", () => {
    const { err } = run(`const p = open('viewer');
      process.on('exit', () => p.release());
      process.emit('exit');`);
    expect(err).toBe('nbuf: process exit: every provider was released\n');
  });

  test('tells of buffers', () => {
    const { err } = run(`const p = open('a'); globalThis.waiting = p.bytes(); p.release();
      require('node:v8').setFlagsFromString('--expose-gc');
      const gc = require('node:vm').runInNewContext('gc');
      globalThis.kept = (() => acquire(HostArray.allocate([10])).bytes())();
      setTimeout(gc, 1);
      setTimeout(gc, 20);`);
    expect(err).toMatch(
      /1 provider not released\n {2}'ArrayBuffer', \d+ ms, 10, 'B', 10 bytes/,
    );
    expect(err).toContain(
      'nbuf: process exit: 1 ArrayBuffer without a provider\n  kept, 10 bytes\n' +
        'nbuf: process exit: 921600 bytes in 1 ArrayBuffer waited for garbage collection\n',
    );
  });

  test.each([
    ['the end', ''],
    ['process.exit', 'process.exit(0);'],
  ])('at %s of a worker', (_, ending) => {
    const worker = `${PRELUDE} globalThis.p = open('theirs'); p.bytes(); ${ending}`;
    const { code, err } = run(`new Worker(${JSON.stringify(worker)}, { eval: true });`);
    expect(err).toMatch(
      /^nbuf: end of worker 1: 1 provider not released\n {2}'theirs', /,
    );
    expect(err).toMatch(/nbuf: process exit: every provider was released\n$/);
    expect(code).toBe(0);
  });

  test('shows a hundred of many', () => {
    const { err } = run(
      `globalThis.held = Array.from({ length: 250 }, (_, k) => open('n' + k));`,
    );
    expect(err).toContain('250 providers not released');
    expect(err.match(/^ {2}'n\d+'/gm)).toHaveLength(100);
    expect(err).toContain('  … and 150 more');
  });

  test('changes nothing where it cannot be written, or Error is broken', () => {
    const held = `globalThis.p = open('viewer');`;
    expect(run(held, {}, '"$0" -e "$1" 2>&-').code).toBe(0);
    expect(run(held, {}, '"$0" -e "$1" 2>/dev/full').code).toBe(0);
    const broken = `Error.prepareStackTrace = () => { throw 1 }; Error.stackTraceLimit = 0;
      Array.prototype.map = () => { throw 2 }; ${held} process.exitCode = 7;`;
    expect(run(broken).code).toBe(7);
  });

  test('is silent otherwise', () => {
    for (const value of ['', '0', 'Exit', '1'])
      expect(run(`globalThis.p = open('viewer');`, { NBUF_REPORT: value })).toEqual({
        code: 0,
        out: '',
        err: '',
      });
  });
});
