/**
 * The table of functions at globalThis[Symbol.for('nbuf.api')], through an addon that consumes it
 * (test/addons/table), one process a scenario: what is put at that symbol stays there.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './compiler.ts';

const runner = join(root, 'test/addons/table/scenarios.cjs');
const scenarios = execFileSync(process.execPath, [runner], { encoding: 'utf8' })
  .trim()
  .split('\n');

test('there are scenarios', () => {
  expect(scenarios.length).toBeGreaterThan(12);
});

test.each(scenarios)('%s', (name) => {
  const options = { encoding: 'utf8', timeout: 50_000 } as const;
  const args = ['--expose-gc', runner, name];
  const { status, signal, stderr } = spawnSync(process.execPath, args, options);
  expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' });
});
