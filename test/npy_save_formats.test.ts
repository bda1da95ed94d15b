/** saveNpy: which dtype each format becomes, against NumPy, and why others are refused. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acquire, calcsize, HostArray, openNpy, saveNpy } from 'nbuf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeNpyHeader } from '../lib/npy_header.ts';
import { askNumpy, type Described, hasNumpy, plain } from './npy_ask.ts';
import { createRandom, firstSeed } from './random.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nbuf-save-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const fileOf = (name: string): string => join(folder, name);

const NATIVE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? '<' : '>';
const random = createRandom(firstSeed());

/** Elements of random bytes. */
function arrayOf(
  format: string,
  shape: number[],
  itemsize = calcsize(format),
): HostArray {
  const count = shape.reduce((product, extent) => product * extent, 1);
  const bytes = random.bytes(count * itemsize);
  return HostArray.fromBytes(bytes, { shape, format, itemsize });
}

/** What a lone value, a list without names and a record become. */
const FORMATS: [format: string, descr: string, itemsize: number, shape?: number[]][] = [
  ...(['b', 'B', '?'] as const).map(
    (type, k) => [type, `'|${['i1', 'u1', 'b1'][k]}'`, 1] as never,
  ),
  ['c', "'|S1'", 1],
  ['<h', "'<i2'", 2],
  ['>H', "'>u2'", 2],
  ['i', `'${NATIVE}i4'`, 4],
  ['=l', `'${NATIVE}i4'`, 4],
  ['!q', "'>i8'", 8],
  ['n', `'${NATIVE}i8'`, 8],
  ['>e', "'>f2'", 2],
  ['<f', "'<f4'", 4],
  ['>d', "'>f8'", 8],
  ['<Zf', "'<c8'", 8],
  ['>Zd', "'>c16'", 16],
  ['5s', "'|S5'", 5],
  ['>3w', "'>U3'", 12],
  ['3x', "'|V3'", 3],
  ['<i4x', "'<i4'", 8],
  ['4x<i', "'<i4'", 8],
  ['2i', `'${NATIVE}i4'`, 8, [2]],
  ['(2,3)<h', "'<i2'", 12, [2, 3]],
  ['(2)T{<i:a:b:b:}', "[('a', '<i4'), ('b', '|i1')]", 10, [2]],
  ['T{<i}', "[('f0', '<i4')]", 4],
  ['T{<i:a:}', "[('a', '<i4')]", 4],
  ['<i:a:', "[('a', '<i4')]", 4],
  ['<id', "[('f0', '<i4'), ('f1', '<f8')]", 12],
  ['<2id', "[('f0', '<i4', (2,)), ('f1', '<f8')]", 16],
  ['<i:f0:d:a:h', "[('f0', '<i4'), ('a', '<f8'), ('f1', '<i2')]", 14],
  ['b:a:3x<i:b:2x', "[('a', '|i1'), ('', '|V3'), ('b', '<i4'), ('', '|V2')]", 10],
  ['T{<i:a:}', "[('a', '<i4'), ('', '|V8')]", 12],
  [
    'T{<i:a:T{<h:x:2x}:p:3x:v:}',
    "[('a', '<i4'), ('p', [('x', '<i2'), ('', '|V2')]), ('v', '|V3')]",
    11,
  ],
  [
    'T{b:a:(2)T{<d<i}:r:}',
    "[('a', '|i1'), ('r', [('f0', '<f8'), ('f1', '<i4')], (2,))]",
    25,
  ],
  [
    'T{0s:s:<0w:w:0x:v:b:b:}',
    "[('s', '|S0'), ('w', '<U0'), ('v', '|V0'), ('b', '|i1')]",
    1,
  ],
  ['T{}4x', "[('', '|V4')]", 4],
];

describe('formats', () => {
  test.each(FORMATS)('%s is %s', async (format, descr, itemsize, inner = []) => {
    const array = arrayOf(format, [2, 3], itemsize);
    const path = fileOf('format.npy');
    await saveNpy(array, path);
    const content = readFileSync(path);
    const header = makeNpyHeader(descr, false, [2, 3, ...inner]);
    expect(content.subarray(0, header.length).toString()).toBe(
      Buffer.from(header).toString(),
    );
    const provider = acquire(openNpy(path));
    const bytes = Buffer.from(acquire(array).toBytes());
    // A lone number loses what is around it; everything else is byte for byte the same.
    const padded = /^(\dx)?<i(\dx)?$/.exec(format);
    const start = padded?.[1] === undefined ? 0 : 4;
    const expected =
      padded === null || itemsize === 4
        ? bytes
        : Buffer.concat(
            Array.from({ length: 6 }, (_, k) =>
              bytes.subarray(8 * k + start, 8 * k + start + 4),
            ),
          );
    expect(content.subarray(header.length)).toEqual(expected);
    provider.release();
  });

  test.runIf(hasNumpy)('are what NumPy loads', async () => {
    const names: string[] = [];
    for (const [k, [format, , itemsize]] of FORMATS.entries()) {
      const view = acquire(arrayOf(format, [2], itemsize));
      // Random bytes are no text.
      if (format.includes('w')) view.writeBytes(new Uint8Array(2 * itemsize).fill(0));
      names.push(`format_${k}.npy`);
      await saveNpy(view, fileOf(`format_${k}.npy`));
    }
    const found = askNumpy(['load', folder], names) as Described[];
    for (const [k, [format, descr, , inner = []]] of FORMATS.entries()) {
      const { values, ...rest } = found[k] as Described;
      expect([format, rest.descr, rest.shape]).toEqual([format, descr, [2, ...inner]]);
      const again = acquire(openNpy(fileOf(`format_${k}.npy`)));
      if (format !== '3x' && format !== 'T{}4x')
        expect([format, plain(again.toArray())]).toEqual([format, values]);
      again.release();
    }
  });

  test.each([1, 2])(
    'a sub-array of %i in Fortran order is saved in C order: its axes cannot lead',
    async (length) => {
      const array = HostArray.allocate([2, 3], `(${length})<h`, { order: 'F' });
      const view = acquire(array, { writable: true });
      for (let k = 0; k < 6; k++)
        view.set(k % 2, Math.floor(k / 2), new Array(length).fill(k));
      await saveNpy(view, fileOf('folded.npy'));
      const again = acquire(openNpy(fileOf('folded.npy')));
      expect([again.shape, again.isContiguous('C')]).toEqual([[2, 3, length], true]);
      expect(again.toArray()).toEqual(view.toArray());
    },
  );

  test.runIf(hasNumpy)(
    'of thousands of fields have the header that NumPy writes',
    async () => {
      const fields = Array.from({ length: 4000 }, (_, k) => `>i:a long name ${k}:1x`);
      await saveNpy(arrayOf(`T{${fields.join('')}}`, [2]), fileOf('many.npy'));
      expect(readFileSync(fileOf('many.npy'))[6]).toBe(2);
      const question = { source: 'many.npy', saved: 'many.npy', steps: [] };
      expect(askNumpy(['check', folder], [question])).toEqual([null]);
      const file = acquire(openNpy(fileOf('many.npy')));
      expect(Object.keys(file.get(1) as object)).toHaveLength(4000);
      file.release();
    },
  );

  test.each([
    ['u', /the element with UCS-2 text: cast to 'H'/],
    ['4p', /Pascal strings/],
    ['P', /the element with addresses.*cast to 'N'/],
    ['&d', /addresses/],
    ['X{i}', /function pointers/],
    ['O', /Python objects/],
    ['8t', /bit fields/],
    ['Ze', /convert to 'Zf'/],
    ['[ml_dtypes$bfloat16]', /\[ml_dtypes\$bfloat16\]: cast to 'H' or 'B'/],
    ['T{<i:a:T{P:x:}:b.c:}', /field "b\.c\.x" with addresses/],
    ['T{T{@ib}:a:(2)T{@ib}:b:}', /8 bytes for each record of field "b"/, 21],
    ['(0)0s', /at least 1 byte/, 1],
    [`(${'1,'.repeat(63)}1)<i`, /at most 64 axes with those of the sub-array, found 65/],
  ])('refuses %s before a file is made', async (format, message, itemsize?: number) => {
    const array = arrayOf(format, [1], itemsize);
    await expect(saveNpy(array, fileOf('refused.npy'))).rejects.toThrow(
      expect.objectContaining({
        name: 'BufferError',
        code: 'ERR_NBUF_FORMAT',
        message: expect.stringMatching(message),
      }),
    );
    expect(() => readFileSync(fileOf('refused.npy'))).toThrow(/ENOENT/);
    expect(array.locks.memory).toBe(0);
  });

  test('the last record may lack its padding', async () => {
    const array = arrayOf('T{<i:a:T{@i:x:b:y:}:b:}', [2], 9);
    await saveNpy(array, fileOf('tight.npy'));
    expect(openNpy(fileOf('tight.npy')).format).toBe('T{<i:a:T{<i:x:b:y:}:b:}');
  });
});

describe('units', () => {
  const saved = async (format: string, units: [string, string][]) => {
    const path = fileOf('units.npy');
    await saveNpy(arrayOf(format, [2]), path, { units: new Map(units) });
    return openNpy(path);
  };

  test('make datetimes of integers', async () => {
    expect([...(await saved('>q', [['', 'datetime64[ns]']])).units]).toEqual([
      ['', 'datetime64[ns]'],
    ]);
    const units: [string, string][] = [
      ['t', 'timedelta64[25s]'],
      ['r.d', 'datetime64'],
    ];
    const file = await saved('T{(2)<q:t:T{<q:d:<q:e:}:r:}', units);
    expect([...file.units]).toEqual(units);
    expect(file.format).toBe('T{(2)<q:t:T{<q:d:<q:e:}:r:}');
    await saveNpy(file, fileOf('again.npy'));
    expect([...openNpy(fileOf('again.npy')).units]).toEqual(units);
    await saveNpy(file, fileOf('again.npy'), { units: new Map() });
    expect(openNpy(fileOf('again.npy')).units.size).toBe(0);
    file.setLayout({ shape: [2], format: '<d' }); // its units are out of date
    await saveNpy(file, fileOf('again.npy'));
    expect(openNpy(fileOf('again.npy')).units.size).toBe(0);
  });

  test.each<[string, [string, string][], RegExp]>([
    ['<q', [['', 'datetime64[parsec]']], /such as 'datetime64\[ns\]'/],
    ['<q', [['', 'M8[ns]']], /such as/],
    ['<q', [['x', 'datetime64[s]']], /8-byte signed integers, found "x"/],
    ['<Q', [['', 'datetime64[s]']], /8-byte signed integers/],
    ['<i', [['', 'datetime64[s]']], /8-byte signed integers/],
    ['T{<q:a.b:T{<q:b:}:a:}', [['a.b', 'datetime64[s]']], /one field "a.b", found two/],
  ])('%s with %j is a mistake', async (format, units, message) => {
    const error = {
      name: 'RangeError',
      code: 'ERR_OUT_OF_RANGE',
      message: expect.stringMatching(message),
    };
    await expect(saved(format, units)).rejects.toThrow(expect.objectContaining(error));
  });
});
