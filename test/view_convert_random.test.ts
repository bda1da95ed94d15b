/** copyFrom({ convert }) in bulk, beside the conversion of one element after the other. */

import { acquire, calcsize, formatsEqual, HostArray, type View } from 'nbuf';
import { expect, test } from 'vitest';
import { fromLayout, indexVectors } from './model.ts';
import { forCases, type Random, randomShape } from './random.ts';

const NUMBERS = ['b', 'B', 'h', 'H', 'i', 'I', 'q', 'Q', 'f', 'd'].flatMap((type) => [
  `<${type}`,
  `>${type}`,
]);
/** What one of them holds, the other one does. */
const PAIRS: readonly (readonly [string, string])[] = [
  ['<Zd', '>Zd'],
  ['<e', '>e'],
  ['>g', '<g'],
  ['<T{(2)T{B:a:h:b:}:c:Zf:d:}', '@T{(2)T{B:x:h:y:}:c:>Zf:d:}'],
  ['<T{H:a:5xd:b:}', '>T{H:a:d:b:}'],
];
const VALUES = [0, -0, 1, -1, 0.5, -1.5, 255.9, 2 ** 31, -(2 ** 31) - 1, 2 ** 53, 1e300];
const SPECIAL = [...VALUES, -(2 ** 63), 2 ** 64 + 4096, Infinity, -Infinity, NaN, 1e-310];

/** A view with gaps, turned axes and negative steps over bytes of its own. */
function someView(random: Random, shape: readonly number[], format: string): View {
  const order = random.shuffle(shape.map((_, axis) => axis));
  const outer = order.map((axis) => (shape[axis] as number) + random.int(0, 2));
  const count = outer.reduce((product, extent) => product * extent, 1);
  const itemsize = calcsize(format) + (random.chance(0.2) ? random.int(1, 4) : 0);
  const bytes = random.bytes(count * itemsize);
  const provider = acquire(
    HostArray.fromBytes(bytes, { shape: outer, format, itemsize }),
    { writable: true },
  );
  const ranges = order.map((axis) => {
    const extent = shape[axis] as number;
    return random.chance(0.5) || extent === 0 ? [0, extent] : [extent - 1, null, -1];
  });
  return provider.slice(...ranges).transpose(...shape.map((_, k) => order.indexOf(k)));
}

/** Any bits are integers; of floats, most would be NaNs, of which nobody keeps all bits. */
function fill(random: Random, view: View): void {
  const type = (view.format as string).at(-1) as string;
  if (!'fd'.includes(type)) return;
  const values = type === 'd' ? SPECIAL : SPECIAL.filter((x) => Math.abs(x) !== 1e300);
  for (const index of indexVectors(view.shape as number[]))
    view.set(...([...index, random.pick(values)] as never));
}

function addressesOf(view: View): readonly number[] {
  const { shape, strides, byteOffset, itemsize } = view;
  const layout = { shape: shape as number[], strides: strides as number[], itemsize };
  return fromLayout({ ...layout, offset: byteOffset }, new Uint8Array()).addresses;
}

/** C's conversion where it is defined; integers wrap, NaN and infinities become 0. */
function converted(value: number | bigint, type: string): number | bigint {
  if (type === 'd') return Number(value);
  if (type === 'f') return Math.fround(Number(value));
  const isWhole = typeof value === 'bigint' || Number.isFinite(value);
  const whole =
    typeof value === 'bigint' ? value : BigInt(isWhole ? Math.trunc(value) : 0);
  const bits = 8 * calcsize(`<${type}`);
  const wrapped = 'bhiq'.includes(type)
    ? BigInt.asIntN(bits, whole)
    : BigInt.asUintN(bits, whole);
  return 'qQ'.includes(type) ? wrapped : Number(wrapped);
}

const SETTERS: Readonly<Record<string, string>> = {
  b: 'setInt8',
  B: 'setUint8',
  h: 'setInt16',
  H: 'setUint16',
  i: 'setInt32',
  I: 'setUint32',
  q: 'setBigInt64',
  Q: 'setBigUint64',
  f: 'setFloat32',
  d: 'setFloat64',
};

/** The target's block as it should be after target.copyFrom(source). */
function expected(target: View, source: View): Uint8Array {
  const out = new Uint8Array(target.buffer).slice();
  const bytes = new DataView(out.buffer);
  const [order, type] = target.format as unknown as [string, string];
  const set = Reflect.get(bytes, SETTERS[type] as string) as (...args: unknown[]) => void;
  const values = indexVectors(source.shape as number[]).map((index) =>
    source.get(...index),
  );
  for (const [k, at] of addressesOf(target).entries())
    set.call(bytes, at, converted(values[k] as number, type), order === '<');
  return out;
}

/** Words to floats of 4 bytes round once: see view_convert_kinds.test.ts. */
function somePair(random: Random): [string, string] {
  const to = random.pick(NUMBERS);
  return [to, random.pick(NUMBERS.filter((from) => !(/f/.test(to) && /q/i.test(from))))];
}

test('writes what a conversion of each element writes, and nothing else', () => {
  forCases(1500, (random) => {
    const [to, from] = somePair(random);
    if (formatsEqual(to, from)) return; // a plain copy, of padding too
    const shape = randomShape(random, { maxNdim: 4, maxSize: 30 });
    const target = someView(random, shape, to);
    const source = someView(random, shape, from);
    fill(random, source);
    const wanted = expected(target, source);
    target.copyFrom(source, { convert: 'unsafe' });
    expect(new Uint8Array(target.buffer), `${to} from ${from} [${shape}]`).toEqual(
      wanted,
    );
  });
});

test('bits of values that only their order tells apart, and records value by value', () => {
  forCases(500, (random) => {
    const [to, from] = random.shuffle(random.pick(PAIRS)) as [string, string];
    const shape = randomShape(random, { maxNdim: 3, maxSize: 20 });
    const target = someView(random, shape, to);
    const source = someView(random, shape, from);
    const before = new Uint8Array(target.buffer).slice();
    target.copyFrom(source, { convert: 'unsafe' });
    expect(target.equals(source, { nan: true }), `${to} from ${from}`).toBe(true);
    // What is between and around the elements stays.
    const inside = addressesOf(target).map((at) => [at, at + calcsize(to)] as const);
    const after = new Uint8Array(target.buffer);
    for (let k = 0; k < after.length; k++)
      if (!inside.some(([low, high]) => k >= low && k < high))
        expect(after[k]).toBe(before[k]);
  });
});

test('also within one block, as if through a temporary', () => {
  forCases(500, (random) => {
    const [to, from] = somePair(random);
    const block = acquire(HostArray.fromBytes(random.bytes(256), {}), { writable: true });
    const count = random.int(1, 12);
    const part = (format: string) => {
      const size = calcsize(format) * count;
      const start = random.int(0, 256 - size);
      const view = block.slice([start, start + size]).cast(format, [count]) as View;
      return random.chance(0.5) ? view : view.slice([null, null, -1]);
    };
    const [target, source] = [part(to), part(from)];
    fill(random, source);
    const wanted = expected(target, source);
    target.copyFrom(source, { convert: 'unsafe' });
    expect(new Uint8Array(target.buffer), `${to} from ${from}`).toEqual(wanted);
  });
});

test('blocks of more numbers than fit at once', () => {
  const numbers = acquire(HostArray.allocate([300, 7, 41], '>d'), { writable: true });
  let next = 0;
  for (let i = 0; i < 300; i++)
    for (let j = 0; j < 7; j++) for (let k = 0; k < 41; k++) numbers.set(i, j, k, next++);
  const target = acquire(HostArray.allocate([41, 300, 7], 'i'), { writable: true });
  target.copyFrom(numbers.transpose(2, 0, 1), { convert: 'unsafe' });
  expect(target.transpose(1, 2, 0).equals(numbers)).toBe(true);
  const words = acquire(HostArray.allocate([300, 7, 41], '>q'), { writable: true });
  words.copyFrom(numbers.slice([null, null, -1]), { convert: 'unsafe' });
  expect(words.slice([null, null, -1]).equals(numbers)).toBe(true);
});
