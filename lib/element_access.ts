/** Reading and writing what a format tree describes (DESIGN section 6, "Elements"). */
import { type Access, complexAccess, isLittle, numberAccess } from './element_numbers.ts';
import {
  arrayAccess,
  listAccess,
  namesOf,
  type Part,
  recordAccess,
} from './element_record.ts';
import { bytesAccess, stringAccess } from './element_text.ts';
import { BufferError } from './errors.ts';
import type { FormatItem, FormatTree } from './format_tree.ts';
import { smallFloatAccess } from './small_float.ts';

type AnyAccess = Access<unknown>;

/** What has no value in JavaScript: each use throws FORMAT with the reason. */
export function refusing(reason: string): AnyAccess {
  const refusal = () => new BufferError('ERR_NBUF_FORMAT', reason);
  const refuse = (): never => {
    throw refusal();
  };
  return { check: refuse, read: refuse, write: refuse, refusal };
}

const REFUSED: ReadonlyMap<string, string> = new Map([
  ['O', 'holds Python objects, which have no value here'],
  ['X', 'holds function pointers, which have no value here'],
  ['t', 'holds bits, which have no value here'],
]);

function widen(access: Access<never>): AnyAccess {
  return access as unknown as AnyAccess;
}

/** Items of a list without names, or entries without bytes, that become values. */
const MAX_PARTS: number = 2 ** 16;

/** One item without its sub-array's axes. */
export function singleAccess(item: FormatItem, text: string): AnyAccess {
  const { type } = item;
  const refused = REFUSED.get(type);
  if (refused !== undefined) return refusing(`${text} ${refused}`);
  if (type === 'T') return listOrRecord(item.items ?? [], text);
  if ('csp'.includes(type) || type === 'x')
    return bytesAccess(item, text) as unknown as AnyAccess;
  if (type === 'u' || type === 'w')
    return stringAccess(item, text) as unknown as AnyAccess;
  if (type.startsWith('['))
    return smallFloatAccess(
      type.slice(type.indexOf('$') + 1, -1),
      isLittle(item),
      text,
    ) as unknown as AnyAccess;
  return type.startsWith('Z')
    ? (complexAccess(item, text) as unknown as AnyAccess)
    : widen(numberAccess(item, text));
}

/** An item with its sub-array's axes, outermost first. */
function itemAccess(item: FormatItem, text: string): AnyAccess {
  let access = singleAccess(item, text);
  if (REFUSED.has(item.type)) return access;
  let step = item.itemsize;
  for (let axis = item.shape.length - 1; axis >= 0; axis--) {
    const length = item.shape[axis] as number;
    access = arrayAccess(access, length, step, text);
    step *= length;
  }
  return access;
}

/**
 * Values in one item that no bytes stand for: they cost nothing to claim, but to make. Formats
 * can claim 2^53 of them in some characters.
 */
function emptyValues(item: FormatItem): number {
  let bytes = item.itemsize;
  let values = bytes === 0 ? 1 : 0;
  if (item.type === 'T') values += emptyValuesOf(item.items ?? []);
  for (let axis = item.shape.length - 1; axis >= 0; axis--) {
    const length = item.shape[axis] as number;
    bytes *= length;
    values = values * length + (bytes === 0 ? 1 : 0);
  }
  return values;
}

function emptyValuesOf(items: readonly FormatItem[]): number {
  return items.reduce((sum, item) => sum + emptyValues(item), 0);
}

const MAX_TEXT = 200;

/** `field 'pos.x'`, whatever depth it has. */
function fieldText(text: string, name: string): string {
  // Each field has such a text: long names must not be in all of them.
  if (text.length > MAX_TEXT) return text;
  const found = /^field '(.*)'$/s.exec(text);
  const short = name.length > MAX_TEXT ? `${name.slice(0, MAX_TEXT)}...` : name;
  return `field '${found === null ? '' : `${found[1]}.`}${short}'`;
}

/** The items that a list's values come from: `2i` without names is two of them. */
function spreadParts(item: FormatItem, text: string): Part[] {
  if (!item.spread)
    return [{ name: '', offset: item.offset, access: itemAccess(item, text) }];
  const access = singleAccess(item, text);
  return Array.from({ length: item.shape[0] as number }, (_, k) => ({
    name: '',
    offset: item.offset + k * item.itemsize,
    access,
  }));
}

function listOrRecord(items: readonly FormatItem[], text: string): AnyAccess {
  const names = namesOf(items);
  if (names !== null)
    return recordAccess(
      items.map((item, k) => {
        const name = names[k] as string;
        const access = itemAccess(item, fieldText(text, name));
        return { name, offset: item.offset, access };
      }),
      text,
    );
  const [first] = items;
  if (items.length === 1 && first !== undefined && first.spread)
    return shifted(itemAccess(first, text), first.offset);
  const count = items.reduce(
    (sum, item) => sum + (item.spread ? (item.shape[0] as number) : 1),
    0,
  );
  if (count > MAX_PARTS)
    return refusing(`${text} has ${count} items, more than ${MAX_PARTS}`);
  return listAccess(
    items.flatMap((item) => spreadParts(item, text)),
    text,
  );
}

function shifted(access: AnyAccess, by: number): AnyAccess {
  if (by === 0) return access;
  return {
    ...access,
    read: (view, offset) => access.read(view, offset + by),
    write: (view, offset, value) => access.write(view, offset + by, value),
  };
}

/** A lone item without a name: the element is its value, not a list of one. */
export function loneItem(tree: FormatTree): FormatItem | null {
  const [first] = tree.items;
  return tree.items.length === 1 && first?.name === null ? first : null;
}

/** How to read and write the elements of a format. */
export function accessOf(tree: FormatTree, format: string): AnyAccess {
  const text = `format '${format.length > 80 ? `${format.slice(0, 80)}...` : format}'`;
  if (tree.items.length === 0)
    return refusing(`${text} has no items, so it has no value`);
  const empty = emptyValuesOf(tree.items);
  if (empty > MAX_PARTS)
    return refusing(`${text} has ${empty} entries without bytes, more than ${MAX_PARTS}`);
  const lone = loneItem(tree);
  return lone === null
    ? listOrRecord(tree.items, text)
    : shifted(itemAccess(lone, text), lone.offset);
}

function listDepth(items: readonly FormatItem[]): number {
  const [first] = items;
  if (first === undefined || namesOf(items) !== null) return 0;
  return 1 + itemDepth(first.spread ? { ...first, shape: [] } : first);
}

function itemDepth(item: FormatItem): number {
  return item.shape.length + (item.type === 'T' ? listDepth(item.items ?? []) : 0);
}

/** How many arrays in each other one element is; 0 for numbers, records and so on. */
export function depthOf(tree: FormatTree): number {
  const lone = loneItem(tree);
  return lone === null ? listDepth(tree.items) : itemDepth(lone);
}
