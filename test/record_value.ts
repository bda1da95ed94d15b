/** A record with every kind of field, for tests that refuse values. */

import { acquire, HostArray, type Provider } from 'nbuf';
import { expect } from 'vitest';

/** Every kind of field, with padding between. */
export const FORMAT: string = [
  '<T{B:b:x>i:i:<q:q:Q:Q:e:e:f:f:d:d:?:t:Zf:z:3s:s:4p:p:2u:u:2w:w:(2)h:v:',
  'T{B:x:(2)T{H:n:}:r:}:in:[x$bfloat16]:h:[x$float8_e5m2]:k:T{Bh}:l:2x}',
].join('');

export function value(): Record<string, unknown> {
  return {
    b: 1,
    i: -2,
    q: 3n,
    Q: 4n,
    e: 0.5,
    f: 1.5,
    d: 2.5,
    t: true,
    z: { re: 1, im: 2 },
    s: Uint8Array.of(1, 2),
    p: Uint8Array.of(3),
    u: 'u',
    w: 'w',
    v: [1, 2],
    in: { x: 5, r: [{ n: 6 }, { n: 7 }] },
    h: 1,
    k: 1,
    l: [1, 2],
  };
}

export function filled(readonly = false): Provider {
  using sizes = acquire(HostArray.allocate([3], FORMAT));
  const bytes = Uint8Array.from({ length: sizes.byteLength }, (_, k) => 1 + (k % 50));
  const array = HostArray.fromBytes(bytes, { format: FORMAT, shape: [3], readonly });
  return acquire(array, { writable: !readonly });
}

/** The error of `use`, after which no byte is another one. */
export function refusal(p: Provider, use: () => unknown): { name: string; code: string } {
  const before = p.toBytes();
  let error: unknown = null;
  try {
    use();
  } catch (caught) {
    error = caught;
  }
  expect(p.toBytes()).toEqual(before);
  return error as { name: string; code: string };
}
