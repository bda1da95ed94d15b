/** Random indirect arrays as PEP 3118 can describe them, each beside its model. */

import {
  type ElementValue,
  HostArray,
  IndirectArray,
  type PointerOptions,
  type PointerTarget,
} from 'nbuf';
import { makeLayout } from '../lib/layout.ts';
import type { Model } from './model.ts';
import { modelOf } from './pointers.ts';
import type { Random } from './random.ts';

type Kind = {
  readonly format: string;
  readonly itemsize: number;
  readonly read: (bytes: Uint8Array) => ElementValue;
};

const view = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const KINDS: readonly Kind[] = [
  { format: 'B', itemsize: 1, read: (bytes) => view(bytes).getUint8(0) },
  { format: '<h', itemsize: 2, read: (bytes) => view(bytes).getInt16(0, true) },
  { format: '>i', itemsize: 4, read: (bytes) => view(bytes).getInt32(0) },
  { format: '3s', itemsize: 3, read: (bytes) => bytes },
  { format: '<q', itemsize: 8, read: (bytes) => view(bytes).getBigInt64(0, true) },
];

/** The axes of one level: strides are multiples of `unit`. */
type Axes = {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly low: number;
  readonly high: number;
};

function randomAxes(random: Random, unit: number, count: number, gap: number): Axes {
  const shape = Array.from({ length: count }, () => random.int(1, 4));
  let step = unit;
  let [low, high] = [0, unit];
  const strides = shape.map((extent) => {
    const size = random.chance(0.1) ? 0 : step;
    const stride = random.chance(0.3) && size > 0 ? -size : size;
    step = step * extent + gap * random.int(0, 1);
    const span = (extent - 1) * stride;
    if (span < 0) low += span;
    else high += span;
    return stride;
  });
  return { shape, strides, low, high };
}

/** A table of places with `axes` each, and where the first entry of each place is. */
type Table = { readonly length: number; readonly starts: readonly number[] };

function tableOf(random: Random, axes: Axes, places: number): Table {
  const size = (axes.high - axes.low) / 8;
  const slack = random.int(0, 2);
  return {
    length: places * size + slack,
    starts: Array.from({ length: places }, (_, k) => k * size - axes.low / 8),
  };
}

export type IndirectCase = {
  readonly options: PointerOptions;
  readonly blocks: readonly HostArray[];
  readonly array: IndirectArray;
  /** Its memory is all blocks one after the other. */
  readonly model: Model;
  readonly read: Kind['read'];
  /** Where each block starts in the model's memory. */
  readonly bases: readonly number[];
};

/** `depth` tables before the elements. */
export function randomIndirect(random: Random, depth: number): IndirectCase {
  const { format, itemsize, read } = random.pick(KINDS);
  const outer = Array.from({ length: depth }, (_, level) =>
    randomAxes(random, 8, random.int(1, level === 0 ? 2 : 1), 8),
  );
  const inner = randomAxes(random, itemsize, random.int(0, 2), random.int(0, 3));
  const tables = outer.map((axes, k) =>
    tableOf(random, axes, k === 0 ? 1 : random.int(1, 3)),
  );
  const post = outer.map((_, k) =>
    random.chance(0.4) ? 0 : k < depth - 1 ? 8 * random.int(0, 2) : random.int(0, 9),
  );
  const contents = Array.from({ length: random.int(1, 3) }, () =>
    random.bytes(inner.high - inner.low + random.int(0, 9)),
  );
  const bases = contents.map((_, k) =>
    contents.slice(0, k).reduce((sum, { length }) => sum + length, 0),
  );
  const starts = tables.map((_, k) =>
    tables.slice(0, k).reduce((sum, { length }) => sum + length, 0),
  );
  const known = new Map<number, number>(); // of the model: tables at 2^40 and above
  const ORIGIN = 2 ** 40;
  const spelled = tables.map(({ length }, t) => {
    const next = tables[t + 1];
    return Array.from({ length }, (_, k): PointerTarget => {
      const at = ORIGIN + 8 * ((starts[t] ?? 0) + k);
      const added = post[t] ?? 0;
      if (next !== undefined) {
        const target = random.pick(next.starts) - added / 8;
        // A pointer in front of the table cannot be said by an index; nobody follows this one.
        if (target < 0) return null;
        known.set(at, ORIGIN + 8 * ((starts[t + 1] ?? 0) + target));
        return target;
      }
      const block = random.int(0, contents.length - 1);
      const room = (contents[block] as Uint8Array).length - (inner.high - inner.low);
      const offset = random.int(0, room) - inner.low - added;
      known.set(at, (bases[block] ?? 0) + offset);
      return [block, offset];
    });
  });
  const axes = [...outer, inner];
  const shape = axes.flatMap((each) => each.shape);
  const strides = axes.flatMap((each) => each.strides);
  const axis = axes.flatMap((each, level) => each.shape.map(() => level));
  const suboffsets = axis.map((level, k) =>
    level < depth && axis[k + 1] !== level ? (post[level] ?? 0) : -1,
  );
  const start = tables[0]?.starts[0] ?? 0;
  const blocks = contents.map((bytes) => HostArray.fromBytes(bytes, {}));
  const options = { blocks, tables: spelled, start, shape, strides, suboffsets, format };
  const layout = makeLayout(shape, strides, 8 * start, itemsize, { axis, post });
  if (spelled.flat().includes(null)) return randomIndirect(random, depth);
  const memory = Uint8Array.from(contents.flatMap((bytes) => [...bytes]));
  const model = { ...modelOf({ table: known, origin: ORIGIN }, layout), memory };
  const array = IndirectArray.fromPointers(options);
  return { options, blocks, array, model, read, bases };
}
