/** equals beside a comparison of what get() returns: random layouts, formats and bytes. */

import { acquire, calcsize, HostArray, type View } from 'nbuf';
import { expect, test } from 'vitest';
import { indexVectors } from './model.ts';
import { forCases, type Random, randomShape } from './random.ts';

/** Formats whose elements have values that can be equal: the core, JavaScript, or both decide. */
const PAIRS: readonly (readonly [string, string])[] = [
  ['B', 'B'],
  ['B', 'b'],
  ['<h', '>h'],
  ['<I', '>I'],
  ['>q', '<q'],
  ['q', 'Q'],
  ['<e', '>e'],
  ['<f', '<f'],
  ['<f', '>f'],
  ['>d', '<d'],
  ['>d', '>d'],
  ['<Zf', '>Zf'],
  ['Zd', 'd'],
  ['i', 'd'],
  ['H', 'f'],
  ['?', '?'],
  ['g', 'd'],
  ['3s', '3s'],
  ['3p', '3p'],
  ['2u', '2u'],
  ['<(2)h', '>2h'],
  ['<T{i:a:d:b:}', '@T{i:x:d:y:}'],
  ['<T{h:a:3f:b:?:c:}', '>T{h:x:(3)f:y:?:z:}'],
  ['<T{(2)T{B:a:h:b:}:c:Zf:d:}', '@T{(2)T{B:x:h:y:}:c:>Zf:d:}'],
  ['T{B:a:f:b:}', 'T{d:a:d:b:}'],
];

/** Bytes in which zeros of both signs, NaNs and equal items are frequent. */
function someBytes(random: Random, length: number): Uint8Array {
  const bytes = random.bytes(length);
  const patterns = [0, 0, 0x80, 0xff, 0x7f, 0x7c, 1];
  if (random.chance(0.8))
    for (let k = 0; k < length; k++)
      if (random.chance(0.9)) bytes[k] = random.pick(patterns);
  return bytes;
}

function isSame(a: unknown, b: unknown, nan: boolean): boolean {
  if (typeof a === 'object' && typeof b === 'object' && a !== null && b !== null) {
    const [x, y] = [Object.values(a), Object.values(b)];
    return x.length === y.length && x.every((value, k) => isSame(value, y[k], nan));
  }
  if (typeof a === 'object') return isSame(a, { re: b, im: 0 }, nan);
  if (typeof b === 'object') return isSame({ re: a, im: 0 }, b, nan);
  // biome-ignore lint/suspicious/noDoubleEquals: bigints and numbers by exact value
  return a == b || (nan && Number.isNaN(a) && Number.isNaN(b));
}

/** The same elements behind a slice with a negative step, turned axes, or padding. */
function disguised(
  random: Random,
  shape: readonly number[],
  make: (shape: number[]) => View,
) {
  const order = random.shuffle(shape.map((_, axis) => axis));
  const outer = order.map((axis) => (shape[axis] as number) + random.int(0, 2));
  const view = make(outer);
  const ranges = order.map((axis) => {
    const extent = shape[axis] as number;
    return random.chance(0.5) || extent === 0 ? [0, extent] : [extent - 1, null, -1];
  });
  const sliced = view.slice(...ranges);
  return sliced.transpose(...shape.map((_, axis) => order.indexOf(axis)));
}

test('equals says of random views what their elements say', () => {
  const counts = { equal: 0, different: 0 };
  forCases(1500, (random) => {
    const [one, other] = random.shuffle(random.pick(PAIRS)) as [string, string];
    const shape = randomShape(random, { maxNdim: 4, maxSize: 12 });
    const make = (format: string) => (outer: number[]) => {
      const size = outer.reduce((product, extent) => product * extent, 1);
      const bytes = someBytes(random, size * calcsize(format));
      return acquire(HostArray.fromBytes(bytes, { shape: outer, format }), {
        writable: true,
      });
    };
    const a = disguised(random, shape, make(one));
    const b = disguised(random, shape, make(other));
    const vectors = indexVectors(shape);
    if (random.chance(0.8)) b.copyFrom(a, { convert: 'unsafe' });
    if (vectors.length > 0 && random.chance(0.3)) {
      const index = random.pick(vectors);
      b.slice(...index).writeBytes(someBytes(random, b.itemsize));
    }
    const nan = random.chance(0.5);
    let expected = true;
    for (const index of vectors)
      expected &&= isSame(a.get(...index), b.get(...index), nan);
    const hint = `${one} ${other} [${shape}] nan: ${nan}`;
    expect(a.equals(b, { nan }), hint).toBe(expected);
    expect(b.equals(a, { nan }), hint).toBe(expected);
    counts[expected ? 'equal' : 'different']++;
  });
  expect(Math.min(counts.equal, counts.different)).toBeGreaterThan(200);
});

test('elements that all are one are compared once', () => {
  const a = acquire(HostArray.from([1.5], 'd'));
  const b = acquire(HostArray.from([1.5], 'f'));
  const many = [2 ** 20, 2 ** 29];
  expect(a.broadcastTo(many).equals(a.broadcastTo(many))).toBe(true);
  expect(a.broadcastTo(many).equals(b.broadcastTo(many))).toBe(true);
  const [x, y] = [a, acquire(HostArray.from([2.5], 'f'))];
  expect(x.broadcastTo(many).equals(y.broadcastTo(many))).toBe(false);
});
