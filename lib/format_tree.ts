/** Format strings as trees with offsets (DESIGN section 5). The core parses them. */
import { endianness } from 'node:os';
import { BufferError, show, typeError } from './errors.ts';
import { native, nativeError } from './native.ts';

/** One item of a format. Sizes and offsets in bytes. */
export type FormatItem = {
  /**
   * One of `x c b B ? h H i I l L q Q n N e f d g s p u w O P t`, `Ze Zf Zd Zg`, `T` (a
   * record), `&` (a pointer), `X` (a function pointer), or a bracket type such as
   * `[ml_dtypes$bfloat16]`.
   */
  readonly type: string;
  readonly name: string | null;
  /** From the start of the enclosing record, or of the element. */
  readonly offset: number;
  /**
   * Extents of a sub-array, outermost first (a count of a named item, or behind a shape, is
   * the last one); [] for a single item.
   */
  readonly shape: readonly number[];
  /**
   * An unnamed count without a shape (`2i`) in a list without names: that many items of the
   * list, not one sub-array.
   */
  readonly spread: boolean;
  /** Of one item: a sub-array's innermost stride; a record's with its trailing padding. */
  readonly itemsize: number;
  /** Of one number, of one part of a complex number, or of one character. */
  readonly unit: number;
  /** Characters or bytes in `s p u w x`, bits in `t`, else 1. */
  readonly count: number;
  /** 1 where the order in force does not align. */
  readonly align: number;
  /** null for records and single bytes. */
  readonly byteOrder: 'little' | 'big' | null;
  /** The first bit of `t` in its first byte; else 0. */
  readonly bit: number;
  /**
   * A record's items (padding without a name is left out: offsets say where it is); the one
   * target of `&`; else null.
   */
  readonly items: readonly FormatItem[] | null;
};

export type FormatTree = {
  readonly items: readonly FormatItem[];
  /** Bytes up to the end of the last item: an itemsize is at least this. */
  readonly size: number;
  /** With the trailing padding of a lone `T{...}` (C's rule): what `calcsize` says. */
  readonly itemsize: number;
  readonly align: number;
};

type Order = 'little' | 'big';
export const machineOrder: Order = endianness() === 'LE' ? 'little' : 'big';
const otherOrder: Order = machineOrder === 'little' ? 'big' : 'little';

// As in native/binding/format_functions.cc.
const HEAD = 6;
const NODE = 15;
const [TYPE, FLAGS, BEGIN, NAME, NAME_LENGTH, FIRST_DIM, NDIM, CHILD, NEXT] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8,
] as const;
const [COUNT, UNIT, ITEMSIZE, OFFSET, ALIGN] = [9, 10, 12, 13, 14] as const;

class Decoder {
  readonly #values: Float64Array;
  readonly #bytes: Buffer;
  readonly #dims: number;

  constructor(text: string, values: Float64Array) {
    this.#values = values;
    this.#bytes = Buffer.from(text); // the core counts bytes of UTF-8
    this.#dims = HEAD + (values[4] as number) * NODE;
  }

  tree(): FormatTree {
    const [size = 0, itemsize = 0, align = 1, first = -1] = this.#values;
    return Object.freeze({ items: this.#list(first), size, itemsize, align });
  }

  #at(node: number, field: number): number {
    return this.#values[HEAD + node * NODE + field] as number;
  }

  #text(start: number, length: number): string {
    return this.#bytes.toString('utf8', start, start + length);
  }

  #list(first: number, keepsPadding = false): readonly FormatItem[] {
    const items: FormatItem[] = [];
    for (let node = first; node >= 0; node = this.#at(node, NEXT)) {
      const item = this.#item(node);
      if (keepsPadding || item.type !== 'x' || item.name !== null) items.push(item);
    }
    return Object.freeze(items);
  }

  #type(node: number): string {
    const letter = String.fromCharCode(this.#at(node, TYPE));
    if (letter !== '[') return (this.#at(node, FLAGS) & 1) !== 0 ? `Z${letter}` : letter;
    const begin = this.#at(node, BEGIN);
    return this.#text(begin, this.#bytes.indexOf(']', begin) + 1 - begin);
  }

  #item(node: number): FormatItem {
    const type = this.#type(node);
    const flags = this.#at(node, FLAGS);
    const dims = this.#dims + this.#at(node, FIRST_DIM);
    const nameAt = this.#at(node, NAME);
    const unit = this.#at(node, UNIT);
    const child = this.#at(node, CHILD);
    const isList = type === 'T' || type === '&';
    return Object.freeze({
      type,
      name: nameAt < 0 ? null : this.#text(nameAt, this.#at(node, NAME_LENGTH)),
      offset: this.#at(node, OFFSET),
      shape: Object.freeze([...this.#values.subarray(dims, dims + this.#at(node, NDIM))]),
      spread: (flags & 4) !== 0,
      itemsize: this.#at(node, ITEMSIZE),
      unit: type === 'T' ? this.#at(node, ITEMSIZE) : unit,
      count: this.#at(node, COUNT),
      align: this.#at(node, ALIGN),
      byteOrder:
        unit === 1 || type === 'T' ? null : (flags & 2) !== 0 ? otherOrder : machineOrder,
      bit: flags >> 3,
      items: isList ? this.#list(child, type === '&') : null, // `&x` is void *
    } as FormatItem);
  }
}

/** Longer texts are parsed each time: a cache must not keep megabytes for ever. */
const MAX_CACHED_LENGTH = 512;
const MAX_CACHED = 256;
const cache = new Map<string, FormatTree>();

/**
 * The tree of a format. `itemsize`, where an exporter says it, decides what its writer meant
 * by padding (docs/formats.md). FORMAT with the position and what was expected there.
 */
export function treeOf(format: string, itemsize = 0): FormatTree {
  const key = `${itemsize} ${format}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  if (format.includes('\0'))
    throw new BufferError(
      'ERR_NBUF_FORMAT',
      `format: expected no NUL, found one at position ${format.indexOf('\0')}`,
    );
  const values = native.parseFormat(format, itemsize);
  if (typeof values === 'number') throw nativeError(values);
  const tree = new Decoder(format, values).tree();
  if (format.length > MAX_CACHED_LENGTH) return tree;
  if (cache.size >= MAX_CACHED) cache.clear();
  cache.set(key, tree);
  return tree;
}

export function checkText(format: unknown): string {
  if (typeof format !== 'string')
    throw typeError(`format: expected a string, found ${show(format)}`);
  return format;
}
