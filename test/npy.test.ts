import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acquire, NpyFile, openNpy } from 'nbuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const PYTHON = '/usr/bin/python3';
let folder: string;

// NumPy writes the files and says what is in them.
const GENERATOR = `
import json, sys, warnings
import numpy as np
folder = sys.argv[1]
cases = {}
def plain(x):
    if isinstance(x, list): return [plain(y) for y in x]
    if isinstance(x, complex): return {'re': x.real, 'im': x.imag}
    if isinstance(x, bytes): return list(x)
    if isinstance(x, (np.longdouble, np.clongdouble)): return plain(x.item()) if False else float(x)
    return x
def save(name, a, values=None, **kw):
    np.lib.format.write_array(open(f'{folder}/{name}.npy', 'wb'), a, **kw)
    cases[name] = {'shape': list(a.shape), 'strides': list(a.strides), 'itemsize': a.itemsize,
                   'values': plain(a.tolist() if values is None else values)}
rng = np.random.default_rng(5)
for order in '<>':
    for kind in ['i2','i4','i8','u2','u4','u8','f2','f4','f8','c8','c16']:
        a = (rng.integers(0, 100, (3, 4)) * 1).astype(order + kind)
        save(f'{"le" if order == "<" else "be"}_{kind}', a)
for kind in ['b1', 'i1', 'u1']:
    save(kind, rng.integers(0, 2, (2, 5)).astype(kind))
save('fortran', np.asfortranarray(rng.random((4, 3, 2))))
save('scalar', np.array(1.5))
save('empty', np.zeros((0, 3)))
save('axes32', np.arange(2.0).reshape((1,) * 31 + (2,)))
save('bytes', np.array([b'ab', b'c'], dtype='S3'), [[97, 98, 0], [99, 0, 0]])
save('text', np.array(['ab', 'c\\u20ac\\U0001f600']))
save('text_be', np.array(['ab', 'c'], dtype='>U2'))
save('date', np.array(['2024-02-29', 'NaT'], dtype='M8[D]'), None if False else
     np.array(['2024-02-29', 'NaT'], dtype='M8[D]').astype('i8').tolist())
save('long', np.array([1.5, -2.25], dtype=np.longdouble), [1.5, -2.25])
for v in [(1, 0), (2, 0), (3, 0)]:
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        save(f'version{v[0]}', np.arange(6, dtype='<u2').reshape(2, 3), version=v)
np.save(f'{folder}/object.npy', np.array([{}], dtype=object))
np.save(f'{folder}/record.npy', np.array([(1, 2.5, [3, -4]), (5, 6.5, [7, -8])], dtype=[('x', 'i4'), ('y', '>f8'), ('t', 'M8[ms]', 2)]))
json.dump(cases, sys.stdout)
`;

type Case = { shape: number[]; strides: number[]; itemsize: number; values: unknown };
let cases: Record<string, Case>;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nbuf-npy-'));
  const text = execFileSync(PYTHON, ['-c', GENERATOR, folder], { encoding: 'utf8' });
  cases = JSON.parse(text);
});
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string) => join(folder, `${name}.npy`);

/** Elements as JSON has them. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return [...value];
  if (Array.isArray(value)) return value.map(plain);
  return typeof value === 'bigint' ? Number(value) : value;
}

function failure(action: () => unknown): { code: unknown; message: string } {
  try {
    action();
  } catch (error) {
    return error as { code: unknown; message: string };
  }
  throw new Error('expected an error');
}

describe('openNpy', () => {
  it('reads what NumPy wrote', () => {
    expect(Object.keys(cases).length).toBeGreaterThan(35);
    for (const [name, { shape, strides, itemsize, values }] of Object.entries(cases)) {
      const provider = acquire(openNpy(file(name)));
      expect([name, provider.shape, provider.itemsize]).toEqual([name, shape, itemsize]);
      const empty = shape.includes(0);
      if (!empty) expect([name, provider.strides]).toEqual([name, strides]);
      if (!empty) expect([name, plain(provider.toArray())]).toEqual([name, values]);
      provider.release();
    }
  });

  it('reads records, and tells the units of their datetimes', () => {
    const records = openNpy(file('record'));
    expect(records).toBeInstanceOf(NpyFile);
    expect(records.format).toBe('T{<i:x:>d:y:(2)<q:t:}');
    expect([...records.units]).toEqual([['t', 'datetime64[ms]']]);
    (records.units as Map<string, string>).clear(); // a copy
    expect(records.units.size).toBe(1);
    const provider = acquire(records);
    expect(provider.toArray()).toEqual([
      { x: 1, y: 2.5, t: [3n, -4n] },
      { x: 5, y: 6.5, t: [7n, -8n] },
    ]);
    provider.release();
    expect([...openNpy(file('date')).units]).toEqual([['', 'datetime64[D]']]);
    expect([...openNpy(file('long')).units]).toEqual([]);
  });

  it('can be constructed by nobody else', () => {
    const Constructor = NpyFile as unknown as new (...args: unknown[]) => unknown;
    expect(failure(() => new Constructor({}, Symbol('own'), new Map())).code).toBe(
      'ERR_INVALID_ARG_TYPE',
    );
    expect(() => Object.setPrototypeOf(NpyFile, Array)).toThrow(TypeError);
  });

  it('is copy-on-write by default, and writes through in r+', () => {
    const before = readFileSync(file('le_f8'));
    const copy = acquire(openNpy(file('le_f8')), { writable: true });
    copy.fill(7);
    copy.release();
    expect(readFileSync(file('le_f8')).equals(before)).toBe(true);
    const mapped = openNpy(file('le_f8'), { mode: 'r+' });
    const provider = acquire(mapped, { writable: true });
    provider.set(0, 0, 12.5);
    provider.release();
    mapped.flush();
    const after = acquire(openNpy(file('le_f8'), { mode: 'r' }));
    expect(after.get(0, 0)).toBe(12.5);
    after.release();
  });

  it('says why it refuses', () => {
    const refused = (name: string) => failure(() => openNpy(file(name)));
    expect(refused('object').code).toBe('ERR_NBUF_FORMAT');
    expect(refused('object').message).toMatch(/object/i);
    expect(refused('absent').code).toBe('ERR_NBUF_IO');
    expect(failure(() => openNpy(folder)).code).toBe('ERR_NBUF_IO');
  });

  it('refuses every truncation of a file', () => {
    const whole = readFileSync(file('le_i4'));
    const cut = join(folder, 'cut.npy');
    for (let length = 0; length < whole.length; length++) {
      writeFileSync(cut, whole.subarray(0, length));
      const { code } = failure(() => openNpy(cut));
      expect([length, code]).toEqual([
        length,
        length < 128 ? 'ERR_NBUF_FORMAT' : 'ERR_NBUF_BOUNDS',
      ]);
    }
  });

  it('refuses shapes larger than the file, and absurd headers', () => {
    const header = (text: string) => {
      const body = `${text}\n`;
      const prelude = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 0, 0]);
      prelude.writeUInt16LE(body.length, 8);
      writeFileSync(
        file('made'),
        Buffer.concat([prelude, Buffer.from(body), Buffer.alloc(64)]),
      );
      return failure(() => openNpy(file('made'))).code;
    };
    const dict = (shape: string, descr = "'<f8'") =>
      `{'descr': ${descr}, 'fortran_order': False, 'shape': ${shape}, }`;
    expect(header(dict('(9,)'))).toBe('ERR_NBUF_BOUNDS');
    expect(header(dict('(1000000000000,)'))).toBe('ERR_NBUF_BOUNDS');
    expect(header(dict('(-1,)'))).toBe('ERR_NBUF_FORMAT');
    expect(header(dict('(4503599627370496, 4503599627370496)'))).toBe('ERR_NBUF_FORMAT');
    expect(header(dict('(2251799813685248,)'))).toMatch(/BOUNDS|RANGE/);
    expect(header(dict('(1,)', "'<f7'"))).toBe('ERR_NBUF_FORMAT');
    expect(header('os.system("x")')).toBe('ERR_NBUF_FORMAT');
    expect(header(`${'('.repeat(30_000)}`)).toBe('ERR_NBUF_FORMAT');
  });
});
