/** One field of all records of a view, as a view of its own: nothing is copied. */

import { loneItem } from './element_access.ts';
import { namesOf } from './element_record.ts';
import { formatOf } from './elements.ts';
import { BufferError, isArray, rangeError, show, typeError } from './errors.ts';
import type { FormatItem, FormatTree } from './format_tree.ts';
import { writeTree } from './format_write.ts';
import { isEmpty, type Layout, makeLayout } from './layout.ts';
import { MAX_NDIM } from './layout_check.ts';
import { movedBy, withInnerAxes } from './levels.ts';
import { ViewInfo } from './view_info.ts';

/** `'pos.x'`, or the names (indices, of items without names) from the outermost inwards. */
export type FieldPath = string | number | readonly (string | number)[];

/** Where the walk through the nested records stands. */
type Place = {
  /** Bytes from the start of the whole element. */
  offset: number;
  /** Bytes that one entry has: the padding behind the last record need not be there. */
  room: number;
  readonly shape: number[];
  readonly strides: number[];
};

/** A sub-array's axes follow those of the view. */
function enter(place: Place, item: FormatItem): void {
  place.offset += item.offset;
  place.room -= item.offset;
  if (!item.spread) {
    const entries = item.shape.reduce((product, extent) => product * extent, 1);
    // Without entries nothing is there that could be cut.
    place.room =
      entries === 0 ? item.itemsize : place.room - (entries - 1) * item.itemsize;
  }
  place.room = Math.min(place.room, item.itemsize);
  if (item.spread) return; // an index says which one
  const strides: number[] = [];
  let step = item.itemsize;
  for (let axis = item.shape.length - 1; axis >= 0; axis--) {
    strides.unshift(step);
    step *= item.shape[axis] as number;
  }
  place.shape.push(...item.shape);
  place.strides.push(...strides);
}

function noField(key: string | number, items: readonly FormatItem[]): Error {
  const names = namesOf(items);
  const known =
    names === null ? `${items.length} items without names` : names.map(show).join(', ');
  return rangeError(`field: expected one of ${known || 'no fields'}, found ${show(key)}`);
}

/** The item at an index; a spread one counts as often as it repeats. */
function itemAt(
  items: readonly FormatItem[],
  index: number,
  place: Place,
): FormatItem | undefined {
  let left = index;
  for (const item of items) {
    const count = item.spread ? (item.shape[0] as number) : 1;
    if (left < count) {
      if (item.spread) {
        place.offset += left * item.itemsize;
        place.room -= left * item.itemsize;
      }
      return item;
    }
    left -= count;
  }
  return undefined;
}

function find(items: readonly FormatItem[], key: string | number, place: Place) {
  const item =
    typeof key === 'number'
      ? itemAt(items, key, place)
      : items[namesOf(items)?.indexOf(key) ?? -1];
  if (item === undefined) throw noField(key, items);
  enter(place, item);
  return item;
}

function checkKey(key: unknown): string | number {
  if (typeof key === 'string') return key;
  if (typeof key !== 'number')
    throw typeError(`field: expected names or indices, found ${show(key)}`);
  if (!Number.isInteger(key) || key < 0)
    throw rangeError(`field: expected an index >= 0, found ${key}`);
  return key;
}

/** A checked copy. */
export function pathOf(path: unknown): FieldPath {
  if (typeof path === 'string') return path;
  if (!isArray(path)) return [checkKey(path)];
  const keys = Array.from(path, checkKey);
  if (keys.length === 0)
    throw rangeError('field: expected at least one name, found none');
  return keys;
}

/** Names may have dots in them: a field that is called so comes before the path. */
function keysOf(path: FieldPath, items: readonly FormatItem[]) {
  if (typeof path !== 'string') return typeof path === 'number' ? [path] : path;
  return namesOf(items)?.includes(path) === true ? [path] : path.split('.');
}

/** The records' items: those of the element itself, or of its lone `T{...}`. */
function startOf(tree: FormatTree, place: Place): readonly FormatItem[] {
  const lone = loneItem(tree);
  if (lone?.type !== 'T' || lone.spread) return tree.items;
  enter(place, lone);
  return lone.items ?? [];
}

/** `item` as the format of elements of its own. */
function formatOfItem(item: FormatItem, itemsize: number): string {
  // NumPy's void has a name here, without which it would be padding.
  const type = item.type === 'x' ? 's' : item.type;
  const alone = { ...item, type, name: null, offset: 0, shape: [], spread: false };
  const { align } = item;
  return writeTree({ items: [alone], size: itemsize, itemsize, align }, itemsize);
}

function checkPlace(item: FormatItem, ndim: number): void {
  if (item.type === 't')
    throw new BufferError('ERR_NBUF_FORMAT', 'field: bits have no address of their own');
  if (item.itemsize === 0)
    throw rangeError('field: expected one of at least 1 byte, found one without any');
  if (ndim > MAX_NDIM)
    throw rangeError(`field: expected at most ${MAX_NDIM} axes, found ${ndim}`);
}

/** What a view of one field shows; axes of sub-arrays on the way come last. */
export function fieldOf(info: ViewInfo, path: FieldPath): ViewInfo {
  const { tree, access } = info.format;
  if (tree === null) throw access.refusal();
  const { layout } = info;
  const place: Place = {
    offset: 0,
    room: layout.itemsize,
    shape: layout.shape.slice(),
    strides: layout.strides.slice(),
  };
  let items = startOf(tree, place);
  let item: FormatItem | undefined;
  for (const key of keysOf(path, items)) {
    if (item !== undefined && item.type !== 'T') throw noField(key, []);
    item = find(items, key, place);
    items = item.type === 'T' ? (item.items ?? []) : [];
  }
  const found = item as FormatItem;
  checkPlace(found, place.shape.length);
  return new ViewInfo(
    layoutAt(layout, place),
    formatOf(formatOfItem(found, place.room), place.room),
    info.readonly,
    null,
  );
}

/** The view's layout moved to the field, with the axes of sub-arrays. */
function layoutAt(layout: Layout, { offset, room, shape, strides }: Place): Layout {
  // Without elements there need be no byte at the field's offset.
  const moved = movedBy(layout.offset, layout.levels, isEmpty(shape) ? 0 : offset);
  const levels = withInnerAxes(moved.levels, shape.length - layout.shape.length);
  return makeLayout(shape, strides, moved.offset, room, levels);
}
