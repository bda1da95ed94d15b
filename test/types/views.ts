/** Elements through arrays, providers and views. */
import {
  acquire,
  type ElementOf,
  type ElementValue,
  type Full,
  HostArray,
  type MappedFile,
  mapFile,
  type Nested,
  openNpy,
  type Provider,
  type ProviderOf,
  type View,
} from 'nbuf';
import type { Equal, Expect, Identical } from './expect.ts';

type Point = { x: number; y: number };
const array = HostArray.allocate([2], 'T{i:x:d:y:}');
declare const format: string;
declare const view: View<'T{i:x:d:y:}'>;
declare const any: View;

export function arrays(bytes: Uint8Array, nested: unknown): unknown {
  const plain = HostArray.allocate([2]);
  const text = HostArray.allocate([2], format);
  const given = HostArray.fromBytes(bytes, { shape: [2], format: '<q' });
  const adopted = HostArray.unsafeFromAddress(0n, 8, { format: '?' });
  const mapped = mapFile('x', { format: '4w' });
  const numbers = HostArray.from([[1, 2]]);
  const bigints = HostArray.from([1n]);
  const booleans = HostArray.from([[[true]]]);
  const empty = HostArray.from([]);
  const typed = HostArray.from(new Float32Array(2));
  const copied = HostArray.from(array);
  const cast = HostArray.from([1, 2], 'e');
  const found = HostArray.from(nested);
  const asked = HostArray.from(nested, undefined);
  type Checked = [
    Expect<Identical<typeof array, HostArray<'T{i:x:d:y:}'>>>,
    Expect<Identical<typeof array.format, 'T{i:x:d:y:}'>>,
    Expect<Identical<typeof plain, HostArray<'B'>>>,
    Expect<Identical<typeof text, HostArray>>,
    Expect<Identical<typeof given, HostArray<'<q'>>>,
    Expect<Identical<typeof adopted, HostArray<'?'>>>,
    Expect<Identical<typeof mapped, MappedFile<'4w'>>>,
    Expect<Identical<typeof numbers, HostArray<'d'>>>,
    Expect<Identical<typeof bigints, HostArray<'q'>>>,
    Expect<Identical<typeof booleans, HostArray<'?'>>>,
    Expect<Identical<typeof empty, HostArray<'d'>>>,
    Expect<Identical<typeof typed, HostArray<'f'>>>,
    Expect<Identical<typeof copied, typeof array>>,
    Expect<Identical<typeof cast, HostArray<'e'>>>,
    Expect<Identical<typeof found, HostArray>>,
    Expect<Identical<typeof asked, HostArray>>,
  ];
  return undefined as unknown as Checked;
}

type Seen<T> = T extends Provider<infer F, infer E> ? [F, E] : never;

export function sources(value: unknown, either: Float64Array | BigInt64Array): unknown {
  const file = acquire(mapFile('x', { format: 'T{i:x:d:y:}' }));
  const found = acquire(openNpy('x'));
  const field = acquire(view.field('x').toContiguous());
  type Of<T> = Seen<ProviderOf<T, Full>>;
  const kinds = [acquire(new Float64Array(3)), acquire(Buffer.alloc(2)), acquire(either)];
  type Checked = [
    Expect<Equal<Seen<typeof file>, ['T{i:x:d:y:}', Point]>>,
    Expect<Equal<Seen<typeof found>, [string, ElementValue]>>,
    Expect<Equal<Seen<typeof field>, [string, number]>>,
    Expect<Equal<Of<Int8Array>, ['b', number]>>,
    Expect<Equal<Of<Uint8Array>, ['B', number]>>,
    Expect<Equal<Of<Uint8ClampedArray>, ['B', number]>>,
    Expect<Equal<Of<Buffer>, ['B', number]>>,
    Expect<Equal<Of<Int16Array>, ['h', number]>>,
    Expect<Equal<Of<Uint16Array>, ['H', number]>>,
    Expect<Equal<Of<Int32Array>, ['i', number]>>,
    Expect<Equal<Of<Uint32Array>, ['I', number]>>,
    Expect<Equal<Of<BigInt64Array>, ['q', bigint]>>,
    Expect<Equal<Of<BigUint64Array>, ['Q', bigint]>>,
    Expect<Equal<Of<Float32Array>, ['f', number]>>,
    Expect<Equal<Of<Float64Array>, ['d', number]>>,
    Expect<Equal<Of<DataView>, ['B', number]>>,
    Expect<Equal<Of<ArrayBuffer>, ['B', number]>>,
    Expect<Equal<Of<SharedArrayBuffer>, ['B', number]>>,
    Expect<Equal<Of<ArrayBufferLike>, ['B', number]>>,
    Expect<Equal<Of<View<'q'>>, ['q', bigint]>>,
    Expect<Equal<Of<View>, [string, ElementValue]>>,
    Expect<Equal<Of<HostArray>, [string, ElementValue]>>,
    Expect<Equal<Of<object>, [string, ElementValue]>>,
    Expect<Equal<Of<typeof value>, [string, ElementValue]>>,
    Expect<Equal<Of<ReturnType<typeof JSON.parse>>, [string, ElementValue]>>,
    Expect<Equal<Of<ArrayBufferView>, [string, ElementValue]>>,
    Expect<Equal<Of<typeof either>, ['d' | 'q', number | bigint]>>,
  ];
  return kinds as unknown as Checked;
}

export function elements(): unknown {
  using p = acquire(array, { writable: true });
  const point = p.get(0);
  const last = p.at(-1);
  const nested = p.toArray();
  const iterated = [...p];
  p.set(0, { x: 1, y: 2 });
  p.set(0, 1, 2, point);
  p.fill({ x: 1, y: 2 });
  const window = p.slice([1]).transpose().reshape([1]).broadcastTo([3]).toReadonly();
  const bytes = p.cast('B');
  const copy = p.toContiguous();
  type Checked = [
    Expect<Equal<typeof point, Point>>,
    Expect<Equal<typeof last, Point>>,
    Expect<Identical<typeof nested, Nested<Point>>>,
    Expect<Equal<typeof iterated, Point[]>>,
    Expect<Equal<ReturnType<typeof window.get>, Point>>,
    Expect<Identical<typeof window.format, 'T{i:x:d:y:}'>>,
    Expect<Equal<ReturnType<typeof bytes.get>, number>>,
    Expect<Identical<typeof bytes.format, 'B'>>,
    Expect<Identical<typeof copy, typeof array>>,
  ];
  return undefined as unknown as Checked;
}

export function refused(): unknown {
  // @ts-expect-error a field is missing
  view.set(0, { x: 1 });
  // @ts-expect-error a field is unknown
  view.set(0, { x: 1, y: 2, z: 3 });
  // @ts-expect-error of another type
  view.set(0, { x: 1, y: 2n });
  // @ts-expect-error no record
  view.fill(1);
  // @ts-expect-error no such field
  view.get(0).z;
  // @ts-expect-error a number, not a bigint
  acquire(new Float64Array(1)).set(0, 1n);
  // @ts-expect-error a bigint, not a number
  acquire(HostArray.allocate([1], 'q')).set(0, 1);
  // @ts-expect-error a bigint on some machines
  const long: number = acquire(HostArray.allocate([1], 'l')).get(0);
  // @ts-expect-error Python objects have no value
  acquire(HostArray.allocate([1], 'O')).set(0, 1);
  // @ts-expect-error it could be anything
  any.get(0).toFixed();
  // @ts-expect-error the casted format counts
  view.cast('q').get(0).toFixed();
  return long;
}

function first<F extends string>(of: View<F>): ElementOf<F> {
  return size(of) === 0 ? of.at(-1) : of.get(0);
}
function size(of: View): number {
  return of.size;
}

/** What has less to say about its elements takes what has more. */
export function assignable(of: Provider<'d'>): unknown[] {
  const views: View[] = [view, of, of.slice(), view.field('x'), acquire(array)];
  const arrays: HostArray[] = [array, HostArray.allocate([1]), mapFile('x')];
  const same: View<'T{i:x:d:y:}'> = acquire(array);
  const doubles: View<'d' | 'f'> = of;
  const shown: View<string, Point> = view;
  const told: Provider<'d'> = acquire(arrays as unknown) as Provider<'d'>;
  const element: number = first(of);
  const reading: { get(i: number): number } = of;
  // @ts-expect-error another format
  const other: View<'f'> = of;
  // @ts-expect-error other elements
  const bigints: View<string, bigint> = of;
  // @ts-expect-error it may have any format
  const one: View<'d'> = any;
  // @ts-expect-error another format
  const array2: HostArray<'q'> = HostArray.allocate([1], 'd');
  // @ts-expect-error other elements
  const array3: HostArray<string, bigint> = HostArray.allocate([1], 'd');
  const none = [other, bigints, one, array2, array3];
  return [views, arrays, same, doubles, shown, told, element, reading, none];
}
