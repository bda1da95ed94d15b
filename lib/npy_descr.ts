/** Buffer formats as the `descr` of .npy headers: the way back from npy_dtype.ts. */

import { namesOf } from './element_record.ts';
import { BufferError, rangeError, show } from './errors.ts';
import type { FormatItem, FormatTree } from './format_tree.ts';
import { pythonString, pythonTuple } from './python_text.ts';

/** What int64 items stand for. */
export type NpyUnits = {
  /** As `units` of an NpyFile. */
  readonly byPath: ReadonlyMap<string, string>;
  /** Is a path that leads to no integer a mistake, instead of out of date? */
  readonly isStrict: boolean;
};

/** What NumPy takes as one element of a view, and where that lies in the view's element. */
export type NpyElement = {
  /** A Python literal. */
  readonly descr: string;
  readonly offset: number;
  readonly itemsize: number;
  /** Axes of a lone sub-array, which become the array's last ones. */
  readonly shape: readonly number[];
};

const ORDERS = { little: '<', big: '>' } as const;

/** Kinds of the types that NumPy knows, behind which the number of bytes stands. */
const KINDS: ReadonlyMap<string, string> = new Map([
  ...[...'bhilqn'].map((type) => [type, 'i'] as const),
  ...[...'BHILQN'].map((type) => [type, 'u'] as const),
  ...[...'efdg'].map((type) => [type, 'f'] as const),
  ...['Zf', 'Zd', 'Zg'].map((type) => [type, 'c'] as const),
  ['?', 'b'],
]);

const REFUSED: ReadonlyMap<string, string> = new Map([
  ['Ze', "complex halves: convert to 'Zf'"],
  ['p', "Pascal strings: cast to 's' or bytes"],
  ['u', "UCS-2 text: cast to 'H' to save the code units"],
  ['P', "addresses, which mean nothing in a file: cast to 'N' to save them all the same"],
  ['&', "addresses, which mean nothing in a file: cast to 'N' to save them all the same"],
  ['X', 'function pointers, which mean nothing in a file'],
  ['O', 'Python objects, which only Python can save'],
  ['t', "bit fields: cast to bytes ('B')"],
]);

function placeOf(path: string): string {
  return path === '' ? 'the element' : `field ${show(path)}`;
}

function refused(item: FormatItem, path: string): BufferError {
  const reason =
    REFUSED.get(item.type) ?? `${item.type}: cast to 'H' or 'B' to save the codes`;
  return new BufferError(
    'ERR_NBUF_FORMAT',
    `saveNpy: expected types that NumPy can load, found ${placeOf(path)} with ${reason}`,
  );
}

function product(shape: readonly number[]): number {
  return shape.reduce((size, extent) => size * extent, 1);
}

/** The units that are asked for, by path; each must be taken once. */
class Units {
  readonly #units: NpyUnits;
  readonly #taken: Set<string> = new Set();

  constructor(units: NpyUnits) {
    this.#units = units;
  }

  /** 'M8[ns]' for an item that has a unit, else null. */
  take(item: FormatItem, path: string): string | null {
    const unit = this.#units.byPath.get(path);
    if (unit === undefined || !'qln'.includes(item.type) || item.unit !== 8) return null;
    if (this.#taken.has(path))
      throw rangeError(`units: expected one field ${show(path)}, found two`);
    this.#taken.add(path);
    const kind = unit.startsWith('datetime64') ? 'M8' : 'm8';
    return kind + unit.slice(unit.indexOf('64') + 2);
  }

  checkAllTaken(): void {
    for (const path of this.#units.byPath.keys())
      if (this.#units.isStrict && !this.#taken.has(path))
        throw rangeError(
          `units: expected the paths of 8-byte signed integers, found ${show(path)}`,
        );
  }
}

class DescrWriter {
  readonly units: Units;

  constructor(units: Units) {
    this.units = units;
  }

  /** One item without its shape. `itemsize` of a record: with all of its padding. */
  type(item: FormatItem, itemsize: number, path: string): string {
    const { type, count, unit } = item;
    if (type === 'T') return this.fields(item.items ?? [], itemsize, path);
    if (type === 's') return pythonString(`|S${count}`);
    if (type === 'c') return pythonString('|S1');
    if (type === 'x') return pythonString(`|V${count}`);
    const order = item.byteOrder === null ? '|' : ORDERS[item.byteOrder];
    if (type === 'w') return pythonString(`${order}U${count}`);
    const kind = KINDS.get(type);
    if (kind === undefined) throw refused(item, path);
    const plain = kind + (kind === 'c' ? 2 * unit : unit);
    return pythonString(order + (this.units.take(item, path) ?? plain));
  }

  /** A list of fields, with padding between and behind them. */
  fields(items: readonly FormatItem[], itemsize: number, path: string): string {
    const fields: string[] = [];
    let end = 0;
    const pad = (to: number): void => {
      if (to > end) fields.push(`('', '|V${to - end}')`);
    };
    const names = namesOf(items) ?? items.map((_, k) => `f${k}`);
    items.forEach((item, k) => {
      const name = names[k] as string;
      const inner = path === '' ? name : `${path}.${name}`;
      pad(item.offset);
      const shape = item.shape.length === 0 ? '' : `, ${pythonTuple(item.shape)}`;
      const size = sizeWithin(item, itemsize - item.offset, inner);
      const type = this.type(item, size, inner);
      fields.push(`(${pythonString(name)}, ${type}${shape})`);
      end = item.offset + size * product(item.shape);
    });
    pad(itemsize);
    return `[${fields.join(', ')}]`;
  }
}

/**
 * Bytes of one item where `room` is left: the padding behind the last record of an element
 * need not be there.
 */
function sizeWithin(item: FormatItem, room: number, path: string): number {
  const { itemsize, shape, type } = item;
  if (itemsize * product(shape) <= room) return itemsize;
  if (type === 'T' && shape.length === 0) return room;
  throw new BufferError(
    'ERR_NBUF_FORMAT',
    `saveNpy: expected ${itemsize} bytes for each record of ${placeOf(path)}, found less for ` +
      'the last one: the view needs a larger itemsize',
  );
}

/** An element that is one item without a name: its own dtype, not a record of one field. */
function loneElement(
  writer: DescrWriter,
  item: FormatItem,
  viewItemsize: number,
): NpyElement {
  const { offset, shape, type } = item;
  const room = viewItemsize - offset;
  // A record keeps the padding behind it, as NumPy's own do; a number is packed.
  const itemsize = type === 'T' && shape.length === 0 ? room : sizeWithin(item, room, '');
  const descr = writer.type(item, itemsize, '');
  if (itemsize > 0) return { descr, offset, itemsize, shape };
  throw new BufferError(
    'ERR_NBUF_FORMAT',
    'saveNpy: expected elements of at least 1 byte, found none: nothing to save',
  );
}

function elementOf(
  writer: DescrWriter,
  items: readonly FormatItem[],
  itemsize: number,
): NpyElement {
  const [first] = items;
  if (items.length === 1 && first?.name === null)
    return loneElement(writer, first, itemsize);
  const descr =
    first === undefined ? `'|V${itemsize}'` : writer.fields(items, itemsize, '');
  return { descr, offset: 0, itemsize, shape: [] };
}

/**
 * What NumPy calls a format whose elements have `itemsize` bytes, with `units` for int64 items.
 * FORMAT for what NumPy has no dtype for.
 */
export function npyElement(
  tree: FormatTree,
  itemsize: number,
  units: NpyUnits,
): NpyElement {
  const asked = new Units(units);
  const writer = new DescrWriter(asked);
  const element = elementOf(writer, tree.items, itemsize);
  asked.checkAllTaken();
  return element;
}
