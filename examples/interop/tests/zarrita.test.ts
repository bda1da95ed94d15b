/** zarrita, the real package: chunks go in and out of arrays in a Map. */
import { acquire, acquireAs, HostArray, IndirectArray, type View } from 'nbuf';
import { fromZarrita, toZarrita, type ZarritaChunk } from 'nbuf/interop';
import { describe, expect, test } from 'vitest';
import * as zarr from 'zarrita';
import { forCases } from '../../../test/random.ts';
import {
  type Case,
  codeOf,
  collect,
  elementsOf,
  isSayable,
  randomCase,
} from './cases.ts';

const NAMES = [
  'int8',
  'uint8',
  'int16',
  'uint16',
  'int32',
  'uint32',
  'int64',
  'uint64',
  'float32',
  'float64',
];

async function create(dtype: string, shape: readonly number[], order?: number[]) {
  const codecs =
    order === undefined ? [] : [{ name: 'transpose', configuration: { order } }];
  return await zarr.create(new Map(), {
    dtype: dtype as 'float64',
    shape: [...shape],
    chunkShape: shape.map((extent) => Math.max(1, Math.ceil(extent / 2))),
    codecs,
    fillValue: 0,
  });
}

/** Writes the chunk with zarrita and reads it again as a provider. */
async function roundTrip(dtype: string, chunk: ZarritaChunk): Promise<View> {
  const array = await create(dtype, chunk.shape);
  await zarr.set(array as never, null, chunk as never);
  return fromZarrita((await zarr.get(array as never)) as unknown as ZarritaChunk);
}

function bufferOf({ provider }: Case): unknown {
  return provider.size === 0 ? null : provider.buffer;
}

/** Its memory where a chunk can say the layout, else, refused with the reason, a copy. */
function chunkOf(one: Case): ZarritaChunk {
  const { provider, shape, strides } = one;
  const isForward = strides.every((step, k) => step >= 0 || shape[k] === 1);
  if (shape.includes(0) || (isSayable(one) && isForward)) return toZarrita(provider);
  const code = codeOf(() => toZarrita(provider));
  expect(isForward ? ['STRIDES'] : ['STRIDES', 'CONTIGUITY']).toContain(code);
  return toZarrita(provider, { copy: 'if-needed' });
}

describe('a view as a chunk', () => {
  test('random layouts go through zarr.set and zarr.get', async () => {
    const pending: (() => Promise<void>)[] = [];
    let said = 0;
    forCases(250, (random) => {
      const one = randomCase(random, { names: NAMES, isAligned: random.chance(0.8) });
      const { shape, name } = one;
      const chunk = chunkOf(one);
      if (
        chunk.data instanceof Object &&
        (chunk.data as Uint8Array).buffer === bufferOf(one)
      )
        said++;
      if (shape.length === 0 || shape.includes(0)) return; // zarr.set takes no scalar chunk
      const expected = elementsOf(shape, one.at);
      pending.push(async () =>
        expect([...(await roundTrip(name, chunk))]).toEqual(expected),
      );
    });
    expect(said).toBeGreaterThan(80);
    for (const check of pending) await check();
  });

  test('a negative stride needs a copy, a stride of 0 does not', async () => {
    using p = acquire(HostArray.from([1, 2, 3]));
    expect(() => toZarrita(p.slice([null, null, -1]))).toThrow(
      /no negative strides; pass \{ copy: 'if-needed' \}/,
    );
    const flipped = toZarrita(p.slice([null, null, -1]), { copy: 'if-needed' });
    expect((await roundTrip('float64', flipped)).toArray()).toEqual([3, 2, 1]);
    using row = acquireAs(Int32Array.of(5, 6), {
      shape: [3, 2],
      strides: [0, 4],
      format: 'i',
    });
    const wide = toZarrita(row);
    expect(wide.stride).toEqual([0, 1]);
    expect((await roundTrip('int32', wide)).toArray()).toEqual([
      [5, 6],
      [5, 6],
      [5, 6],
    ]);
  });

  test('booleans go as its BoolArray, or as bytes', async () => {
    using p = acquire(HostArray.from([true, false, true]));
    const { BoolArray } = zarr;
    const chunk = toZarrita(p, { BoolArray });
    expect(chunk.data).toBeInstanceOf(BoolArray);
    expect((await roundTrip('bool', chunk)).toArray()).toEqual([true, false, true]);
    expect(toZarrita(p).data).toEqual(Uint8Array.of(1, 0, 1));
  });

  test('what it cannot say is refused with the reason', () => {
    using p = acquire(HostArray.allocate([2, 2], 'i'));
    const cases = {
      READONLY: p.toReadonly(),
      FORMAT: acquire(HostArray.allocate([2], '>i')),
      SUBOFFSETS: acquire(IndirectArray.fromRows([p.slice(0), p.slice(1)])),
    };
    for (const [code, view] of Object.entries(cases)) {
      expect(codeOf(() => toZarrita(view))).toBe(code);
      expect(toZarrita(view, { copy: 'if-needed' }).data).toBeInstanceOf(Int32Array);
    }
    using complex = acquire(HostArray.allocate([2], 'Zf'));
    expect(codeOf(() => toZarrita(complex, { copy: 'if-needed' }))).toBe('FORMAT');
  });

  test('is the same memory, and ends with the release', () => {
    const p = acquire(HostArray.allocate([4, 4], 'h'), { writable: true });
    const { data, stride } = toZarrita(
      p.slice([1, 3], [2, null]).transpose(),
    ) as never as {
      data: Int16Array;
      stride: number[];
    };
    expect(stride).toEqual([1, 4]);
    data[5] = 7;
    expect(p.get(2, 3)).toBe(7);
    p.set(1, 2, 6);
    expect(data[0]).toBe(6);
    p.release();
    expect(data).toHaveLength(0);
  });
});

describe('a chunk as a provider', () => {
  test('with the strides of its codec', async () => {
    const array = await create('float32', [2, 3], [1, 0]);
    using values = acquire(HostArray.from([1, 2, 3, 4, 5, 6], 'f'));
    await zarr.set(array as never, null, toZarrita(values.reshape([2, 3])) as never);
    const chunk = (await (array as unknown as zarr.Array<'float32'>).getChunk([
      0, 0,
    ])) as unknown as ZarritaChunk<Float32Array>;
    using p = fromZarrita(chunk);
    expect(p.strides).toEqual([4, 4 * (chunk.shape[0] as number)]);
    expect(p.toArray()).toEqual([[1, 2]]);
    p.set(0, 1, 9);
    expect(chunk.data).toContain(9);
  });

  test('booleans and text, which zarrita keeps in classes of its own', () => {
    const flags = new zarr.BoolArray([true, false]);
    using p = fromZarrita({ data: flags, shape: [2], stride: [1] });
    p.set(1, true);
    expect([p.format, flags.get(1)]).toEqual(['?', true]);
    const bytes = new zarr.ByteStringArray(3, ['ab', 'xyz']);
    using text = fromZarrita({ data: bytes, shape: [2], stride: [1] });
    expect(text.format).toBe('3s');
    expect(Buffer.from(text.get(1) as Uint8Array).toString()).toBe('xyz');
    const words = new zarr.UnicodeStringArray(3, ['äö', 'xyz']);
    using unicode = fromZarrita({ data: words, shape: [2], stride: [1] });
    expect([unicode.format, unicode.get(0)]).toEqual(['3w', words.get(0)]);
  });

  test('objects are refused', () => {
    const chunk = { data: ['a'], shape: [1], stride: [1] };
    expect(codeOf(() => fromZarrita(chunk))).toBe('ERR_INVALID_ARG_TYPE');
    expect(codeOf(() => fromZarrita({ ...chunk, data: null }))).toBe(
      'ERR_INVALID_ARG_TYPE',
    );
  });

  test('its typed array stays alive, a transfer is seen, its bounds hold', async () => {
    const data = Float64Array.of(1, 2, 3, 4);
    const p = fromZarrita({ data, shape: [2, 2], stride: [2, 1] });
    const alone = fromZarrita({ data: Int8Array.of(1, 2), shape: [2], stride: [1] });
    await collect(() => false);
    expect(alone.toArray()).toEqual([1, 2]);
    expect(codeOf(() => fromZarrita({ data, shape: [3, 2], stride: [2, 1] }))).toBe(
      'BOUNDS',
    );
    structuredClone(data.buffer, { transfer: [data.buffer] });
    expect(codeOf(() => p.get(0, 0))).toBe('DETACHED');
  });
});
