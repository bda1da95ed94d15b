/** Characters, strings and bytes as elements. */

import { acquire, calcsize, HostArray, type Provider } from 'nbuf';
import { describe, expect, test } from 'vitest';

/** Three elements of `format` over 0xaa bytes. */
function filled(format: string): Provider {
  const bytes = new Uint8Array(3 * calcsize(format)).fill(0xaa);
  return acquire(HostArray.fromBytes(bytes, { shape: [3], format }), { writable: true });
}

describe('text', () => {
  test('a number that is no code point reads as U+FFFD', () => {
    const bytes = new Uint32Array([0x110000, 0xffffffff, 0xd800, 0x10ffff]);
    using p = acquire(HostArray.fromBytes(bytes, { format: 'w' }));
    expect([...p]).toEqual(['\ufffd', '\ufffd', '\ud800', '\u{10ffff}']);
    expect(p.cast('B').cast('2w').toArray()).toEqual([
      '\ufffd\ufffd',
      '\ud800\u{10ffff}',
    ]);
  });

  test('lone surrogates survive', () => {
    for (const format of ['3u', '>3u', '3w', '>3w']) {
      using p = filled(format);
      p.set(0, 'a\udc00\ud800');
      expect(p.get(0)).toBe('a\udc00\ud800');
    }
  });

  test('NULs at the end do not count, except in a single character', () => {
    using p = filled('4w');
    p.set(0, 'a\0b\0');
    expect(p.get(0)).toBe('a\0b');
    p.set(0, '');
    expect(p.get(0)).toBe('');
    using one = filled('w');
    one.set(0, '\0');
    expect(one.get(0)).toBe('\0');
  });

  test('bytes are a copy in both directions', () => {
    using p = filled('3s');
    const given = Uint8Array.of(1, 2);
    p.set(0, given);
    given[0] = 9;
    const found = p.get(0) as Uint8Array;
    expect(found).toEqual(Uint8Array.of(1, 2, 0));
    found[1] = 9;
    expect(p.get(0)).toEqual(Uint8Array.of(1, 2, 0));
  });

  test('subclasses, resizable and lying Uint8Arrays give their real bytes', () => {
    class Evil extends Uint8Array {
      static get [Symbol.species](): Uint8ArrayConstructor {
        throw new Error('nbuf asked for a species');
      }
      override get length(): number {
        return 1;
      }
    }
    const resizable = new Uint8Array(
      new (ArrayBuffer as new (n: number, o: object) => ArrayBuffer)(3, {
        maxByteLength: 9,
      }),
    );
    resizable.set([7, 8, 9]);
    for (const given of [new Evil([7, 8, 9]), resizable, Buffer.from([7, 8, 9])]) {
      Object.defineProperty(given, 'byteLength', { value: 1 });
      using p = filled('5s');
      p.set(0, given);
      expect(p.get(0)).toEqual(Uint8Array.of(7, 8, 9, 0, 0));
    }
    const detached = new Uint8Array(3);
    structuredClone(detached.buffer, { transfer: [detached.buffer] });
    using p = filled('5s');
    expect(() => p.set(0, detached)).toThrow(
      expect.objectContaining({ code: 'ERR_NBUF_DETACHED' }),
    );
  });
});
