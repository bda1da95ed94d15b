/** Runs the conformance kit: in this process, or as `npx nbuf check` does. */

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { checkTarget, type Row } from '../dist/esm/cli/check_run.js';
import { tryPledges } from '../dist/esm/cli/child.js';
import { PLEDGES } from '../dist/esm/cli/pledges.js';
import type { Outcome } from '../dist/esm/cli/promise_types.js';
import { loadProbe } from '../dist/esm/cli/raw.js';
import { Subject } from '../dist/esm/cli/subject.js';
import { parseTarget } from '../dist/esm/cli/target.js';
import { root } from './compiler.ts';
import { addonFile } from './foreign_addon.ts';

export const cli: string = join(root, 'dist/cjs/cli.js');

export type Outcomes = Readonly<Record<string, Outcome>>;

type Kit = Readonly<Record<string, () => object>>;

/** One function for each lie and each trick of test/addons/hostile. */
export const kit: Kit = (createRequire(import.meta.url)(addonFile) as { kit: Kit }).kit;

/** What cannot go wrong for this process: nothing about threads, ends and locks. */
const STATIC = PLEDGES.filter(({ id }) =>
  /^(protocol|ops|acquire|fields|blocks|words)\./.test(id),
);

export async function checkHere(make: () => unknown): Promise<Outcomes> {
  const source = { value: make(), make: async () => make() };
  const done: Record<string, Outcome> = {};
  await tryPledges(new Subject(loadProbe(), source), STATIC, done, () => {});
  return done;
}

export function brokenOf(outcomes: Outcomes): string[] {
  return Object.keys(outcomes).filter((id) => outcomes[id]?.status === 'broken');
}

/** In processes of its own. `only`: promises with all that they need. */
export function checkApart(
  text: string,
  only: readonly string[] | null = null,
  timeout = 30,
): Promise<Row[]> {
  return checkTarget(parseTarget(text), { cli, timeout, only });
}
