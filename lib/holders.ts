/** Changes of an array that its holders can refuse, and the errors that name these. */
import { BufferError, type Holder } from './errors.ts';
import { check, type NativeHolder, native, nativeError } from './native.ts';
import { noteOf } from './tracking.ts';

/** A holder as JavaScript is told of it. */
export function holderOf({ label, age, layout, slot }: NativeHolder): Holder {
  const note = slot < 0 ? null : noteOf(slot);
  return {
    label,
    age: note === null ? age : note.age,
    locks: { memory: true, layout },
    stack: note === null ? null : note.stack,
  };
}

/** Nobody was in the way any more when it was asked who: then it is worth trying again. */
const TRIES = 3;

/**
 * Runs `attempt`, which passes its arguments and returns a native status; throws its error.
 * LOCKED comes with who holds the memory, or with `layoutOnly` the layout, of the array.
 */
export function changeArray(
  array: number,
  layoutOnly: boolean,
  attempt: () => number,
): void {
  for (let left = TRIES; ; left--) {
    const status = attempt();
    if (status >= 0) return;
    const error = nativeError(status);
    if (!(error instanceof BufferError) || error.code !== 'ERR_NBUF_LOCKED') throw error;
    const found = check<NativeHolder[]>(native.holders(array, layoutOnly ? 1 : 0));
    if (found.length === 0 && left > 1) continue;
    const holders = Object.freeze(found.map(holderOf));
    throw new BufferError(error.code, error.message, { holders });
  }
}
