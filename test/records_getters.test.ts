/** Getters and Proxies in records that are set, and readonly records. */

import { acquire, HostArray } from 'nbuf';
import { describe, expect, test } from 'vitest';
import { filled, refusal, value } from './record_value.ts';

const TYPE = 'ERR_INVALID_ARG_TYPE';
const RANGE = 'ERR_OUT_OF_RANGE';

describe('user code on the way', () => {
  const thrown = new Error('from a getter');
  const fail = (): never => {
    throw thrown;
  };

  test.each(Object.keys(value()))('a getter of %s that throws', (name) => {
    using p = filled();
    const wrong = Object.defineProperty(value(), name, { get: fail, enumerable: true });
    expect(refusal(p, () => p.set(1, wrong as never))).toBe(thrown);
    expect(refusal(p, () => p.fill(wrong as never))).toBe(thrown);
  });

  test.each(['ownKeys', 'get', 'getOwnPropertyDescriptor'])('a Proxy: %s', (trap) => {
    using p = filled();
    const wrong = new Proxy(value(), { [trap]: fail });
    expect(refusal(p, () => p.set(1, wrong as never))).toBe(thrown);
    const rows = new Proxy([1, 2], { get: fail });
    const nested = { ...value(), v: rows };
    expect(refusal(p, () => p.set(1, nested as never))).toBe(thrown);
  });

  test('a Proxy that is honest is taken', () => {
    using p = filled();
    p.set(1, new Proxy(value(), {}) as never);
    expect(p.get(1)).toMatchObject({ b: 1, l: [1, 2] });
  });

  test.each([-1, 1, 3, 2 ** 32, NaN, '2', undefined, null, 2n])(
    'a Proxy with the length %s',
    (length) => {
      using p = filled();
      const v = new Proxy([1, 2], {
        get: (target, key) => (key === 'length' ? length : Reflect.get(target, key)),
      });
      const wrong = { ...value(), v };
      expect(refusal(p, () => p.set(1, wrong as never))).toMatchObject({ code: RANGE });
    },
  );

  test('a revoked Proxy', () => {
    using p = filled();
    const { proxy, revoke } = Proxy.revocable(value(), {});
    revoke();
    expect(refusal(p, () => p.set(1, proxy as never))).toBeInstanceOf(TypeError);
  });

  test('what a getter changes later is not what is written', () => {
    using p = filled();
    const s = Uint8Array.of(1, 2, 3);
    const v = [1, 2];
    const sly = {
      ...value(),
      s,
      v,
      get l() {
        s.fill(99);
        v[0] = 99;
        v.length = 1;
        return [1, 2];
      },
    };
    p.set(1, sly as never);
    expect(p.get(1)).toMatchObject({ s: Uint8Array.of(1, 2, 3), v: [1, 2] });
  });

  test('a getter that releases the provider, or detaches the buffer', () => {
    const p = filled();
    const releasing = {
      ...value(),
      get l() {
        p.release();
        return [1, 2];
      },
    };
    expect(() => p.set(1, releasing as never)).toThrow(
      expect.objectContaining({ code: 'ERR_NBUF_RELEASED' }),
    );
    const bytes = new Uint8Array(8);
    using own = acquire(HostArray.from([{ a: 1, b: 2 }], '<T{i:a:i:b:}'));
    using q = acquire(bytes, { writable: true });
    const cast = q.cast('<T{i:a:i:b:}', [1]);
    cast.set(0, own.get(0) as never);
    expect(bytes[4]).toBe(2);
    const detaching = {
      a: 5,
      get b() {
        structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
        return 6;
      },
    };
    expect(() => cast.set(0, detaching as never)).toThrow(
      expect.objectContaining({ code: 'ERR_NBUF_DETACHED' }),
    );
    expect(() => cast.get(0)).toThrow(
      expect.objectContaining({ code: 'ERR_NBUF_DETACHED' }),
    );
  });
});

test('readonly records are read, not written', () => {
  using p = filled(true);
  const readonly = { name: 'BufferError', code: 'ERR_NBUF_READONLY' };
  expect(p.get(0)).toBeTypeOf('object');
  for (const use of [
    () => p.set(0, value() as never),
    () => p.fill(value() as never),
    () => p.copyFrom([value(), value(), value()]),
    () => p.field('in.x').set(0, 1),
  ])
    expect(refusal(p, use)).toMatchObject(readonly);
  // What is wrong with the arguments comes first.
  expect(refusal(p, () => p.set(0, {} as never))).toMatchObject({ code: TYPE });
});
