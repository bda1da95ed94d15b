/** Format strings for callers outside: trees, sizes, equivalence (DESIGN section 5). */
import { typeError } from './errors.ts';
import { canonicalKey } from './format_compare.ts';
import { checkText, type FormatTree, treeOf } from './format_tree.ts';
import { writeTree } from './format_write.ts';
import { checkAtLeast } from './layout_check.ts';

/**
 * What a format string says: its items with their offsets in bytes. With `itemsize`, in bytes,
 * as an exporter of such elements would say it, for that decides what writers meant by padding.
 * Throws FORMAT with the position and what was expected there.
 */
export function parseFormat(format: string, itemsize?: number): FormatTree {
  const text = checkText(format);
  const size = itemsize === undefined ? 0 : checkAtLeast(itemsize, 1, 'itemsize');
  return treeOf(text, size);
}

/**
 * Bytes of one element: struct's rule for a list of items, C's for `T{...}`, which is padded
 * to its alignment. Throws FORMAT.
 */
export function calcsize(format: string): number {
  return treeOf(checkText(format)).itemsize;
}

/**
 * Do two formats describe the same bytes: kinds, sizes, byte orders and offsets? `l`, `q` and
 * `<q` do on LP64 little-endian. Padding does not count, nor do names, unless `names` is true.
 * Throws FORMAT.
 */
export function formatsEqual(
  a: string,
  b: string,
  options: { names?: boolean | undefined } = {},
): boolean {
  const left = treeOf(checkText(a));
  const right = treeOf(checkText(b));
  if (typeof options !== 'object' || options === null)
    throw typeError('options: expected an object');
  const names = options.names === true;
  return canonicalKey(left, names) === canonicalKey(right, names);
}

/**
 * The same elements in a format that all readers understand alike: explicit byte orders,
 * standard sizes, and all padding written out, up to `itemsize` bytes (default: what
 * `calcsize` says). FORMAT when the items do not fit in that.
 */
export function writeFormat(format: string, itemsize?: number): string {
  const text = checkText(format);
  const size = itemsize === undefined ? 0 : checkAtLeast(itemsize, 1, 'itemsize');
  const tree = treeOf(text, size);
  return writeTree(tree, size === 0 ? tree.itemsize : size);
}
