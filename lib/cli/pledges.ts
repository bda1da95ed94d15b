/** All promises, in the order in which they are tried. */
import { ASKING } from './pledges_ask.ts';
import { ASKED, FIELDS } from './pledges_fields.ts';
import { HOLDING } from './pledges_held.ts';
import { EXIT, LIVING } from './pledges_life.ts';
import { LOCKING } from './pledges_locks.ts';
import { PROTOCOL } from './pledges_protocol.ts';
import { THREADED } from './pledges_threads.ts';
import type { Pledge } from './promise_types.ts';
import { WORKER } from './worker.ts';

/** Each is tried in the first process; after a crash the next ones in another. */
export const PLEDGES: readonly Pledge[] = [
  ...PROTOCOL,
  ...ASKING,
  ...FIELDS,
  ...ASKED,
  ...HOLDING,
  ...THREADED,
  ...LIVING,
  ...LOCKING,
  EXIT,
];

/** The one that needs a process in which the main thread never loads the module. */
export const APART: Pledge = WORKER;

export const ALL: readonly Pledge[] = [...PLEDGES, APART];

/** `fields` stands for all of its group. */
export function needsOf(pledge: Pledge): string[] {
  return (pledge.needs ?? []).flatMap((need) =>
    need.includes('.')
      ? [need]
      : ALL.filter(({ id }) => id.startsWith(`${need}.`)).map(({ id }) => id),
  );
}
