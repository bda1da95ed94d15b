/** Levels as PEP 3118's suboffsets and back: what the one can say and the other cannot. */

import { BufferError } from './errors.ts';
import type { Levels } from './layout.ts';

/** How many levels a layout has; 1 when it follows no pointer. */
export function levelCount(levels: Levels | null): number {
  return levels === null ? 1 : levels.post.length + 1;
}

/**
 * What suboffsets mean: a pointer is followed behind each axis whose entry is not negative.
 * Null where none is.
 */
export function levelsOf(suboffsets: readonly number[]): Levels | null {
  const post = suboffsets.filter((entry) => entry >= 0);
  if (post.length === 0) return null;
  let level = 0;
  const axis = suboffsets.map((entry) => (entry >= 0 ? level++ : level));
  return { axis, post };
}

/** Why suboffsets cannot say these levels; null where they can. */
function whyNot({ axis, post }: Levels): string | null {
  for (let k = 1; k < axis.length; k++)
    if ((axis[k] as number) < (axis[k - 1] as number))
      return `axis ${k} moves in front of a pointer that axis ${k - 1} lies behind`;
  for (let level = 0; level < post.length; level++) {
    if (!axis.includes(level)) return `no axis moves in level ${level}`;
    const added = post[level] as number;
    if (added < 0) return `${added} bytes are added behind the pointer of level ${level}`;
  }
  return null;
}

/** PEP 3118's suboffsets of levels. SUBOFFSETS with the reason where it has none. */
export function suboffsetsOf(levels: Levels): number[] {
  const reason = whyNot(levels);
  if (reason !== null)
    throw new BufferError(
      'ERR_NBUF_SUBOFFSETS',
      `suboffsets cannot say this layout: ${reason}; see levels, or copy with toContiguous()`,
    );
  const { axis, post } = levels;
  // The pointer of a level is followed behind the last of its axes.
  return axis.map((level, k) =>
    level < post.length && axis[k + 1] !== level ? (post[level] as number) : -1,
  );
}

/** The levels of a layout to which axes behind all others were added: those are in the last. */
export function withInnerAxes(levels: Levels | null, count: number): Levels | null {
  if (levels === null || count === 0) return levels;
  const { axis, post } = levels;
  return { axis: [...axis, ...new Array<number>(count).fill(post.length)], post };
}

/** The offset and levels of a layout whose elements all moved by so many bytes. */
export function movedBy(
  offset: number,
  levels: Levels | null,
  bytes: number,
): { readonly offset: number; readonly levels: Levels | null } {
  if (levels === null) return { offset: offset + bytes, levels };
  const post = levels.post.slice();
  post[post.length - 1] = (post[post.length - 1] as number) + bytes;
  return { offset, levels: { axis: levels.axis, post } };
}

/** For messages and pictures: as suboffsets where these can say it. */
export function showLevels(levels: Levels | null): string {
  if (levels === null) return '';
  const { axis, post } = levels;
  return whyNot(levels) === null
    ? ` suboffsets [${suboffsetsOf(levels).join(', ')}]`
    : ` levels [${axis.join(', ')}] + [${post.join(', ')}]`;
}
