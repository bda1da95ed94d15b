/** Where providers were acquired, noted while `trackProviders(true)` is on. */
import { sep } from 'node:path';
import { performance } from 'node:perf_hooks';
import { show, typeError } from './errors.ts';
import { here } from './native.ts';
import type { Slot } from './root.ts';

/** When and where. */
type Note = {
  /** Weak: a provider that is collected takes its slot along. */
  readonly slot: WeakRef<Slot>;
  readonly since: number;
  readonly stack: string | null;
};

export let isTracking = false;
/** Are there notes to forget? All that a release asks. */
export let hasNotes = false;

/** By the slot's index, which a new slot takes over once the old one was collected. */
const notes = new Map<number, Note>();
const watched = new WeakSet<Slot>();
const collected = new FinalizationRegistry<number>((index) => {
  if (notes.get(index)?.slot.deref() === undefined) notes.delete(index);
});

const OWN_FOLDER = here + sep;

/** Frames that are asked for, before nbuf's own are dropped; and kept of the others. */
const DEPTH = 40;
const KEPT = 16;

/** The calls that led here, without nbuf's own and Node's inner ones. Whatever was done to Error, it does not throw. */
function callers(): string | null {
  const { stackTraceLimit } = Error;
  try {
    Error.stackTraceLimit = DEPTH;
    const { stack } = new Error('acquire');
    if (typeof stack !== 'string') return null;
    const lines = stack.split('\n').slice(1);
    const others = lines.filter(
      (line) => !line.includes(OWN_FOLDER) && !line.includes('node:internal/'),
    );
    const shown = others.map((line) => line.trim()).filter((line) => line !== '');
    return shown.length === 0 ? null : shown.slice(0, KEPT).join('\n');
  } catch {
    return null; // Error.prepareStackTrace is the user's
  } finally {
    restoreLimit(stackTraceLimit);
  }
}

function restoreLimit(limit: number): void {
  try {
    Error.stackTraceLimit = limit;
  } catch {
    // frozen: nothing was changed either
  }
}

let isNoting = false;

/** Notes an acquire. `Error.prepareStackTrace` may acquire, too: that one is not noted. */
export function noteAcquire(slot: Slot): void {
  if (isNoting) return;
  isNoting = true;
  const stack = callers();
  isNoting = false;
  if (!watched.has(slot)) {
    watched.add(slot);
    collected.register(slot, slot.index);
  }
  hasNotes = true;
  notes.set(slot.index, { slot: new WeakRef(slot), since: performance.now(), stack });
}

/** The provider in that slot was released, whether it was noted or not. */
export function forget(index: number): void {
  notes.delete(index);
  hasNotes = notes.size > 0;
}

/** What was noted of the provider that is in a slot now. */
export function noteOf(index: number): { age: number; stack: string | null } | null {
  const note = notes.get(index);
  if (note?.slot.deref() === undefined) return null;
  return { age: Math.round(performance.now() - note.since), stack: note.stack };
}

/**
 * Whether each `acquire` from now on notes when and where it was called, for `error.holders` and
 * `report()`. Off at first: it costs some microseconds an acquire. What was noted stays until its
 * provider is released or collected.
 */
export function trackProviders(on: boolean): void {
  if (typeof on !== 'boolean')
    throw typeError(`on: expected a boolean, found ${show(on)}`);
  isTracking = on;
}
