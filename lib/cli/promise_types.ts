/** What a promise of an exporter is, and what became of trying it. */
import type { Subject } from './subject.ts';

export type Status = 'kept' | 'broken' | 'not tried';

export type Outcome = {
  readonly status: Status;
  /** What was expected and found; or why it was not tried. */
  readonly notes: readonly string[];
  /** Not tried for want of another promise, rather than by the exporter's nature. */
  readonly isBlocked?: true;
};

/** One promise. `id` is stable: scripts may match it. */
export type Pledge = {
  readonly id: string;
  /** One sentence. */
  readonly text: string;
  /** Where it is written. */
  readonly source: string;
  /** Those without which this one cannot be tried. */
  readonly needs?: readonly string[];
  /** What is wrong; nothing when it is kept. */
  readonly attempt: (subject: Subject) => readonly string[] | Promise<readonly string[]>;
};

/** Thrown by an attempt that cannot be made with this exporter. */
export class NotTried extends Error {}

/** Where promises are written. */
export const ABI = 'nbuf.h';
export const NODE = 'nbuf_node.h, PROTOCOL';
export const LOCKS = 'docs/abi.md, Locks';
export const THREADS = 'nbuf.h, Threads';
export const PEP = 'PEP 3118; nbuf.h, flags';
