/** Indirect views where they go: to C consumers, into files, through conversions, into lib's own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acquire, Flags, HostArray, IndirectArray, openNpy, saveNpy } from 'nbuf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from './compiler.ts';
import { randomIndirect } from './indirect_case.ts';
import * as model from './model.ts';
import { forCases } from './random.ts';

type Probe = {
  acquire(value: unknown, flags: number): number;
  walk(slot: number): number[];
  release(slot: number): void;
};
const LEVELS = 0x20000;
const probe = createRequire(import.meta.url)(
  join(root, 'test/addons/probe/build/Release/probe.node'),
) as Probe;

const code = (suffix: string) => expect.objectContaining({ code: `ERR_NBUF_${suffix}` });

/** What a C consumer reads with these flags. */
function walked(value: unknown, flags: number): number[] {
  const slot = probe.acquire(value, flags);
  const bytes = probe.walk(slot);
  probe.release(slot);
  return bytes;
}

describe('C consumers', () => {
  test('get suboffsets, or levels where they know them, and follow them themselves', () => {
    forCases(150, (random) => {
      const made = randomIndirect(random, random.pick([1, 2, 3]));
      const { array } = made;
      const expected = [...model.toBytes(made.model)];
      expect(walked(array, Flags.FULL_RO)).toEqual(expected);
      expect(walked(array, Flags.FULL_RO | LEVELS)).toEqual(expected);
      using p = acquire(array);
      const axes = random.shuffle(made.model.shape.map((_, axis) => axis));
      const view = p.transpose(...axes);
      const turned = [...model.toBytes(model.transpose(made.model, axes))];
      expect(walked(view, Flags.FULL_RO | LEVELS)).toEqual(turned);
      let suboffsets: readonly number[] | null | undefined;
      try {
        suboffsets = view.suboffsets;
      } catch {
        expect(() => walked(view, Flags.FULL_RO)).toThrow(code('SUBOFFSETS'));
      }
      if (suboffsets !== undefined) expect(walked(view, Flags.FULL_RO)).toEqual(turned);
    });
  });

  test('transposed across the level: SUBOFFSETS with the reason', () => {
    using p = acquire(IndirectArray.allocate([2, 3], 'h'));
    const turned = p.transpose();
    expect(() => probe.acquire(turned, Flags.FULL_RO)).toThrow(/suboffsets cannot/);
    expect(() => probe.acquire(p, Flags.STRIDED_RO)).toThrow(code('SUBOFFSETS'));
    expect(() => probe.acquire(p, Flags.C_CONTIGUOUS)).toThrow(code('CONTIGUITY'));
    using copy = acquire(turned, { indirect: false, copy: 'if-needed' });
    expect([copy.copied, copy.shape]).toEqual([true, [3, 2]]);
    // The other copy of the rule says the same.
    expect(() => turned.suboffsets).toThrow(code('SUBOFFSETS'));
  });

  test('a row is an exporter of its own', () => {
    const rows = [Uint8Array.of(1, 2), Uint8Array.of(3, 4)];
    const shared = rows.map((row) => {
      const bytes = new Uint8Array(new SharedArrayBuffer(2));
      bytes.set(row);
      return bytes;
    });
    using p = acquire(IndirectArray.fromRows(shared));
    expect(walked(p.slice(1), Flags.STRIDED_RO)).toEqual([3, 4]);
    expect(walked(p.slice(1).typedArray(), Flags.STRIDED_RO)).toEqual([3, 4]);
  });
});

describe('records', () => {
  const make = () => {
    const rows = [0, 1].map(() =>
      HostArray.allocate([2], 'T{<h:id:(2)<f:pos:T{B:a:}:t:}'),
    );
    return acquire(IndirectArray.fromRows(rows), { writable: true });
  };
  const record = (id: number) => ({ id, pos: [id + 0.5, -id], t: { a: id } });

  test('fields are views, with the axes of sub-arrays behind the pointers', () => {
    using p = make();
    p.copyFrom([
      [record(1), record(2)],
      [record(3), record(4)],
    ]);
    expect(p.get(1, 0)).toEqual(record(3));
    const pos = p.field('pos');
    expect([pos.shape, pos.levels]).toEqual([
      [2, 2, 2],
      { axisLevel: [0, 1, 1], postOffsets: [2] },
    ]);
    expect(pos.slice(':', ':', 1).toArray()).toEqual([
      [-1, -2],
      [-3, -4],
    ]);
    expect(p.transpose().field('t.a').toArray()).toEqual([
      [1, 3],
      [2, 4],
    ]);
    p.slice(1).field('id').fill(9);
    expect(p.field('id').toArray()).toEqual([
      [1, 2],
      [9, 9],
    ]);
    expect(p.equals(p.toContiguous())).toBe(true);
  });

  test('conversions read and write through pointers', () => {
    using p = make();
    using numbers = acquire(IndirectArray.allocate([2, 2], '>i'), { writable: true });
    numbers.copyFrom([
      [1, 2],
      [3, 4],
    ]);
    p.field('id').copyFrom(numbers, { convert: 'same-kind' });
    p.field('t.a').copyFrom(p.field('id').transpose(), { convert: 'unsafe' });
    expect(p.toArray()).toEqual([
      [
        { id: 1, pos: [0, 0], t: { a: 1 } },
        { id: 2, pos: [0, 0], t: { a: 3 } },
      ],
      [
        { id: 3, pos: [0, 0], t: { a: 2 } },
        { id: 4, pos: [0, 0], t: { a: 4 } },
      ],
    ]);
    // Onto itself, transposed: as if through a temporary.
    numbers.copyFrom(numbers.transpose(), { convert: 'unsafe' });
    const halves = acquire(HostArray.allocate([2, 2], 'e'), { writable: true });
    halves.copyFrom(numbers, { convert: 'unsafe' });
    expect(halves.toArray()).toEqual([
      [1, 3],
      [2, 4],
    ]);
  });
});

describe('saveNpy', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'nbuf-indirect-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('writes the elements in C order, in many pieces', async () => {
    const array = IndirectArray.allocate([700, 3001], '<i');
    using p = acquire(array, { writable: true });
    const values = Int32Array.from({ length: 700 * 3001 }, (_, k) => k * 7);
    p.writeBytes(values);
    for (const view of [p, p.transpose(), p.slice([null, null, -3], [5])]) {
      const path = join(folder, 'image.npy');
      await saveNpy(view, path);
      using back = acquire(openNpy(path));
      expect(back.shape).toEqual(view.shape);
      expect(back.equals(view)).toBe(true);
    }
    const records = IndirectArray.fromRows(
      [0, 1].map(() => HostArray.allocate([3], 'T{<h:id:(2)<f:pos:}')),
    );
    using q = acquire(records, { writable: true });
    q.field('id').copyFrom([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    await saveNpy(q, join(folder, 'records.npy'));
    expect(acquire(openNpy(join(folder, 'records.npy'))).toArray()).toEqual(q.toArray());
  });
});

test('a part without elements is a view like any other', () => {
  const image = acquire(IndirectArray.allocate([3, 4], 'h'), { writable: true });
  const none = acquire(IndirectArray.allocate([3, 0], 'h'), { writable: true });
  const parts = [
    image.slice(1, [2, 2]),
    image.transpose().slice([0, 0], 1),
    none.slice(2),
  ];
  for (const part of parts) {
    expect(part.suboffsets).toBeNull();
    expect(part.typedArray()).toEqual(new Int16Array(0));
    expect([...part.runs()]).toEqual([]);
    expect(acquire(part, Flags.SIMPLE).byteLength).toBe(0); // no consumer needs levels for it
    expect(part.equals(image.slice(1).slice([2, 2]))).toBe(true);
  }
  // Rows that have no block at all stay behind their pointers.
  const nothing = IndirectArray.fromPointers({
    blocks: [],
    tables: [[null]],
    shape: [1, 0],
    strides: [8, 1],
    suboffsets: [0, -1],
  });
  const row = acquire(nothing).slice(0);
  expect(row.toArray()).toEqual([]);
  expect(row.levels).toEqual({ axisLevel: [1], postOffsets: [0] });
});
