/** `IndirectArray.fromPointers`: pointer tables as the caller spells them out. */
import { knownFormat } from './elements.ts';
import { BufferError, isArray, rangeError, show, typeError } from './errors.ts';
import { checkFormat, checkObject } from './host_array_options.ts';
import {
  checkList,
  makeArray,
  NULL_POINTER,
  newEntries,
  OWN_TABLE,
  POINTER,
  withSources,
} from './indirect_rows.ts';
import { type Layout, type Levels, makeLayout } from './layout.ts';
import {
  checkAtLeast,
  checkInteger,
  checkIntegers,
  checkShape,
  checkStrides,
} from './layout_check.ts';
import { levelsOf } from './levels.ts';
import type { External } from './native.ts';
import type { Parts } from './view_copy.ts';

/**
 * Where one entry of a pointer table points: the index of an entry in the next table; in the
 * last table a block's index and a byte offset from that block's first element; null: nowhere.
 */
export type PointerTarget = number | readonly [block: number, byteOffset: number] | null;

/** An array by its pointer tables, as PEP 3118 describes one. Strides and suboffsets in bytes. */
export type PointerOptions<F extends string = string> = {
  /** Exporters of the elements: each gives its memory, whatever its shape. */
  readonly blocks: readonly unknown[];
  /** The tables level by level, as they follow one another in memory; 8 bytes an entry. */
  readonly tables: readonly (readonly PointerTarget[])[];
  /** The entry of the first table where the array begins. Default 0. */
  readonly start?: number | undefined;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  /** One an axis; behind each that is not negative a pointer is followed, and it is added. */
  readonly suboffsets: readonly number[];
  /** Default 'B'. */
  readonly format?: F | undefined;
  readonly readonly?: boolean | undefined;
};

export function checkSuboffsets(value: unknown, ndim: number): Levels {
  const suboffsets = checkIntegers(value, 'suboffsets');
  if (suboffsets.length !== ndim)
    throw rangeError(
      `suboffsets: expected ${ndim} entries, one per axis, found ${suboffsets.length}`,
    );
  const levels = levelsOf(suboffsets);
  if (levels === null)
    throw rangeError(
      'suboffsets: expected one >= 0 at least, found no pointer to follow',
    );
  return levels;
}

/** Entries of all tables one after the other: pairs of a part and a byte offset. */
type Tables = { readonly entries: number[]; readonly lengths: readonly number[] };

function checkBlockTarget(target: readonly unknown[], name: string) {
  if (target.length !== 2)
    throw rangeError(
      `${name}: expected [block, byteOffset], found ${target.length} parts`,
    );
  const block = checkAtLeast(target[0], 0, `${name}[0]`);
  const offset = checkInteger(target[1], `${name}[1]`);
  return [block, offset] as const;
}

/** One entry; an index into the next table is kept as it is until all lengths are known. */
function checkTarget(
  target: unknown,
  isLast: boolean,
  name: string,
): readonly [number, number] {
  if (target === null) return [NULL_POINTER, 0];
  if (!isLast) return [OWN_TABLE, checkAtLeast(target, 0, name)];
  if (isArray(target)) return checkBlockTarget(target, name);
  throw typeError(`${name}: expected [block, byteOffset] or null, found ${show(target)}`);
}

/** Converts everything; getters run here, once each. */
function checkTables(value: unknown, levels: number): Tables {
  const tables = checkList(value, 'tables');
  const count = tables.length;
  if (count !== levels)
    throw rangeError(
      `tables: expected ${levels}, one per level of pointers, found ${count}`,
    );
  const entries: number[] = [];
  const lengths: number[] = [];
  for (let t = 0; t < levels; t++) {
    const table = checkList(tables[t], `tables[${t}]`);
    const start = entries.length;
    for (let k = 0, count = table.length; k < count; k++)
      entries.push(...checkTarget(table[k], t === levels - 1, `tables[${t}][${k}]`));
    lengths.push((entries.length - start) / 2);
  }
  return { entries, lengths };
}

/** The byte offset that an entry stands for: in the tables, or in a part's block. */
function placeOf(
  part: number,
  target: number,
  next: { readonly start: number; readonly length: number },
  parts: readonly Parts[],
): number {
  if (part === NULL_POINTER) return 0;
  if (part !== OWN_TABLE) {
    const block = parts[part]; // known only now: a list can lie about its length
    if (block !== undefined) return target + block.info.layout.offset;
    throw rangeError(`tables: expected one of ${parts.length} blocks, found ${part}`);
  }
  if (target < next.length) return POINTER * (next.start + target);
  throw new BufferError(
    'ERR_NBUF_BOUNDS',
    `tables: expected indices below ${next.length}, the entries of the next table, found ` +
      `${target}`,
  );
}

/** Indices into the next table become bytes from the first one; blocks count from an element. */
function place({ entries, lengths }: Tables, parts: readonly Parts[]): Float64Array {
  const placed = newEntries(entries.length / 2);
  placed.set(entries);
  let at = 0;
  let end = 0;
  lengths.forEach((length, t) => {
    end += length;
    const next = { start: end, length: lengths[t + 1] ?? 0 };
    for (; at < end; at++)
      placed[2 * at + 1] = placeOf(
        placed[2 * at] as number,
        placed[2 * at + 1] as number,
        next,
        parts,
      );
  });
  return placed;
}

function checkDirect({ info }: Parts, k: number): void {
  if (info.layout.levels !== null)
    throw new BufferError(
      'ERR_NBUF_SUBOFFSETS',
      `blocks[${k}]: expected one block of memory, found pointers to others; use fromRows()`,
    );
}

export function fromPointers(options: unknown): External {
  const given = checkObject(options, 'options');
  const { blocks, tables, start, shape, strides, suboffsets, format, readonly } = given;
  const text = format === undefined ? 'B' : checkFormat(format);
  const { itemsize } = knownFormat(text);
  const extents = checkShape(shape, itemsize);
  const steps = checkStrides(strides, extents.length);
  const levels = checkSuboffsets(suboffsets, extents.length);
  const first = start === undefined ? 0 : checkAtLeast(start, 0, 'start');
  if (readonly !== undefined && typeof readonly !== 'boolean')
    throw typeError(`readonly: expected a boolean, found ${show(readonly)}`);
  const sources = checkList(blocks, 'blocks');
  const spelled = checkTables(tables, levels.post.length);
  const layout: Layout = makeLayout(extents, steps, first * POINTER, itemsize, levels);
  return withSources(sources, (parts) => {
    parts.forEach(checkDirect);
    const isReadonly = readonly === true || parts.some(({ info }) => info.readonly);
    return makeArray(parts, place(spelled, parts), layout, text, isReadonly);
  });
}
