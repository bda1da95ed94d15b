import { calcsize } from 'nbuf';
import { describe, expect, test } from 'vitest';
import { descrToFormat } from '../lib/npy_dtype.ts';
import { makeNpyHeader, npyHeaderLength, parseNpyHeader } from '../lib/npy_header.ts';
import { parsePythonLiteral } from '../lib/python_literal.ts';
import { forCases } from './random.ts';

function refusal(message: RegExp): unknown {
  return expect.objectContaining({
    name: 'BufferError',
    code: 'ERR_NBUF_FORMAT',
    message: expect.stringMatching(message),
  });
}

/** The start of a file with this header text. */
function npy(text: string | Uint8Array, version: 1 | 2 | 3 = 1): Uint8Array {
  const encoding = version === 3 ? 'utf8' : 'latin1';
  const body = typeof text === 'string' ? Buffer.from(text, encoding) : text;
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  length.writeUIntLE(body.length, 0, length.length);
  return Buffer.concat([
    Buffer.from(`\x93NUMPY${String.fromCharCode(version)}\0`, 'latin1'),
    length,
    body,
  ]);
}

function header(descr: string, order = 'False', shape = '(3,)'): string {
  return `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }`;
}

describe('parseNpyHeader', () => {
  test('reads what NumPy writes, at any length', () => {
    const text = header("'<f8'", 'True', '(480, 640, 3)');
    for (const version of [1, 2, 3] as const)
      for (const padding of ['', '\n', `${' '.repeat(60)}\n`, ' '.repeat(60_000)]) {
        const bytes = npy(text + padding, version);
        expect(npyHeaderLength(bytes.subarray(0, 12))).toBe(bytes.length);
        const file = Buffer.concat([bytes, Buffer.alloc(24)]);
        expect(parseNpyHeader(file)).toEqual({
          shape: [480, 640, 3],
          fortranOrder: true,
          descr: '<f8',
          dataOffset: bytes.length,
        });
      }
  });

  test('reads a window of a larger buffer', () => {
    const bytes = npy(header("'|u1'"));
    const around = Buffer.concat([Buffer.alloc(5, 255), bytes, Buffer.alloc(5, 255)]);
    expect(parseNpyHeader(around.subarray(5)).shape).toEqual([3]);
  });

  test.each([
    ['()', []],
    ['(0,)', [0]],
    ['(5L, 10L)', [5, 10]],
    ['(2,3)', [2, 3]],
    ['( 9007199254740991 , )', [Number.MAX_SAFE_INTEGER]],
    [`(${'1,'.repeat(64)})`, new Array(64).fill(1)],
  ])('shape %s', (shape, expected) => {
    expect(parseNpyHeader(npy(header("'<f8'", 'False', shape))).shape).toEqual(expected);
  });

  test.each([
    '3',
    '(3)',
    '[3]',
    '(-3,)',
    '(3.0,)',
    '(True,)',
    "('3',)",
    '(None,)',
    '((3,),)',
    '(9007199254740992,)',
    '(3037000500, 3037000500)',
    '(0, 3037000500, 3037000500)',
    `(${'9'.repeat(400)},)`,
    `(${'1,'.repeat(65)})`,
  ])('refuses the shape %s', (shape) => {
    expect(() => parseNpyHeader(npy(header("'<f8'", 'False', shape)))).toThrow(
      refusal(/./),
    );
  });

  test('keeps the tree of a record descr', () => {
    const { descr } = parseNpyHeader(npy(header("[('x', '<f4'), ('y', '<i2', (2,))]")));
    expect(descr).toEqual([
      { tuple: ['x', '<f4'] },
      { tuple: ['y', '<i2', { tuple: [2] }] },
    ]);
  });

  test('counts nesting, not brackets', () => {
    const fields = Array.from({ length: 100 }, (_, k) => `('f${k}', '<f4')`);
    const { descr } = parseNpyHeader(npy(header(`[${fields}]`)));
    expect(descr).toHaveLength(100);
  });

  test('reads names as version 3.0 writes them', () => {
    const parse = (version: 1 | 3): unknown =>
      parseNpyHeader(npy(header("[('ä', '<f4')]"), version)).descr;
    expect(parse(1)).toEqual([{ tuple: ['ä', '<f4'] }]);
    expect(parse(3)).toEqual([{ tuple: ['ä', '<f4'] }]);
    const broken = Buffer.from(header("'\xff'"), 'latin1');
    expect(() => parseNpyHeader(npy(broken, 3))).toThrow(refusal(/expected UTF-8/));
  });
});

describe('refuses with a reason', () => {
  const good = npy(header("'<f8'"));

  test('every truncation', () => {
    for (let length = 0; length < good.length; length++)
      expect(() => parseNpyHeader(good.subarray(0, length)), `${length}`).toThrow(
        refusal(/expected (at least )?\d+ bytes, found a file of \d+/),
      );
    const long = npy(header("'<f8'"), 2);
    expect(() => npyHeaderLength(long.subarray(0, 11))).toThrow(refusal(/12 bytes/));
    expect(npyHeaderLength(good.subarray(0, 10))).toBe(good.length);
  });

  test('other magic and versions', () => {
    expect(() => parseNpyHeader(Buffer.from('PK\x03\x04'))).toThrow(refusal(/NUMPY/));
    const wrong = Buffer.from(good);
    wrong[5] = 0x5a;
    expect(() => parseNpyHeader(wrong)).toThrow(refusal(/NUMPY/));
    for (const [major, minor] of [
      [0, 0],
      [1, 1],
      [4, 0],
      [255, 255],
    ]) {
      const other = Buffer.from(good);
      other[6] = major ?? 0;
      other[7] = minor ?? 0;
      expect(() => parseNpyHeader(other)).toThrow(
        refusal(new RegExp(`found ${major}\\.${minor}`)),
      );
    }
  });

  test('absurd lengths', () => {
    const huge = npy('', 2);
    huge.set([0xff, 0xff, 0xff, 0xff], 8);
    expect(() => npyHeaderLength(huge)).toThrow(refusal(/length of 4294967295/));
    huge.set([1, 0, 0x10, 0], 8);
    expect(() => npyHeaderLength(huge)).toThrow(refusal(/length of 1048577/));
    huge.set([0, 0, 0x10, 0], 8);
    expect(npyHeaderLength(huge)).toBe(1048576 + 12);
  });

  test.each([
    ['', /expected a string, integer/],
    ['42', /expected a dict, found 42/],
    ["{'descr': '<f8'}", /expected the keys descr, fortran_order, shape, found "descr"/],
    ["{'descr': '<f8', 'fortran_order': False, 'shape': (), 'x': 1}", /keys/],
    ["{'descr': '<f8', 'shape': (), 'shape': (1,), 'fortran_order': True}", /once/],
    [header("'<f8'", '0'), /bool as fortran_order, found 0/],
    [header("'<f8'", 'None'), /found null/],
    [`${header("'<f8'")} x`, /nothing behind the literal, found "x"/],
    [`${header("'<f8'")}\0`, /nothing behind/],
    ["{'descr': '<f8", /closing '/],
    [header("'<f8\n'"), /closing '/],
    [header("__import__('os')"), /expected a string/],
    [header("b'<f8'"), /expected a string/],
    [header("'\\N{DASH}'"), /known escape/],
    [header("'\\xZZ'"), /known escape/],
    [header("'\\U00110000'"), /known escape/],
    [header("'<f8' '<f8'"), /',' or '}'/],
    [header('Truely'), /',' or '}'/],
    [header('1.5'), /expected a string, integer/],
    [header('(,)'), /expected a string, integer/],
    [header('[1,,]'), /expected a string, integer/],
    [header("{1: 'x'}"), /key/],
    [header("{'x' 1}"), /':'/],
    [header('['.repeat(140) + ']'.repeat(140)), /nested/],
    ['('.repeat(100_000).slice(0, 65_000), /nested/],
    ['{', /found its end/],
  ])('case %#', (text, message) => {
    expect(() => parseNpyHeader(npy(text))).toThrow(refusal(message));
  });
});

describe('makeNpyHeader', () => {
  test.each<[string, boolean, number[], number, number]>([
    ["'<f8'", false, [], 1, 128],
    ["'<f8'", false, [5], 1, 128],
    ["'<f8'", true, [7, 300], 1, 128],
    [`[('${'x'.repeat(65_000)}', '|i1')]`, false, [3], 1, 65_152],
    [`[('${'x'.repeat(66_000)}', '|i1')]`, false, [3], 2, 66_112],
    ["[('ä', '|i1')]", false, [0, 2], 1, 128],
    ["[('€', '|i1')]", false, [0, 2], 3, 128],
  ])('case %#', (descr, fortranOrder, shape, version, length) => {
    const made = makeNpyHeader(descr, fortranOrder, shape);
    expect([made[6], made[7], made.length, made.at(-1)]).toEqual([
      version,
      0,
      length,
      10, // the line ends where the elements begin
    ]);
    const { descr: literal, ...rest } = parseNpyHeader(made);
    expect(rest).toEqual({ shape, fortranOrder, dataOffset: length });
    expect(literal).toEqual(parsePythonLiteral(descr));
  });

  test('makes nothing that cannot be read again', () => {
    const descr = (length: number) => `'${'x'.repeat(length)}'`;
    expect(parseNpyHeader(makeNpyHeader(descr(1_048_400), false, [])).descr).toHaveLength(
      1_048_400,
    );
    expect(() => makeNpyHeader(descr(1_048_576), false, [])).toThrow(
      refusal(/at most 1048576 bytes, found a dtype that needs/),
    );
  });
});

describe('random damage', () => {
  test('is read or refused, nothing else', () => {
    let refused = 0;
    const tokens = [
      "'",
      '"',
      '\\',
      '(',
      ')',
      '[',
      ']',
      '{',
      '}',
      ',',
      ':',
      '-',
      '9',
      'L',
      '\n',
      ' ',
    ];
    forCases(3000, (random) => {
      const bytes = Buffer.from(
        npy(header("[('x', '<f4'), ('y', '|S3', (2,))]", 'True', '(3, 4)')),
      );
      for (let count = random.int(1, 4); count > 0; count--) {
        const code = random.pick(tokens).charCodeAt(0);
        bytes[random.int(6, bytes.length - 1)] = random.chance(0.7)
          ? code
          : random.int(0, 255);
      }
      try {
        const { format, itemsize } = descrToFormat(parseNpyHeader(bytes).descr);
        expect(calcsize(format), format).toBe(itemsize);
      } catch (error) {
        refused++;
        expect(error).toMatchObject({ name: 'BufferError', code: 'ERR_NBUF_FORMAT' });
      }
    });
    expect(refused).toBeGreaterThan(2000);
  });
});
