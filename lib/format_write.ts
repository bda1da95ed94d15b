/**
 * Format strings that every reader understands alike (DESIGN section 5): byte orders are
 * explicit, sizes standard, and all padding is written out, the trailing one too.
 */
import { BufferError } from './errors.ts';
import { type FormatItem, type FormatTree, machineOrder } from './format_tree.ts';

/** Native types without a standard size, by what standard types they are here. */
const STANDARD: Readonly<Record<string, readonly string[]>> = {
  signed: ['b', 'h', 'i', 'q'],
  unsigned: ['B', 'H', 'I', 'Q'],
};

function standardType(item: FormatItem): string {
  const { type, unit } = item;
  // ctypes' wchar_t: behind an itemsize of another element it would be read as UTF-16.
  if (type === 'u' && unit === 4) return 'w';
  const width = Math.log2(unit);
  if ('bhilqn'.includes(type)) return STANDARD.signed?.[width] as string;
  if ('BHILQN'.includes(type)) return STANDARD.unsigned?.[width] as string;
  return type;
}

/** No standard size: only `^` (native sizes, not aligned) says them to NumPy. */
function isNativeOnly(type: string): boolean {
  return 'gPO&X'.includes(type) || type === 'Zg';
}

class Writer {
  /** The order character in force; '' before the first. */
  #order = '';

  list(items: readonly FormatItem[], size: number): string {
    let text = '';
    let at = 0;
    for (let k = 0; k < items.length; k++) {
      const item = within(items[k] as FormatItem, size);
      const gap = startsByte(items, k) ? '0x' : '';
      text += (this.#padding(item.offset - at) || gap) + this.#item(item);
      at = Math.min(endOf(items, k, at), item === items[k] ? Infinity : size);
    }
    return text + this.#padding(size - at);
  }

  #padding(bytes: number): string {
    if (bytes < 0)
      throw new BufferError(
        'ERR_NBUF_FORMAT',
        'writeFormat: expected items that follow each other, found overlapping ones',
      );
    if (bytes === 0) return '';
    // Also for one byte: a single x behind a record may be NumPy's way to pad that record.
    return `${this.#in(this.#order || '<')}${bytes}x`;
  }

  /** The order character if it is not in force. */
  #in(order: string): string {
    if (this.#order === order) return '';
    this.#order = order;
    return order;
  }

  #orderOf(item: FormatItem): string {
    const order = item.byteOrder ?? machineOrder;
    if (isNativeOnly(item.type) && order === machineOrder) return '^';
    if (item.byteOrder === null && this.#order !== '' && this.#order !== '@')
      return this.#order;
    return order === 'little' ? '<' : '>';
  }

  #item(item: FormatItem): string {
    const name = item.name === null ? '' : `:${item.name}:`;
    // A written-out count would be a list's; a shape is one sub-array.
    const shape = item.shape.length === 0 || item.spread ? '' : `(${item.shape})`;
    const count = item.spread ? String(item.shape[0]) : '';
    if (item.type === 'T')
      return `${shape}${count}T{${this.list(item.items ?? [], item.itemsize)}}${name}`;
    const order = this.#in(this.#orderOf(item));
    return `${shape}${order}${count}${this.#type(item)}${name}`;
  }

  #type(item: FormatItem): string {
    const { type, count, items } = item;
    if (type === '&')
      return `&${(items ?? []).map((target) => this.#item(target)).join('')}`;
    if (type === 'X') return 'X{}';
    if ('spuwxt'.includes(type))
      return `${count === 1 ? '' : count}${standardType(item)}`;
    return standardType(item);
  }
}

/** The padding behind the last record of an element need not be there. */
function within(item: FormatItem, size: number): FormatItem {
  const room = size - item.offset;
  const isCut = item.type === 'T' && item.shape.length === 0 && item.itemsize > room;
  return isCut ? { ...item, itemsize: room } : item;
}

function lengthOf(item: FormatItem): number {
  return item.shape.reduce((product, extent) => product * extent, 1);
}

/** Do these bits start a byte although the bits in front of them leave room in theirs? */
function startsByte(items: readonly FormatItem[], k: number): boolean {
  const [item, last] = [items[k], items[k - 1]];
  if (item?.type !== 't' || last?.type !== 't' || item.bit !== 0) return false;
  return (last.bit + last.count * lengthOf(last)) % 8 !== 0;
}

/** Where the item ends; bits share their last byte with the bits behind them. */
function endOf(items: readonly FormatItem[], k: number, at: number): number {
  const item = items[k] as FormatItem;
  const length = lengthOf(item);
  if (item.type !== 't') return item.offset + item.itemsize * length;
  const next = items[k + 1];
  const end = item.offset + Math.ceil((item.bit + item.count * length) / 8);
  return next?.type === 't' ? Math.min(next.offset, end) : Math.max(at, end);
}

/**
 * The unambiguous format of a tree, for elements of `itemsize` bytes: struct (where it can),
 * NumPy and ctypes agree on its size and offsets. Throws FORMAT when an item lies outside.
 */
export function writeTree(tree: FormatTree, itemsize: number): string {
  const [lone] = tree.items;
  const writer = new Writer();
  // struct reads P alone, but no `^`.
  if (tree.items.length === 1 && lone !== undefined && isBareNative(lone, itemsize))
    return `@${lone.type}`;
  // The padding of a lone record goes inside its braces.
  if (tree.items.length === 1 && isLoneRecord(lone) && itemsize >= lone.itemsize)
    return writer.list([{ ...lone, itemsize }], itemsize);
  return writer.list(tree.items, itemsize);
}

function isLoneRecord(item: FormatItem | undefined): item is FormatItem {
  return item?.type === 'T' && item.offset === 0 && item.shape.length === 0;
}

function isBareNative(item: FormatItem, itemsize: number): boolean {
  return (
    /^(?:g|Zg|P|O)$/.test(item.type) &&
    item.byteOrder === machineOrder &&
    item.name === null &&
    item.offset === 0 &&
    item.shape.length === 0 &&
    item.itemsize === itemsize
  );
}
