/**
 * When two formats describe the same bytes (DESIGN section 5): by kind, size, byte order and
 * offsets. Spellings, names and padding do not count.
 */
import { type FormatItem, type FormatTree, machineOrder } from './format_tree.ts';

const KINDS: ReadonlyMap<string, string> = new Map(
  [
    ['bhilqn', 'i'],
    ['BHILQN', 'u'],
    ['efdg', 'f'],
  ].flatMap(([types = '', kind = '']) =>
    Array.from(types, (type) => [type, kind] as const),
  ),
);

/**
 * 'l' and 'q' of equal size differ in name only, as 'w' and the 'u' of four bytes do; a bracket
 * type is known by its last part.
 */
function kindOf(type: string, unit: number): string {
  if (type === 'u' && unit === 4) return 'w';
  if (type.startsWith('[')) return type.slice(type.indexOf('$'));
  return type.startsWith('Z') ? 'Zf' : (KINDS.get(type) ?? type);
}

/** One item without its sub-array's axes and its place. */
export function singleKey(item: FormatItem, names: boolean): string {
  const { type, unit, count, items } = item;
  if (type === 'T') return `{${listKey(items ?? [], names)}}`;
  if (type === '&') return `&(${listKey(items ?? [], names)})`;
  const order = item.byteOrder === null || item.byteOrder === machineOrder ? '' : '~';
  const bit = type === 't' ? `.${item.bit}` : '';
  return `${order}${kindOf(type, unit)}${unit}${count === 1 ? '' : `*${count}`}${bit}`;
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

/** Equal items may differ in the padding behind them, and then in their step. */
function continues(last: Run, run: Run): boolean {
  const isEven = run.count === 1 || run.step === last.step;
  return isEven && run.offset === last.offset + last.count * last.step;
}

function keyOfRun({ key, offset, step, count }: Run, base: number): string {
  return `${base + offset}:${key}x${count}${count > 1 ? `/${step}` : ''}`;
}

/** `ii`, `2i` and two named i's are one run of two. */
function runsOf(items: readonly FormatItem[], names: boolean): Run[] {
  const runs: Run[] = [];
  for (const item of items) {
    const run = runOf(item, names);
    const last = runs.at(-1);
    const isBits = item.type === 't'; // without a step of their own
    if (!isBits && last?.key === run.key && continues(last, run)) last.count += run.count;
    else if (run.count > 0) runs.push(run);
  }
  return runs;
}

function listKey(items: readonly FormatItem[], names: boolean, base = 0): string {
  return runsOf(items, names)
    .map((run) => keyOfRun(run, base))
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
  if (lone.shape.length === 1 && lone.type !== 't')
    // `2i`, `(2)i` and `ii` have the same elements: arrays of two
    return keyOfRun(
      {
        key: singleKey(lone, names),
        offset: lone.offset,
        step: lone.itemsize,
        count: extent as number,
      },
      0,
    );
  if (lone.type === 'T' && lone.shape.length === 0)
    return listKey(lone.items ?? [], names, lone.offset);
  return `element ${lone.offset}:${itemKey(lone, names)}`;
}
