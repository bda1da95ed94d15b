/**
 * The slow model of indirect layouts: memory is a map from addresses to what lies there, a byte
 * or a pointer, and whoever walks a layout follows every pointer by looking it up. Shares
 * nothing with lib/ but the form of a layout.
 */

import { type Layout, makeLayout } from '../lib/layout.ts';
import { indexVectors, type Model } from './model.ts';
import { type Random, randomStrides } from './random.ts';

/** Tables and blocks of elements at addresses of their own; nothing else can be read. */
export type Pointers = {
  /** Where each 8-byte entry of a table points. */
  readonly table: ReadonlyMap<number, number>;
  /** First address of the table that `offset` counts from. */
  readonly origin: number;
};

/** The address of one element, level by level. */
export function follow(
  { table, origin }: Pointers,
  layout: Layout,
  vector: readonly number[],
): number {
  const { strides, offset, levels } = layout;
  const last = levels === null ? 0 : levels.post.length;
  let at = origin + offset;
  for (let level = 0; level <= last; level++) {
    vector.forEach((i, axis) => {
      if ((levels?.axis[axis] ?? 0) === level) at += i * (strides[axis] ?? NaN);
    });
    if (level === last) break;
    const target = table.get(at);
    if (target === undefined) throw new Error(`no pointer at ${at} in level ${level}`);
    at = target + (levels?.post[level] ?? NaN);
  }
  return at;
}

/** Every element's address in C order: the model of test/model.ts over all memory. */
export function modelOf(pointers: Pointers, layout: Layout): Model {
  const addresses = indexVectors(layout.shape).map((v) => follow(pointers, layout, v));
  return {
    memory: new Uint8Array(),
    itemsize: layout.itemsize,
    shape: layout.shape,
    addresses,
  };
}

/** What one level reaches, from the place where its axes are all 0: [low, high). */
function reach(layout: Layout, level: number, width: number): [number, number] {
  let [low, high] = [0, width];
  layout.shape.forEach((extent, axis) => {
    if (layout.levels?.axis[axis] !== level) return;
    const span = (extent - 1) * (layout.strides[axis] ?? 0);
    if (span < 0) low += span;
    else high += span;
  });
  return [low, high];
}

/** A shape whose axes are spread over `levels` levels, in any order, with any strides. */
function randomAxes(random: Random, levels: number): Layout {
  const ndim = random.int(0, 5);
  const shape = Array.from({ length: ndim }, () => random.pick([1, 2, 2, 3, 4]));
  if (ndim > 0 && random.chance(0.06)) shape[random.int(0, ndim - 1)] = 0;
  const axis = shape.map(() => random.int(0, levels - 1));
  if (random.chance(0.5)) axis.sort((a, b) => a - b);
  const itemsize = random.pick([1, 2, 3, 4, 8]);
  const wide = randomStrides(random, shape, 8);
  const narrow = randomStrides(random, shape, itemsize);
  // Pointers lie at multiples of 8, so that no two of them overlap in parts.
  const strides = axis.map((level, k) =>
    level < levels - 1 ? 8 * Math.trunc((wide[k] ?? 0) / 8) + 0 : (narrow[k] ?? 0),
  );
  const post = Array.from({ length: levels - 1 }, () => random.int(-40, 40));
  return makeLayout(shape, strides, 0, itemsize, { axis, post });
}

/** A random indirect layout and the memory that it walks: every pointer leads somewhere. */
export function randomPointers(
  random: Random,
  levels: number,
): { layout: Layout; pointers: Pointers } {
  const layout = randomAxes(random, levels);
  const table = new Map<number, number>();
  let free = 2 ** 20;
  const place = (level: number): number => {
    const isLast = level === levels - 1;
    const [low, high] = reach(layout, level, isLast ? layout.itemsize : 8);
    const at = Math.ceil((free - low) / 8) * 8 + (isLast ? random.int(0, 7) : 0);
    free = at + high + random.int(0, 9);
    if (isLast) return at;
    const moving = layout.shape.map((n, k) => (layout.levels?.axis[k] === level ? n : 1));
    for (const vector of indexVectors(moving)) {
      const entry = vector.reduce((sum, i, k) => sum + i * (layout.strides[k] ?? 0), at);
      if (table.has(entry)) continue;
      table.set(entry, 0); // before what is placed behind it
      table.set(entry, place(level + 1) - (layout.levels?.post[level] ?? 0));
    }
    return at;
  };
  const origin = 2 ** 20 - 8 * random.int(0, 3);
  const first = layout.shape.includes(0) ? origin : place(0);
  const { shape, strides, itemsize } = layout;
  return {
    layout: makeLayout(shape, strides, first - origin, itemsize, layout.levels),
    pointers: { table, origin },
  };
}
