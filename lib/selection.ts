/** `slice`: a selection of indices and ranges, with NumPy's basic semantics, on a layout. */

import { isArray, rangeError, show, typeError } from './errors.ts';
import { isEmpty, type Layout, type Levels, makeLayout } from './layout.ts';
import { exact, MAX_NDIM } from './layout_check.ts';

/** One entry of `slice`: an index, a kept axis, a range, an ellipsis, or a new axis. */
export type Selection =
  | number
  | ':'
  | null
  | '...'
  | 'newaxis'
  | readonly (number | null | undefined)[];

/** Python's start:stop:step with the defaults filled in, not yet clipped to an extent. */
type Range = { readonly start: number; readonly stop: number; readonly step: number };

type Item = number | Range | ':' | '...' | 'newaxis';

function checkPart(part: unknown, fallback: number): number {
  if (part === undefined || part === null) return fallback;
  if (Number.isInteger(part)) return part as number;
  throw typeError(`slice: expected integers in [start, stop, step], found ${show(part)}`);
}

/** Copies [start?, stop?, step?]; the caller's getters run here. As in Python, ends clip. */
function checkRange(parts: readonly unknown[]): Range {
  const count: unknown = parts.length;
  if (typeof count !== 'number' || !(count >= 0 && count <= 3))
    throw rangeError(`slice: expected [start, stop, step], found ${show(count)} entries`);
  const first = count > 0 ? parts[0] : undefined;
  const second = count > 1 ? parts[1] : undefined;
  const step = checkPart(count > 2 ? parts[2] : undefined, 1);
  const start = checkPart(first, step < 0 ? Infinity : 0);
  const stop = checkPart(second, step < 0 ? -Infinity : Infinity);
  return { start, stop, step };
}

function checkItem(item: unknown): Item {
  if (typeof item === 'number') {
    if (Number.isInteger(item)) return item;
  } else if (typeof item === 'string') {
    if (item === ':' || item === '...' || item === 'newaxis') return item;
  } else if (item === null) {
    return ':';
  } else if (isArray(item)) {
    return checkRange(item);
  }
  throw typeError(
    "slice: expected an integer, ':', null, '...', 'newaxis' or [start, stop, step], " +
      `found ${show(item)}`,
  );
}

/** The axes that no item names: what '...' stands for, or the rest after the last item. */
function countUnnamed(items: readonly Item[], ndim: number): number {
  let indices = 0;
  let ellipses = 0;
  let added = 0;
  for (let k = 0; k < items.length; k++) {
    const item = items[k];
    if (typeof item === 'number') indices++;
    else if (typeof item === 'object') continue;
    else if (item === '...') ellipses++;
    else if (item === 'newaxis') added++;
  }
  const named = items.length - ellipses - added;
  if (ellipses > 1) throw rangeError(`slice: expected one '...', found ${ellipses}`);
  if (named > ndim)
    throw rangeError(`slice: expected at most ${ndim} indices, found ${named}`);
  if (ndim - indices + added > MAX_NDIM)
    throw rangeError(
      `slice: expected at most ${MAX_NDIM} axes, found ${ndim - indices + added}`,
    );
  return ndim - named;
}

/** The layout being written while the items are read from left to right. */
type Cursor = {
  readonly layout: Layout;
  readonly shape: number[];
  readonly strides: number[];
  /** Null for direct layouts. */
  readonly levels: { readonly axis: number[]; readonly post: number[] } | null;
  offset: number;
  axis: number;
  /** Has it no elements? An index cannot undo that: it would not be in the axis. */
  isEmpty: boolean;
};

/** To be moved; direct layouts have none. */
function copyOf(levels: Levels | null): Cursor['levels'] {
  return levels === null ? null : { axis: [], post: levels.post.slice() };
}

function keepAxes(out: Cursor, count: number): void {
  const { shape, strides } = out.layout;
  for (const end = out.axis + count; out.axis < end; out.axis++) {
    out.shape.push(shape[out.axis] as number);
    out.strides.push(strides[out.axis] as number);
    if (out.levels !== null) keepLevel(out);
  }
}

/** The new axis moves in the level of the current one; behind all axes, in the last level. */
function keepLevel({ layout, levels, axis }: Cursor): void {
  const old = layout.levels as Levels;
  levels?.axis.push(old.axis[axis] ?? old.post.length);
}

/** Overflows in no block; but the axes of an empty layout may have any stride. */
function advance(out: Cursor, index: number): void {
  if (out.isEmpty) return;
  const distance = index * (out.layout.strides[out.axis] as number);
  const { levels } = out.layout;
  const level = levels === null ? 0 : (levels.axis[out.axis] as number);
  if (level === 0 || out.levels === null) {
    out.offset = exact(out.offset + exact(distance, 'offset'), 'offset');
  } else {
    // Behind the pointer that was followed last: what is in front of it stays as it is.
    const { post } = out.levels;
    const moved = (post[level - 1] as number) + exact(distance, 'offset');
    post[level - 1] = exact(moved, 'offset');
  }
}

function takeIndex(out: Cursor, index: number): void {
  const size = out.layout.shape[out.axis] as number;
  if (index < -size || index >= size)
    throw rangeError(
      `slice: expected ${-size} <= index < ${size} for axis ${out.axis}, found ${index}`,
    );
  advance(out, index < 0 ? index + size : index);
  out.axis++;
}

/** PySlice_AdjustIndices for one end: from the end when negative, then into [low, high]. */
function clip(end: number, size: number, low: number, high: number): number {
  const at = end < 0 ? end + size : end;
  return Math.max(low, Math.min(at, high));
}

/** How many steps lie in `distance`, rounded up: never wrong for two safe integers. */
function countSteps(distance: number, step: number): number {
  if (distance <= 0) return 0;
  return step === 1 ? distance : Math.ceil(distance / step);
}

function takeRange(out: Cursor, range: Range): void {
  const size = out.layout.shape[out.axis] as number;
  const stride = out.layout.strides[out.axis] as number;
  const { step } = range;
  if (step === 0) throw rangeError('slice: expected a step other than 0');
  const low = step < 0 ? -1 : 0;
  const start = clip(range.start, size, low, size + low);
  const stop = clip(range.stop, size, low, size + low);
  const count =
    step < 0 ? countSteps(start - stop, -step) : countSteps(stop - start, step);
  if (count > 0) advance(out, start);
  else out.isEmpty = true;
  // Only a step that reaches past the axis can overflow, and that one is never taken.
  const newStride = step === 1 ? stride : stride * step + 0;
  out.shape.push(count);
  out.strides.push(count > 1 || Number.isSafeInteger(newStride) ? newStride : stride);
  if (out.levels !== null) keepLevel(out);
  out.axis++;
}

function takeItem(out: Cursor, item: Item, unnamed: number): void {
  if (typeof item === 'number') {
    takeIndex(out, item);
  } else if (typeof item === 'object') {
    takeRange(out, item);
  } else if (item === ':') {
    keepAxes(out, 1);
  } else if (item === 'newaxis') {
    out.shape.push(1);
    out.strides.push(0);
    if (out.levels !== null) keepLevel(out);
  } else {
    keepAxes(out, unnamed);
  }
}

/**
 * The view that `selection` (the caller's rest parameter) picks. All items are converted
 * first; after that nothing calls JavaScript of the caller. An empty result keeps the offsets:
 * there is no first element, and the sum could leave the block.
 */
export function slice(layout: Layout, selection: readonly unknown[]): Layout {
  const items: Item[] = new Array(selection.length);
  for (let k = 0; k < selection.length; k++) items[k] = checkItem(selection[k]);
  const unnamed = countUnnamed(items, layout.shape.length);
  const out: Cursor = {
    layout,
    shape: [],
    strides: [],
    levels: copyOf(layout.levels),
    offset: layout.offset,
    axis: 0,
    isEmpty: isEmpty(layout.shape),
  };
  for (let k = 0; k < items.length; k++) takeItem(out, items[k] as Item, unnamed);
  keepAxes(out, layout.shape.length - out.axis);
  const { shape, strides, levels } = out;
  if (!out.isEmpty)
    return makeLayout(shape, strides, out.offset, layout.itemsize, levels);
  const kept = levels === null ? null : { ...levels, post: layout.levels?.post ?? [] };
  return makeLayout(shape, strides, layout.offset, layout.itemsize, kept);
}
