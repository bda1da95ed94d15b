/** What an IndirectArray is made of: sources, which stay locked, and entries that point there. */
import { sameFormat } from './elements.ts';
import { BufferError, isArray, rangeError, show, typeError } from './errors.ts';
import { BORROWED } from './flags.ts';
import { newBytes } from './js_memory.ts';
import { late } from './late.ts';
import { isEmpty, type Layout, type Levels, makeLayout } from './layout.ts';
import { MAX_NDIM } from './layout_check.ts';
import { check, type External, native, type PartMemory, passLayout } from './native.ts';
import type { Provider } from './provider.ts';
import type { Parts } from './view_copy.ts';

/** Bytes of one pointer. */
export const POINTER = 8;

/** In place of a part's number: the offset counts from the table itself, or there is none. */
export const OWN_TABLE: number = -1;
export const NULL_POINTER: number = -2;

/** Pairs of a part and a byte offset. */
export function newEntries(count: number): Float64Array {
  return new Float64Array(newBytes(2 * count * Float64Array.BYTES_PER_ELEMENT).buffer);
}

export function checkList(value: unknown, name: string): readonly unknown[] {
  if (isArray(value)) return value;
  throw typeError(`${name}: expected an array, found ${show(value)}`);
}

/**
 * Holds a provider of every source while `use` makes an array over them: that one takes locks
 * of its own. The sources' getters run before `use`, and nothing of the caller's in it.
 */
export function withSources<T>(
  sources: readonly unknown[],
  use: (parts: readonly Parts[]) => T,
): T {
  const providers: Provider[] = [];
  try {
    // One by one: the length of a hostile array is no reason to wait.
    for (let k = 0, count = sources.length; k < count; k++)
      providers.push(late.hold(sources[k]));
    const parts = providers.map((provider) => late.partsOf(provider) as Parts);
    for (const { root } of parts) root.checkAttached();
    return use(parts);
  } finally {
    for (const provider of providers) provider.release();
  }
}

/** Makes the array; its layout counts from the table that `entries` become. */
export function makeArray(
  parts: readonly Parts[],
  entries: Float64Array,
  layout: Layout,
  format: string,
  readonly: boolean,
): External {
  const slots = parts.map(({ root }) => root.live());
  passLayout(layout);
  return check<External>(
    native.makeIndirect(
      slots,
      entries,
      format,
      readonly ? 1 : 0,
      parts.map(({ root }) => memoryOf(root.info)),
    ),
  );
}

/** Of JavaScript's own memory, which has to be asked whether it is still there. */
function memoryOf(info: Parts['root']['info']): PartMemory | null {
  const { jsBuffer, shift, isShared, described } = info;
  const isOwn = jsBuffer !== null && (described.flags & BORROWED) !== 0;
  return isOwn || isShared ? { jsBuffer, shift, isShared } : null;
}

function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((entry, k) => entry === b[k]);
}

function sameLevels(a: Levels | null, b: Levels | null): boolean {
  if (a === null || b === null) return a === b;
  return sameNumbers(a.axis, b.axis) && sameNumbers(a.post, b.post);
}

/** Axes along which nothing is stepped have no stride that matters. */
function sameStrides(a: Layout, b: Layout): boolean {
  if (isEmpty(a.shape)) return true;
  return a.strides.every((step, k) => step === b.strides[k] || a.shape[k] === 1);
}

function checkRow(first: Parts, row: Parts, k: number): void {
  const [a, b] = [first.info.layout, row.info.layout];
  const name = `sources[${k}]`;
  if (!sameNumbers(a.shape, b.shape))
    throw rangeError(
      `${name}: expected shape [${a.shape}] as of sources[0], found [${b.shape}]`,
    );
  if (!sameFormat(first.info.format, row.info.format) || a.itemsize !== b.itemsize)
    throw new BufferError(
      'ERR_NBUF_FORMAT',
      `${name}: expected format '${first.info.format.text}' in ${a.itemsize} bytes as of ` +
        `sources[0], found '${row.info.format.text}' in ${b.itemsize}`,
    );
  if (!sameStrides(a, b) || !sameLevels(a.levels, b.levels))
    throw new BufferError(
      'ERR_NBUF_STRIDES',
      `${name}: expected strides [${a.strides}] and the same levels as of sources[0], found ` +
        `[${b.strides}]; copy with toContiguous() first`,
    );
}

/** Pointers in front of a layout: one more axis, and one more level. */
function behindPointers(
  count: number,
  { shape, strides, itemsize, levels }: Layout,
): Layout {
  const axis =
    levels === null ? shape.map(() => 1) : levels.axis.map((level) => level + 1);
  const post = levels === null ? [0] : [0, ...levels.post];
  return makeLayout([count, ...shape], [POINTER, ...strides], 0, itemsize, {
    axis: [0, ...axis],
    post,
  });
}

/** One pointer to the first element, or to the first pointer, of each part. */
export function stack(parts: readonly Parts[]): External {
  const [first] = parts;
  if (first === undefined) throw rangeError('sources: expected at least one, found none');
  if (first.info.layout.shape.length >= MAX_NDIM)
    throw rangeError(`sources: expected fewer than ${MAX_NDIM} axes, to add one`);
  const entries = newEntries(parts.length);
  parts.forEach((row, k) => {
    checkRow(first, row, k);
    entries[2 * k] = k;
    entries[2 * k + 1] = row.info.layout.offset;
  });
  const layout = behindPointers(parts.length, first.info.layout);
  const readonly = parts.some(({ info }) => info.readonly);
  return makeArray(parts, entries, layout, first.info.format.text, readonly);
}
