/**
 * DESIGN 6.1-6.4 and 7: every rule is a program in test/lifecycle, run on every Node. A program
 * holds when it exits with 0, by no signal, and without a word.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { canInstall, findRuntimes } from '../scripts/runtimes.mjs';
import { run } from './lifecycle_run.ts';

const folder = join(import.meta.dirname, 'lifecycle');
const programs = readdirSync(folder).filter((name) => name.endsWith('.mjs'));
const runtimes = findRuntimes();
const TIMEOUT = 1_800_000; // they wait for each other

/** `// flags on 26: --x` in a program: what Node 26 is to be started with. */
function flagsOf(file: string, runtime: string): string[] {
  const text = readFileSync(join(folder, file), 'utf8');
  const found = /^\/\/ flags on (\d+): (.*)$/m.exec(text);
  const major = /\d+/.exec(runtime)?.[0];
  return found?.[1] === major ? (found?.[2] ?? '').split(' ') : [];
}

test('there are programs, and runtimes to run them on', () => {
  expect(programs.length).toBeGreaterThan(40);
  const isAlone = !canInstall || process.env.NBUF_TEST_RUNTIMES === 'system';
  expect(runtimes).toHaveLength(isAlone ? 1 : 4);
});

describe.concurrent.each(runtimes)('$name', ({ name, program }) => {
  test.each(programs)('%s', { timeout: TIMEOUT }, async (file) => {
    const outcome = await run(program, [...flagsOf(file, name), join(folder, file)]);
    expect(outcome).toEqual({ code: 0, signal: null, output: '' });
  });
});

describe.concurrent.each(runtimes)('exit at every prefix: $name', ({ program }) => {
  const file = join(folder, 'support', 'exit_at.mjs');
  const ways = ['end', 'exit', 'kill'];
  const ofWorker = ['end', 'exit', 'uncaught', 'terminate'];
  const steps = Array.from({ length: 12 }, (_, k) => `${k}`);

  test.each([...ways, ...ofWorker.map((way) => `worker ${way}`)])(
    '%s',
    { timeout: TIMEOUT },
    async (way) => {
      for (const step of steps) {
        const outcome = await run(program, [file, step, way]);
        expect(outcome, `step ${step}`).toEqual({ code: 0, signal: null, output: '' });
      }
    },
  );

  test('an uncaught error', { timeout: TIMEOUT }, async () => {
    for (const step of steps) {
      const { code, signal, output } = await run(program, [file, step, 'uncaught']);
      expect({ code, signal }, `step ${step}: ${output}`).toEqual({
        code: 1,
        signal: null,
      });
      expect(output).toContain('this ends it');
    }
  });
});
