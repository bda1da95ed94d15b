import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { BufferError, rangeError, show, typeError } from '../lib/errors.ts';

describe('errors', () => {
  test('BufferError carries its code and cause', () => {
    const cause = new Error('inner');
    const error = new BufferError('ERR_NBUF_LOCKED', 'locked by 1 provider', { cause });
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe('BufferError');
    expect(error.code).toBe('ERR_NBUF_LOCKED');
    expect(error.message).toBe('locked by 1 provider');
    expect(error.cause).toBe(cause);
    expect(error.stack).toMatch(/^BufferError: locked by 1 provider\n/);
    expect(Object.keys(error)).toEqual(['code']);
    expect(inspect(error)).toMatch(/^BufferError: locked by 1 provider\n/);
    expect(Object.hasOwn(new BufferError('ERR_NBUF_IO', ''), 'cause')).toBe(false);
  });

  test('instanceof is by brand, and of subclasses as usual', () => {
    class Special extends BufferError {}
    class Other extends Error {}
    const plain = new BufferError('ERR_NBUF_IO', '');
    const special = new Special('ERR_NBUF_IO', '');
    expect([plain, special].map((error) => error instanceof BufferError)).toEqual([
      true,
      true,
    ]);
    expect([plain, special].map((error) => error instanceof Special)).toEqual([
      false,
      true,
    ]);
    const others = [new Other(), new Error(), {}, null, undefined, 'x', Error, Object(1)];
    for (const other of others) expect(other instanceof BufferError).toBe(false);
  });

  test("TypeError and RangeError have Node's codes", () => {
    expect(typeError('a')).toBeInstanceOf(TypeError);
    expect(typeError('a')).toMatchObject({ message: 'a', code: 'ERR_INVALID_ARG_TYPE' });
    expect(rangeError('b')).toBeInstanceOf(RangeError);
    expect(rangeError('b')).toMatchObject({ message: 'b', code: 'ERR_OUT_OF_RANGE' });
  });
});

function trap(): never {
  throw new Error('show ran the code of its argument');
}

const hostileHandler: ProxyHandler<object> = new Proxy({}, { get: () => trap });
const revoked = Proxy.revocable([], {});
revoked.revoke();

describe('show', () => {
  // Not test.each: its formatting of titles touches the values.
  const cases: readonly (readonly [unknown, string])[] = [
    [undefined, 'undefined'],
    [null, 'null'],
    [true, 'true'],
    [-0, '-0'],
    [1.5, '1.5'],
    [Number.NaN, 'NaN'],
    [7n, '7n'],
    [-(2n ** 63n), '-9223372036854775808n'],
    [2n ** 63n, 'a bigint beyond 64 bits'],
    [1n << 10_000_000n, 'a bigint beyond 64 bits'],
    ['a"b\n', '"a\\"b\\n"'],
    ['x'.repeat(2 ** 28), `"${'x'.repeat(40)}"…`],
    ['\ud83d\ude00'.repeat(20).slice(1), `"\\ude00${'\ud83d\ude00'.repeat(19)}"`],
    [Symbol('s'), 'Symbol(s)'],
    [Symbol('s'.repeat(1000)), `Symbol(${'s'.repeat(33)}…`],
    [[1, 2], 'an array'],
    [new Uint8Array(3), 'a typed array or DataView'],
    [trap, 'a function'],
    [
      { toString: trap, valueOf: trap, toJSON: trap, [inspect.custom]: trap },
      'an object',
    ],
    [{ [Symbol.toPrimitive]: trap, [Symbol.toStringTag]: 'x' }, 'an object'],
    [Object.create(null), 'an object'],
    [new Proxy({}, hostileHandler), 'an object'],
    [new Proxy([], hostileHandler), 'an array'],
    [new Proxy(trap, hostileHandler), 'a function'],
    [revoked.proxy, 'an object'],
  ];

  test('tells little, never throws and never runs code', () => {
    for (const [value, shown] of cases) expect(show(value)).toBe(shown);
  });
});
