/** Setting a record is all or nothing: whatever is wrong with a value, no byte changes. */

import { acquire, HostArray, type Provider } from 'nbuf';
import { describe, expect, test } from 'vitest';
import { filled, refusal, value } from './record_value.ts';

const TYPE = 'ERR_INVALID_ARG_TYPE';
const RANGE = 'ERR_OUT_OF_RANGE';

/** By field: what it does not take, and the code of the error. */
const WRONG: Readonly<Record<string, readonly (readonly [unknown, string])[]>> = {
  b: [
    [256, RANGE],
    [-1, RANGE],
    [0.5, RANGE],
    [NaN, RANGE],
    [1n, TYPE],
    ['1', TYPE],
  ],
  i: [
    [2 ** 31, RANGE],
    [-(2 ** 31) - 1, RANGE],
    [Infinity, RANGE],
    [true, TYPE],
  ],
  q: [
    [2n ** 63n, RANGE],
    [-(2n ** 63n) - 1n, RANGE],
    [1, TYPE],
    [null, TYPE],
  ],
  Q: [
    [2n ** 64n, RANGE],
    [-1n, RANGE],
    [1, TYPE],
  ],
  e: [
    [65520, RANGE],
    [-1e9, RANGE],
    ['1', TYPE],
    [1n, TYPE],
  ],
  f: [
    [1e39, RANGE],
    [undefined, TYPE],
    [[1], TYPE],
  ],
  d: [
    [1n, TYPE],
    [{}, TYPE],
    [new Number(1), TYPE],
  ],
  t: [
    [1, TYPE],
    [0, TYPE],
    ['', TYPE],
    [null, TYPE],
  ],
  z: [
    [1, TYPE],
    [null, TYPE],
    [{ re: 1 }, TYPE],
    [{ re: 1, im: '2' }, TYPE],
    [{ re: 1, im: 1e39 }, RANGE],
  ],
  s: [
    [Uint8Array.of(1, 2, 3, 4), RANGE],
    ['ab', TYPE],
    [[1, 2], TYPE],
    [new Int8Array(2), TYPE],
  ],
  p: [
    [new Uint8Array(4), RANGE],
    ['a', TYPE],
  ],
  u: [
    ['abc', RANGE],
    ['\u{1f600}a', RANGE],
    [1, TYPE],
    [Uint8Array.of(1), TYPE],
  ],
  w: [
    ['abc', RANGE],
    [Symbol('w'), TYPE],
  ],
  v: [
    [[1], RANGE],
    [[1, 2, 3], RANGE],
    [[1, 2 ** 15], RANGE],
    [[1, '2'], TYPE],
    [Int16Array.of(1, 2), TYPE],
    [{ 0: 1, 1: 2, length: 2 }, TYPE],
    [7, TYPE],
  ],
  in: [
    [{ x: 5 }, TYPE],
    [{ x: 5, r: [{ n: 6 }, { n: 7 }], y: 1 }, TYPE],
    [{ x: 5, r: [{ n: 6 }] }, RANGE],
    [{ x: 5, r: [{ n: 6 }, { n: 65536 }] }, RANGE],
    [{ x: 5, r: [{ n: 6 }, { m: 7 }] }, TYPE],
    [{ x: 5, r: [{ n: 6 }, 7] }, TYPE],
    [[5, []], TYPE],
  ],
  h: [
    ['1', TYPE],
    [1n, TYPE],
  ],
  k: [
    ['1', TYPE],
    [1e9, RANGE],
  ],
  l: [
    [[1], RANGE],
    [[1, 2, 3], RANGE],
    [[1, 2 ** 15], RANGE],
    [{ 0: 1, 1: 2 }, TYPE],
  ],
};

function expectRefused(p: Provider, wrong: unknown, code: string): void {
  const name = code === TYPE ? 'TypeError' : 'RangeError';
  for (const use of [
    () => p.set(1, wrong as never),
    () => p.fill(wrong as never),
    () => p.copyFrom([value(), value(), wrong]),
  ])
    expect(refusal(p, use), String(use)).toMatchObject({ name, code });
}

test('the value that all others are made of is taken', () => {
  using p = filled();
  p.set(1, value() as never);
  expect(p.get(1)).toEqual({
    ...value(),
    s: Uint8Array.of(1, 2, 0),
  });
  expect(Object.keys(WRONG)).toEqual(Object.keys(value()));
});

describe('refused, and nothing written', () => {
  for (const [name, wrongs] of Object.entries(WRONG))
    test.each(wrongs.map(([wrong, code]) => ({ wrong, code })))(
      `${name}: $wrong`,
      ({ wrong, code }) => {
        using p = filled();
        expectRefused(p, { ...value(), [name]: wrong }, code);
      },
    );

  test('an error names the field', () => {
    using p = filled();
    const wrong = { ...value(), in: { x: 5, r: [{ n: 6 }, { n: -7 }] } };
    expect(() => p.set(0, wrong as never)).toThrow(/'in\.r\.n'.*0 to 65535.*-7/);
  });

  test.each(Object.keys(value()))('%s missing', (name) => {
    using p = filled();
    const { [name]: _, ...rest } = value();
    expectRefused(p, rest, TYPE);
    // Inherited ones do not count.
    expectRefused(p, Object.assign(Object.create({ [name]: value()[name] }), rest), TYPE);
    expectRefused(p, { ...value(), [name]: undefined }, TYPE);
  });

  test.each(['more', '', '0', 'constructor', 'B', 'toString'])('with %j', (name) => {
    using p = filled();
    expectRefused(p, { ...value(), [name]: 1 }, TYPE);
  });

  test.each([
    ...[undefined, null, 1, 1n, 'record', true, Symbol('record')],
    ...[() => value(), new Map(Object.entries(value())), new Uint8Array(200)],
    JSON.parse('{"__proto__": {}}'),
  ])('%s for a record', (wrong) => {
    using p = filled();
    expectRefused(p, wrong, TYPE);
  });

  test.each([[[]], [[value()]], [Object.values(value())]])('%o for a record', (wrong) => {
    using p = filled();
    for (const use of [() => p.set(1, wrong as never), () => p.fill(wrong as never)])
      expect(refusal(p, use)).toMatchObject({ name: 'TypeError', code: TYPE });
  });

  test('missing fields that Object.prototype has', () => {
    using p = acquire(HostArray.allocate([1], '<T{B:constructor:B:__proto__:}'), {
      writable: true,
    });
    for (const wrong of [{}, { constructor: 1 }, { constructor: 1, __proto__: { a: 1 } }])
      expect(refusal(p, () => p.set(0, wrong as never))).toMatchObject({ code: TYPE });
  });
});

test.each(['T{B::}', 'T{B:a:B:a:}', 'B:a', 'T{B:a:b'])('%s is no format', (format) => {
  expect(() => HostArray.allocate([1], format)).toThrow(
    expect.objectContaining({ name: 'BufferError', code: 'ERR_NBUF_FORMAT' }),
  );
});
