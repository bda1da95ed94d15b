/** Objects that show locks as HostArray does, and lie about them or do not keep them. */

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tryPledges } from '../dist/esm/cli/child.js';
import { LOCKING } from '../dist/esm/cli/pledges_locks.js';
import type { Outcome } from '../dist/esm/cli/promise_types.js';
import { loadProbe } from '../dist/esm/cli/raw.js';
import { Subject } from '../dist/esm/cli/subject.js';
import { brokenOf, type Outcomes } from './check_tools.ts';
import { root } from './compiler.ts';

const makers = createRequire(import.meta.url)(
  join(root, 'test/check/lock_liars.cjs'),
) as Readonly<Record<string, () => unknown>>;

/** The promises that each breaks, and what is told of the first. */
const LIARS: Readonly<
  Record<string, readonly [broken: readonly string[], note: RegExp]>
> = {
  honest: [[], /^$/],
  resizes: [
    ['locks.resize'],
    /resize\(\) while the memory is held to fail.*found it done/,
  ],
  namesNobody: [['locks.resize'], /expected the holder 'nbuf check' in the message/],
  wrongCode: [['locks.layout'], /ERR_NBUF_LOCKED, found ERR_OUT_OF_RANGE/],
  neverFree: [['locks.layout'], /setLayout\(\) after unlock_layout to be allowed/],
  relaysOut: [['locks.layout'], /found it done/],
  disposeThrows: [['locks.dispose'], /dispose\(\) never to throw/],
  disposeForgets: [['locks.dispose'], /expected RELEASED of acquire after dispose/],
  countsMemoryOnly: [['locks.counts'], /layout: 2 \}, found \{ memory: 3, layout: 3/],
  countsNothing: [
    ['locks.counts', 'locks.collected'],
    /memory: 2, layout: 2 \}, found \{ memory: 0/,
  ],
  neverCollects: [['locks.counts', 'locks.collected'], /after the release of both/],
};

async function check(make: () => unknown): Promise<Outcomes> {
  const source = { value: make(), make: async () => make() };
  const done: Record<string, Outcome> = {};
  await tryPledges(new Subject(loadProbe(), source), LOCKING, done, () => {});
  return done;
}

describe('locks', () => {
  test.each(Object.entries(LIARS))('%s', async (name, [broken, note]) => {
    const outcomes = await check(makers[name] as () => unknown);
    const found = brokenOf(outcomes);
    expect(found).toEqual(broken);
    expect(outcomes[found[0] ?? '']?.notes.join('\n') ?? '').toMatch(note);
  });
});
