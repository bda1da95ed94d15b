import { describe, expect, test } from 'vitest';
import { descrToFormat } from '../lib/npy_dtype.ts';

const NATIVE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? '<' : '>';
const SWAPPED = NATIVE === '<' ? '>' : '<';

function refusal(message: RegExp): unknown {
  return expect.objectContaining({
    name: 'BufferError',
    code: 'ERR_NBUF_FORMAT',
    message: expect.stringMatching(message),
  });
}

describe('descrToFormat', () => {
  test.each([
    ['|b1', '?', 1],
    ['|i1', 'b', 1],
    ['<u1', 'B', 1],
    ['<i2', '<h', 2],
    ['>u2', '>H', 2],
    ['>i4', '>i', 4],
    ['=u4', `${NATIVE}I`, 4],
    ['|i8', `${NATIVE}q`, 8],
    ['u8', `${NATIVE}Q`, 8],
    ['<f2', '<e', 2],
    ['>f4', '>f', 4],
    ['<f8', '<d', 8],
    ['<c8', '<Zf', 8],
    ['>c16', '>Zd', 16],
    ['|S7', '7s', 7],
    ['<U5', '<5w', 20],
    ['>U1', '>1w', 4],
    ['|V3', '3x', 3],
  ])('%s is %s', (descr, format, itemsize) => {
    expect(descrToFormat(descr)).toEqual({ format, itemsize, units: new Map() });
  });

  test.each([
    ['<M8[ns]', '<q', 'datetime64[ns]'],
    ['>m8[25s]', '>q', 'timedelta64[25s]'],
    ['<M8', '<q', 'datetime64'],
    ['=m8[as]', `${NATIVE}q`, 'timedelta64[as]'],
  ])('%s counts a unit', (descr, format, unit) => {
    const units = new Map([['', unit]]);
    expect(descrToFormat(descr)).toEqual({ format, itemsize: 8, units });
  });

  test('long doubles only as this machine has them', () => {
    const real = { format: 'g', itemsize: 16, units: new Map() };
    expect(descrToFormat(`${NATIVE}f16`, 16)).toEqual(real);
    expect(descrToFormat(`${NATIVE}c32`, 16)).toEqual({
      ...real,
      format: 'Zg',
      itemsize: 32,
    });
    for (const [descr, bytes] of [
      [`${SWAPPED}f16`, 16],
      [`${NATIVE}f16`, 8],
      [`${NATIVE}c32`, 12],
    ] as const)
      expect(() => descrToFormat(descr, bytes)).toThrow(refusal(/save it as f8/));
  });

  test.each([
    ['|O', /Python objects/],
    ['|O8', /Python objects/],
    ['O', /Python objects/],
    ['|S0', /at least 1 byte/],
    ['<U0', /at least 1 byte/],
    ['|V0', /at least 1 byte/],
    [`|S${'9'.repeat(400)}`, /less than 2\^53/],
    ['<U4503599627370496', /less than 2\^53/],
    ['<f3', /a dtype such as/],
    ['<i16', /a dtype such as/],
    ['<f8[ns]', /a dtype such as/],
    ['<M4[ns]', /a dtype such as/],
    ['<M8[parsec]', /a dtype such as/],
    ['<M8[]', /a dtype such as/],
    ['<M8[ns]]', /a dtype such as/],
    ['<<f8', /a dtype such as/],
    ['<S', /a dtype such as/],
    ['float64', /a dtype such as/],
    ['', /found ""/],
    ['\n<f8', /found "\\n<f8"/],
    ['x'.repeat(1e6), /found "x{40}"$/],
  ])('refuses case %#', (descr, message) => {
    expect(() => descrToFormat(descr)).toThrow(refusal(message));
  });

  test('refuses what is neither string nor list', () => {
    for (const descr of [null, true, 8, new Map(), { tuple: ['<f8'] }])
      expect(() => descrToFormat(descr)).toThrow(refusal(/expected a dtype string or/));
  });
});
