/** Seeded randomness: every failure names the seed with which it comes again. */

import { type Layout, makeLayout } from '../lib/layout.ts';

export type Random = {
  /** An integer between low and high, both included. */
  int(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<Value>(values: readonly Value[]): Value;
  shuffle<Value>(values: readonly Value[]): Value[];
  bytes(length: number): Uint8Array;
};

/** mulberry32: 32 bits of state are plenty for test cases. */
export function createRandom(seed: number): Random {
  let state = seed | 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (low: number, high: number): number =>
    low + Math.floor(next() * (high - low + 1));
  return {
    int,
    chance: (probability) => next() < probability,
    pick: (values) => {
      const value = values[int(0, values.length - 1)];
      if (value === undefined) throw new Error('pick: expected a list with values');
      return value;
    },
    shuffle: (values) => {
      const rest = [...values];
      return values.flatMap(() => rest.splice(int(0, rest.length - 1), 1));
    },
    bytes: (length) => Uint8Array.from({ length }, () => int(0, 255)),
  };
}

/** NBUF_SEED, or a new seed for each run. */
export function firstSeed(): number {
  const given = process.env.NBUF_SEED;
  return given === undefined ? (Date.now() ^ (process.pid << 16)) >>> 0 : Number(given);
}

/** Runs `check` with `count` seeds; a failure says how to run its case first. */
export function forCases(count: number, check: (random: Random) => void): void {
  const first = firstSeed();
  for (let seed = first; seed < first + count; seed++) {
    try {
      check(createRandom(seed));
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`NBUF_SEED=${seed} brings this back: ${reason}`, { cause });
    }
  }
}

export type RandomShapeOptions = {
  readonly maxNdim?: number;
  /** Elements, more or less. */
  readonly maxSize?: number;
  readonly allowEmpty?: boolean;
};

/** Mostly 0 to 6 axes; one in twenty is stretched to as many as 64 by axes of one element. */
export function randomShape(random: Random, options: RandomShapeOptions = {}): number[] {
  const { maxNdim = 64, maxSize = 200, allowEmpty = true } = options;
  const shape: number[] = [];
  let left = maxSize;
  for (let ndim = random.int(0, Math.min(6, maxNdim)); ndim > 0; ndim--) {
    const extent = random.int(1, Math.min(left, random.pick([1, 3, 5, 7])));
    left = Math.floor(left / extent);
    shape.push(extent);
  }
  if (allowEmpty && shape.length > 0 && random.chance(0.08))
    shape[random.int(0, shape.length - 1)] = 0;
  if (maxNdim === 64 && random.chance(0.05)) {
    const ndim = random.int(shape.length, 64);
    while (shape.length < ndim) shape.splice(random.int(0, shape.length), 0, 1);
  }
  return shape;
}

/** Dense strides over the axes in a random order, with padding between them now and then. */
function denseStrides(
  random: Random,
  shape: readonly number[],
  itemsize: number,
): number[] {
  const strides = shape.map(() => 0);
  const isPadded = random.chance(0.3);
  const order = random.pick(['C', 'F', 'any']);
  const axes = shape.map((_, axis) => axis);
  const sorted =
    order === 'C' ? axes.reverse() : order === 'F' ? axes : random.shuffle(axes);
  let step = itemsize;
  for (const axis of sorted) {
    strides[axis] = step;
    step *= Math.max(1, shape[axis] ?? 1);
    if (isPadded && random.chance(0.4)) step += random.int(1, 2 * itemsize);
  }
  return strides;
}

/** Strides of every kind: dense, flipped, repeated, overlapping, unaligned, meaningless. */
export function randomStrides(
  random: Random,
  shape: readonly number[],
  itemsize: number,
): number[] {
  const strides = denseStrides(random, shape, itemsize);
  const isWild = random.chance(0.2);
  const flips = random.chance(0.4) ? 0.4 : 0;
  const zeros = random.chance(0.15) ? 0.4 : 0;
  return strides.map((stride, axis) => {
    if (shape[axis] === 1 && random.chance(0.2)) return random.int(-999, 999);
    if (random.chance(zeros)) return 0;
    const step = isWild ? random.int(-3 * itemsize, 3 * itemsize) : stride;
    return random.chance(flips) && step !== 0 ? -step : step;
  });
}

/** A layout and the size of a block that holds it, often with bytes to spare on both sides. */
export function randomLayout(
  random: Random,
  options: RandomShapeOptions = {},
): { layout: Layout; blockSize: number } {
  const itemsize = random.pick([1, 1, 2, 3, 4, 8, 8, 16]);
  const shape = randomShape(random, options);
  const strides = randomStrides(random, shape, itemsize);
  const slack = random.chance(0.5) ? 0 : random.int(0, 3 * itemsize);
  let below = 0;
  let above = itemsize;
  if (!shape.includes(0)) {
    shape.forEach((extent, axis) => {
      const span = (extent - 1) * (strides[axis] ?? 0);
      if (span < 0) below -= span;
      else above += span;
    });
  }
  const offset = below + slack;
  const blockSize = offset + above + (random.chance(0.5) ? 0 : random.int(0, 20));
  return { layout: makeLayout(shape, strides, offset, itemsize), blockSize };
}

function randomEnd(random: Random, extent: number): number | null {
  return random.chance(0.3) ? null : random.int(-extent - 2, extent + 2);
}

/** [start?, stop?, step?] with ends in, at and beyond the axis; the step is never 0. */
export function randomRange(random: Random, extent: number): (number | null)[] {
  const step = random.chance(0.5) ? random.int(1, 3) : -random.int(1, extent + 2);
  const range = [
    randomEnd(random, extent),
    randomEnd(random, extent),
    random.chance(0.4) ? null : step,
  ];
  return range.slice(0, random.pick([3, 3, 3, 2, 1, 0]));
}

export type SelectionItem = number | string | null | (number | null)[];

function randomItem(random: Random, extent: number): SelectionItem {
  const kind = random.int(0, 9);
  if (kind < 3 && extent > 0) return random.int(-extent, extent - 1);
  if (kind < 5) return random.pick([':', null]);
  return randomRange(random, extent);
}

/** A valid selection for `shape`; the result has at most 64 axes. */
export function randomSelection(
  random: Random,
  shape: readonly number[],
): SelectionItem[] {
  const items = shape.map((extent) => randomItem(random, extent));
  if (random.chance(0.4)) {
    const start = random.int(0, items.length);
    items.splice(start, random.int(0, items.length - start), '...');
  } else if (random.chance(0.3)) {
    items.length = random.int(0, items.length);
  }
  for (let added = 0; shape.length < 60 && added < 2 && random.chance(0.25); added++)
    items.splice(random.int(0, items.length), 0, 'newaxis');
  return items;
}

/** A shape with as many elements, split and merged at random; perhaps with one -1. */
export function randomReshape(random: Random, size: number): number[] {
  if (size === 0) return random.shuffle([0, random.int(1, 4), random.int(0, 3)]);
  const shape: number[] = [];
  let left = size;
  while (left > 1 && shape.length < 7) {
    const divisors = Array.from({ length: left }, (_, k) => k + 1).filter(
      (d) => left % d === 0,
    );
    const extent = random.pick(divisors);
    shape.push(extent);
    left /= extent;
  }
  if (left > 1 || random.chance(0.2)) shape.push(left);
  if (shape.length > 0 && random.chance(0.25))
    shape[random.int(0, shape.length - 1)] = -1;
  return shape;
}
