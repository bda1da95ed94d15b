/** npyjs, the real package, and NumPy's files as nbuf writes and reads them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acquire, HostArray, IndirectArray, openNpy, saveNpy } from 'nbuf';
import { fromNpyjs, type NpyjsArray, toNpyjs } from 'nbuf/interop';
import * as npyjs from 'npyjs';
import { afterAll, describe, expect, test } from 'vitest';
import { forCases } from '../../../test/random.ts';
import { codeOf, collect, elementsOf, kinds, randomCase } from './cases.ts';

const folder = mkdtempSync(join(tmpdir(), 'nbuf-npyjs-'));
afterAll(() => rmSync(folder, { recursive: true }));

function dump({ data, shape, dtype }: NpyjsArray): Uint8Array {
  return new Uint8Array(npyjs.dump(data as never, shape as number[], { dtype } as never));
}

/** As bytes of a file whose start is aligned, which npyjs' parse needs. */
function parse(bytes: Uint8Array): NpyjsArray {
  const { buffer } = new Uint8Array(bytes);
  return npyjs.parse(buffer, { convertFloat16: false }) as unknown as NpyjsArray;
}

describe('a view as npyjs has arrays', () => {
  test('random views, written by npyjs and mapped by nbuf', () => {
    forCases(200, (random) => {
      const one = randomCase(random, { isAligned: random.chance(0.5) });
      const { provider, shape } = one;
      const contiguous = provider.isContiguous('A');
      const isSaid = codeOf(() => toNpyjs(provider)) === '';
      if (!contiguous) expect(isSaid).toBe(false);
      const array = toNpyjs(provider, { copy: 'if-needed' });
      if (array.fortranOrder) return; // its dump writes C order only
      const file = join(folder, 'x.npy');
      writeFileSync(file, dump(array));
      const mapped = openNpy(file);
      using p = acquire(mapped);
      expect(p.shape).toEqual(shape);
      expect([...p]).toEqual(elementsOf(shape, one.at));
      p.release();
      mapped.dispose();
    });
  });

  test.each([
    ['b', 'i1'],
    ['B', 'u1'],
    ['?', 'b1'],
    ['h', 'i2'],
    ['H', 'u2'],
    ['i', 'i4'],
    ['I', 'u4'],
    ['q', 'i8'],
    ['Q', 'u8'],
    ['e', 'f2'],
    ['f', 'f4'],
    ['d', 'f8'],
    ['Zf', 'c8'],
    ['Zd', 'c16'],
  ])('format %s is %s, in both orders, without a copy', (format, dtype) => {
    using p = acquire(HostArray.allocate([2, 3], format), { writable: true });
    const rows = toNpyjs(p);
    const columns = toNpyjs(p.transpose());
    expect([rows.dtype, rows.shape, rows.fortranOrder]).toEqual([dtype, [2, 3], false]);
    expect([columns.shape, columns.fortranOrder]).toEqual([[3, 2], true]);
    for (const { data } of [rows, columns])
      expect((data as Uint8Array).buffer).toBe(p.buffer);
    if (format === 'e') expect(rows.data).toBeInstanceOf(Uint16Array);
  });

  test('refuses strides, other byte orders, readonly and indirect memory', () => {
    using p = acquire(HostArray.allocate([4, 4], 'i'));
    const cases = {
      CONTIGUITY: p.slice(':', [null, null, 2]),
      READONLY: p.toReadonly(),
      FORMAT: acquire(HostArray.allocate([2], '>i')),
      SUBOFFSETS: acquire(IndirectArray.fromRows([p.slice(0), p.slice(1)])),
    };
    for (const [code, view] of Object.entries(cases)) {
      expect(codeOf(() => toNpyjs(view))).toBe(code);
      expect(() => toNpyjs(view)).toThrow(/pass \{ copy: 'if-needed' \}/);
      expect(toNpyjs(view, { copy: 'if-needed' }).data).toBeInstanceOf(Int32Array);
    }
  });

  test('ends with the release', () => {
    const p = acquire(HostArray.from([1, 2]));
    const { data } = toNpyjs(p);
    p.release();
    expect(data).toHaveLength(0);
  });
});

describe('what npyjs loaded as a provider', () => {
  test.each(Object.keys(kinds))(
    '%s from a file of nbuf, in both orders',
    async (name) => {
      const file = join(folder, `${name}.npy`);
      for (const order of ['C', 'F'] as const) {
        const bytes = new Uint8Array(96).map((_, k) => (k * 7) & 0x3f);
        const { format, itemsize } = kinds[name] as { format: string; itemsize: number };
        const shape = [2, 96 / itemsize / 2];
        const host = HostArray.fromBytes(bytes, { shape, format });
        using p = acquire(host);
        await saveNpy(order === 'F' ? p.transpose().toContiguous('F') : p, file);
        const loaded = parse(readFileSync(file));
        using q = fromNpyjs(loaded, { writable: true });
        const expected = order === 'F' ? p.transpose() : p;
        expect([q.shape, loaded.fortranOrder]).toEqual([expected.shape, order === 'F']);
        expect(q.toArray()).toEqual(expected.toArray());
        q.fill(q.get(0, 1));
        const own = loaded.data as Uint8Array; // sees what was written
        expect(own.at(-1)).toBe(own.at(itemsize / own.BYTES_PER_ELEMENT - 1));
      }
    },
  );

  test('float16: its bits, or converted', async () => {
    const file = join(folder, 'half.npy');
    using p = acquire(HostArray.from([0.5, -1], 'e'));
    await saveNpy(p, file);
    const bytes = readFileSync(file);
    using bits = fromNpyjs(parse(bytes));
    expect([bits.format, bits.toArray()]).toEqual(['e', [0.5, -1]]);
    const single = npyjs.parse(new Uint8Array(bytes).buffer) as unknown as NpyjsArray;
    using converted = fromNpyjs(single);
    expect([converted.format, converted.toArray()]).toEqual(['f', [0.5, -1]]);
  });

  test('booleans and text are plain arrays there: refused', async () => {
    const file = join(folder, 'bool.npy');
    using p = acquire(HostArray.from([true, false]));
    await saveNpy(p, file);
    expect(() => fromNpyjs(parse(readFileSync(file)))).toThrow(/HostArray\.from\(\)/);
  });

  test('its data stays alive, and what is wrong is refused', async () => {
    const alone = fromNpyjs(parse(dump({ ...one(), data: Float32Array.of(1, 2) })));
    await collect(() => false);
    expect(alone.toArray()).toEqual([1, 2]);
    expect(codeOf(() => fromNpyjs({ ...one(), dtype: 'f8' }))).toBe('FORMAT');
    expect(codeOf(() => fromNpyjs({ ...one(), shape: [3] }))).toBe('BOUNDS');
    expect(codeOf(() => fromNpyjs({ ...one(), data: 5 as never }))).toBe(
      'ERR_INVALID_ARG_TYPE',
    );
  });
});

function one(): NpyjsArray {
  return { data: Float32Array.of(1, 2), shape: [2], dtype: 'f4', fortranOrder: false };
}
