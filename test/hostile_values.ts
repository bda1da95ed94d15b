/** Arguments nobody should pass. Each is made anew: some are used up, some are armed. */

import { acquire, HostArray } from 'nbuf';

export const EXPORTER: unique symbol = Symbol.for('nbuf.exporter') as never;

/** Thrown by the values themselves: user code's errors pass through. */
export class UserError extends Error {}

function boom(): never {
  throw new UserError('from a hostile argument');
}

const throwingTraps: ProxyHandler<object> = new Proxy({}, { get: () => boom });

function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

function cyclic(): unknown[] {
  const array: unknown[] = [1];
  array.push(array);
  array[0] = array;
  return array;
}

function nest(depth: number): unknown {
  let value: unknown = 1;
  for (let k = 0; k < depth; k++) value = [value];
  return value;
}

function detached(): Uint8Array {
  const bytes = new Uint8Array(6);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
}

function lying(make: (name: string) => PropertyDescriptor): Uint8Array {
  const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6);
  for (const name of ['buffer', 'length', 'byteLength', 'byteOffset', 'constructor'])
    Object.defineProperty(bytes, name, make(name));
  return bytes;
}

function lyingBuffer(byteLength: unknown): ArrayBuffer {
  return Object.defineProperty(new ArrayBuffer(6), 'byteLength', { value: byteLength });
}

function released(): unknown {
  const provider = acquire(HostArray.allocate([2, 3]));
  provider.release();
  return provider;
}

function disposed(): HostArray {
  const array = HostArray.allocate([2, 3]);
  array.dispose();
  return array;
}

/** As an exporter does: an External that owns a reference. */
function external(): unknown {
  return (HostArray.allocate([2, 3]) as unknown as Record<symbol, () => unknown>)[
    EXPORTER
  ]?.();
}

type Sized = new (size: number, options: { maxByteLength: number }) => ArrayBuffer;
const Resizable = ArrayBuffer as unknown as Sized;
const Growable = SharedArrayBuffer as unknown as Sized;

const PRIMITIVES: readonly unknown[] = [
  undefined,
  null,
  true,
  Number.NaN,
  -1,
  -0,
  1.5,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  1e308,
  Infinity,
  '',
  'x',
  '\0',
  'B\0',
  '\ud800',
  'x'.repeat(2 ** 20),
  Symbol('s'),
  Symbol.iterator,
  0n,
  -1n,
  2n ** 64n,
  1n << 5000n,
];

const LISTS: readonly (() => unknown)[] = [
  () => [],
  () => [[]],
  () => [Number.NaN],
  () => [-1],
  () => [1n],
  () => [2 ** 31, 2 ** 31],
  () => [0, 2 ** 52, 2 ** 52],
  () => [2 ** 53],
  () => Array(65).fill(1),
  () => Array(64).fill(0),
  () => new Array(5),
  () => [[1], [1, 2]],
  () => cyclic(),
  () => nest(100),
  () => revoked([]),
  () => new Proxy([], throwingTraps),
  () =>
    new Proxy([1, 2], {
      get: (target, key) => (key === 'length' ? 2 ** 53 : Reflect.get(target, key)),
    }),
  () =>
    new Proxy([1, 2], {
      get: (target, key) => (key === 'length' ? boom : Reflect.get(target, key)),
    }),
  () => Object.defineProperty([1, 2], '0', { get: boom }),
  () => BigInt64Array.of(2n, 3n),
  () => ({ length: 2, 0: 2, 1: 3 }),
];

const OBJECTS: readonly (() => unknown)[] = [
  () => ({}),
  () => Object.create(null),
  () => () => 1,
  () => class {},
  () => new Date(0),
  () => new Map([[1, 2]]),
  () => Promise.resolve(1),
  () => Object(1),
  () => Object('x'),
  () => Object(Symbol.iterator),
  () => ({ valueOf: boom, toString: boom, toJSON: boom, [Symbol.toPrimitive]: boom }),
  () => ({
    [Symbol.iterator]: boom,
    get length(): number {
      return boom();
    },
  }),
  () => ({
    *[Symbol.iterator]() {
      yield 1;
      boom();
    },
  }),
  () => new Proxy({}, throwingTraps),
  () => new Proxy(() => 1, throwingTraps),
  () => revoked({}),
  () => revoked(() => 1),
  () => new Proxy({}, {}),
  () => globalThis,
  () => Object.create(URL.prototype),
  () => new URL('https://example.org/x'),
];

const MEMORY: readonly (() => unknown)[] = [
  () => new Uint8Array(0),
  () => new Uint8Array(7),
  () => Float64Array.of(Number.NaN, -1),
  () => new DataView(new ArrayBuffer(6)),
  () => new ArrayBuffer(6),
  () => new SharedArrayBuffer(6),
  () => detached(),
  () => detached().buffer,
  () => new DataView(new ArrayBuffer(8), 1),
  () => new Resizable(6, { maxByteLength: 12 }),
  () => new Uint8Array(new Resizable(6, { maxByteLength: 12 })),
  () => new Uint8Array(new Growable(6, { maxByteLength: 12 })),
  () => lying(() => ({ value: 2 ** 40 })),
  () => lying(() => ({ value: {} })),
  () => lying(() => ({ get: boom })),
  () => lyingBuffer(2 ** 40),
  () => lyingBuffer({ valueOf: boom }),
  () => new Uint8Array(lyingBuffer(0)),
  () => Object.create(Uint8Array.prototype),
  () => Object.create(ArrayBuffer.prototype),
  () => new Proxy(new Uint8Array(6), {}),
  () => new Proxy(new ArrayBuffer(6), {}),
  () => Object.setPrototypeOf(new Uint8Array(6), new Proxy({}, throwingTraps)),
  () => Object.defineProperty(new Uint8Array(6), EXPORTER, { value: () => external() }),
  () =>
    new Uint8Array(
      Object.defineProperty(new ArrayBuffer(6), EXPORTER, { value: () => external() }),
    ),
];

const EXPORTERS: readonly (() => unknown)[] = [
  () => released(),
  () => disposed(),
  () => HostArray.allocate([2, 3]),
  () => HostArray.allocate([0]),
  () => acquire(HostArray.allocate([2, 3], 'd')).transpose(),
  () => acquire(Uint8Array.of(1, 2, 3, 4, 5, 6)).reshape([2, 3]),
  () => new Proxy(HostArray.allocate([2, 3]), {}),
  () => new Proxy(acquire(HostArray.allocate([2, 3])), {}),
  () => Object.create(HostArray.prototype),
  () => external(),
  () => ({ [EXPORTER]: boom }),
  () => ({
    get [EXPORTER](): never {
      return boom();
    },
  }),
  () => ({ [EXPORTER]: () => ({}) }),
  () => ({ [EXPORTER]: () => new Uint8Array(6) }),
  () => ({ [EXPORTER]: () => external() }),
  () => ({ [EXPORTER]: async () => external() }),
  () => ({ [EXPORTER]: 5 }),
];

/** All of them. */
export const HOSTILE: readonly (() => unknown)[] = [
  ...PRIMITIVES.map((value) => () => value),
  ...LISTS,
  ...OBJECTS,
  ...MEMORY,
  ...EXPORTERS,
];

/**
 * A good argument that has its genuine answers, but calls `effect` at the given access: the
 * property is read, and something else happens in between.
 */
export function armed<Value extends object>(
  good: Value,
  access: number,
  effect: () => void,
): Value {
  let left = access;
  const strike = (): void => {
    if (left-- === 0) effect();
  };
  const arm = <Inner extends object>(inner: Inner): Inner =>
    new Proxy(inner, {
      get(target, key) {
        strike();
        const value = Reflect.get(target, key, target);
        return typeof value === 'object' && value !== null ? arm(value) : value;
      },
      has(target, key) {
        strike();
        return Reflect.has(target, key);
      },
      getPrototypeOf(target) {
        strike();
        return Reflect.getPrototypeOf(target);
      },
    });
  return arm(good);
}
