/**
 * When two formats describe the same bytes (DESIGN section 5): by kind, size, byte order and
 * offsets. Spellings, names and padding do not count.
 */
import { type FormatItem, type FormatTree, machineOrder } from './format_tree.ts';

const KINDS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Array.from('bhilqn', (type) => [type, 'i'])),
  ...Object.fromEntries(Array.from('BHILQN', (type) => [type, 'u'])),
  ...Object.fromEntries(Array.from('efdg', (type) => [type, 'f'])),
  ...Object.fromEntries(Array.from('efdg', (type) => [`Z${type}`, 'Zf'])),
};

/** 'l' and 'q' of equal size differ in name only; a bracket type is known by its last part. */
function kindOf(type: string): string {
  return KINDS[type] ?? (type.startsWith('[') ? type.slice(type.indexOf('$')) : type);
}

/** One item without its sub-array's axes and its place. */
export function singleKey(item: FormatItem, names: boolean): string {
  const { type, unit, count, items } = item;
  if (type === 'T') return `{${listKey(items ?? [], names)}}`;
  if (type === '&') return `&(${listKey(items ?? [], names)})`;
  const order = item.byteOrder === null || item.byteOrder === machineOrder ? '' : '~';
  const bit = type === 't' ? `.${item.bit}` : '';
  return `${order}${kindOf(type)}${unit}${count === 1 ? '' : `*${count}`}${bit}`;
}

/** An item with its sub-array's extents and the stride of its entries. */
function itemKey(item: FormatItem, names: boolean): string {
  const array = item.shape.length === 0 ? '' : `[${item.shape}/${item.itemsize}]`;
  return array + singleKey(item, names);
}

type Run = { key: string; offset: number; step: number; count: number };

/** One item as a run: a sub-array is one entry, a spread item several. */
function runOf(item: FormatItem, names: boolean): Run {
  const name = names && item.name !== null ? JSON.stringify(item.name) : '';
  const { offset, shape, itemsize } = item;
  if (item.spread)
    return {
      key: name + singleKey(item, names),
      offset,
      step: itemsize,
      count: shape[0] as number,
    };
  const length = shape.reduce((product, extent) => product * extent, 1);
  return { key: name + itemKey(item, names), offset, step: itemsize * length, count: 1 };
}

/** `ii`, `2i` and two named i's are one run of two. */
function runsOf(items: readonly FormatItem[], names: boolean): Run[] {
  const runs: Run[] = [];
  for (const item of items) {
    const run = runOf(item, names);
    const last = runs.at(-1);
    const isNext =
      last?.key === run.key && run.offset === last.offset + last.count * run.step;
    if (isNext) last.count += run.count;
    else if (run.count > 0) runs.push(run);
  }
  return runs;
}

function listKey(items: readonly FormatItem[], names: boolean): string {
  return runsOf(items, names)
    .map(({ key, offset, count }) => `${offset}:${key}x${count}`)
    .join();
}

const keys = new WeakMap<FormatTree, string>();

/** Equal for formats that describe the same bytes; `names`: and call their fields the same. */
export function canonicalKey(tree: FormatTree, names = false): string {
  const known = names ? undefined : keys.get(tree);
  if (known !== undefined) return known;
  const made = makeKey(tree, names);
  if (!names) keys.set(tree, made);
  return made;
}

function makeKey(tree: FormatTree, names: boolean): string {
  const { items } = tree;
  const [lone] = items;
  if (items.length !== 1 || lone === undefined || lone.name !== null)
    return listKey(items, names);
  const [extent] = lone.shape;
  if (lone.shape.length === 1)
    // `2i`, `(2)i` and `ii` have the same elements: arrays of two
    return `${lone.offset}:${singleKey(lone, names)}x${extent}`;
  if (lone.type === 'T' && lone.shape.length === 0)
    return listKey(lone.items ?? [], names);
  return `element ${lone.offset}:${itemKey(lone, names)}`;
}
