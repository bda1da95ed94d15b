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
    expect(descrToFormat(descr)).toEqual({ format, itemsize, unit: null });
  });

  test('datetimes are counts of a unit', () => {
    expect(descrToFormat('<M8[ns]')).toEqual({ format: '<q', itemsize: 8, unit: 'ns' });
    expect(descrToFormat('>m8[25s]')).toEqual({ format: '>q', itemsize: 8, unit: '25s' });
    expect(descrToFormat('<M8')).toEqual({ format: '<q', itemsize: 8, unit: null });
  });

  test('long doubles only as this machine has them', () => {
    const real = { format: 'g', itemsize: 16, unit: null };
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
    ['<f3', /simple dtype/],
    ['<i16', /simple dtype/],
    ['<f8[ns]', /simple dtype/],
    ['<M4[ns]', /simple dtype/],
    ['<<f8', /simple dtype/],
    ['<S', /simple dtype/],
    ['float64', /simple dtype/],
    ['', /found ""/],
    ['\n<f8', /found "\\n<f8"/],
    ['x'.repeat(1e6), /found "x{40}"$/],
  ])('refuses case %#', (descr, message) => {
    expect(() => descrToFormat(descr)).toThrow(refusal(message));
  });

  test('refuses what is no string', () => {
    for (const descr of [null, true, 8, { tuple: ['<f8', '<f8'] }, new Map()])
      expect(() => descrToFormat(descr)).toThrow(refusal(/expected a string/));
  });
});
