/** What the compiler says of fields, requests and sources is what the run time does. */
import {
  type AnyRequest,
  acquire,
  BufferError,
  type ElementOf,
  type FieldOf,
  Flags,
  type FormatOf,
  type Granted,
  HostArray,
  type PathOf,
} from 'nbuf';
import { describe, expect, test } from 'vitest';
import { elementOf } from './types/element.ts';
import { type AnyKind, isRefused, type Kind, mismatch } from './types/kind.ts';

type FieldRow = readonly [
  format: string,
  path: string | readonly (string | number)[],
  axes: number,
  AnyKind,
];

function field<const F extends string, const P extends PathOf<ElementOf<F>>>(
  format: F,
  path: P,
  axes: number,
  kind: Kind<FieldOf<ElementOf<F>, P>>,
): FieldRow {
  return [format, path as never, axes, kind as AnyKind];
}

const particle = 'T{T{d:x:q:y:}:pos: (3)f:m: 4s:tag: (2,2)T{?:on:}:bits: O:o:}';

describe('fields', () => {
  test.each<FieldRow>([
    field(particle, 'pos', 0, { fields: { x: 'number', y: 'bigint' } }),
    field(particle, 'pos.x', 0, 'number'),
    field(particle, ['pos', 'y'], 0, 'bigint'),
    field(particle, 'm', 1, 'number'),
    field(particle, 'tag', 0, 'bytes'),
    field(particle, 'bits', 2, { fields: { on: 'boolean' } }),
    field(particle, 'bits.on', 2, 'boolean'),
    field(particle, 'o', 0, 'refused'),
    field('(3)T{i:x:}', 'x', 1, 'number'),
    field('3x:v:i:a:', 'v', 0, 'bytes'),
    field('T{dd}:p:', 'p', 0, { listOf: ['number', 'number'] }),
    field('T{dq}:p:', ['p', 1], 0, 'bigint'),
    field('T{200dq}:p:', ['p', 7], 0, 'number or bigint'),
    field('2i (2)q T{d:a:}', [0], 0, 'number'),
    field('2i (2)q T{d:a:}', [2], 1, 'bigint'),
    field('2i (2)q T{d:a:}', [3, 'a'], 0, 'number'),
    field('2T{i:x:}', [1, 'x'], 0, 'number'),
    field('3i', [2], 0, 'number'),
    field('d:a.b: T{q:b:}:a:', 'a.b', 0, 'number'),
    field('d:a.b: T{q:b:}:a:', ['a', 'b'], 0, 'bigint'),
    field('i:a:q', 'f0', 0, 'bigint'),
    field('&d:p:', 'p', 0, 'bigint'),
    field('l:a:', 'a', 0, 'number or bigint'),
  ])('%s: %s', (format, path, axes, kind) => {
    using element = elementOf(format);
    const found = element.field(path);
    expect(found.ndim).toBe(axes);
    const index = Array<number>(axes).fill(0);
    if (isRefused(kind)) expect(() => found.get(...index)).toThrow(BufferError);
    else expect(mismatch(found.get(...index), kind)).toBeNull();
  });
});

type RequestRow = readonly [request: AnyRequest, granted: Granted<AnyRequest>];

function request<const R extends AnyRequest>(asked: R, granted: Granted<R>): RequestRow {
  return [asked, granted];
}

const none = { shape: false, strides: false, format: false } as const;
const shaped = { shape: true, strides: false, format: false } as const;
const strided = { shape: true, strides: true, format: false } as const;
const full = { shape: true, strides: true, format: true } as const;

describe('requests', () => {
  test.each<RequestRow>([
    request(undefined, full),
    request(Flags.SIMPLE, none),
    request(Flags.WRITABLE, none),
    request(Flags.LAYOUT_SNAPSHOT, none),
    request(Flags.ND, shaped),
    request(Flags.CONTIG, shaped),
    request(Flags.CONTIG_RO, shaped),
    request(Flags.STRIDES, strided),
    request(Flags.STRIDED, strided),
    request(Flags.STRIDED_RO, strided),
    request(Flags.C_CONTIGUOUS, strided),
    request(Flags.F_CONTIGUOUS, strided),
    request(Flags.ANY_CONTIGUOUS, strided),
    request(Flags.INDIRECT, strided),
    request(Flags.RECORDS, full),
    request(Flags.RECORDS_RO, full),
    request(Flags.FULL, full),
    request(Flags.FULL_RO, full),
    request({ label: 'x' }, full),
    request({ format: false }, strided),
    request({ strides: false }, { ...full, strides: false }),
    request({ strides: false, format: false }, shaped),
    request({ strides: false, contiguous: 'any' }, full),
    request({ strides: false, contiguous: 'F', format: false }, strided),
    request({ strides: undefined, format: undefined }, full),
    request({ strides: false, copy: 'if-needed' }, { ...full, strides: false }),
  ])('%j grants %j', (asked, granted) => {
    using p = acquire(HostArray.allocate([3], 'T{q:x:}'), asked);
    const { shape, strides, format } = p;
    const found = { shape, strides, format };
    expect(Object.values(found).map((value) => value !== null)).toEqual([
      granted.shape,
      granted.strides,
      granted.format,
    ]);
    const isWhole = granted.shape && granted.format;
    const kind = isWhole ? ({ fields: { x: 'bigint' } } as const) : 'number';
    expect(mismatch(p.get(0), kind)).toBeNull();
    const window = p.slice([0, 2]);
    expect([window.shape, window.format]).toEqual([[2], isWhole ? 'T{q:x:}' : 'B']);
  });
});

type SourceRow = readonly [name: string, source: object, format: string, kind: AnyKind];

function source<S extends object>(
  of: S,
  format: FormatOf<S>,
  kind: Kind<ElementOf<FormatOf<S>>>,
): SourceRow {
  return [of.constructor.name, of, format, kind as AnyKind];
}

describe('sources', () => {
  test.each<SourceRow>([
    source(new Int8Array(2), 'b', 'number'),
    source(new Uint8Array(2), 'B', 'number'),
    source(new Uint8ClampedArray(2), 'B', 'number'),
    source(Buffer.alloc(2), 'B', 'number'),
    source(new Int16Array(2), 'h', 'number'),
    source(new Uint16Array(2), 'H', 'number'),
    source(new Int32Array(2), 'i', 'number'),
    source(new Uint32Array(2), 'I', 'number'),
    source(new BigInt64Array(2), 'q', 'bigint'),
    source(new BigUint64Array(2), 'Q', 'bigint'),
    source(new Float32Array(2), 'f', 'number'),
    source(new Float64Array(2), 'd', 'number'),
    source(new DataView(new ArrayBuffer(2)), 'B', 'number'),
    source(new ArrayBuffer(2), 'B', 'number'),
    source(new SharedArrayBuffer(2), 'B', 'number'),
    source(HostArray.allocate([2]), 'B', 'number'),
    source(HostArray.allocate([2], '@l'), '@l', 'number or bigint'),
    source(HostArray.from([1, 2]), 'd', 'number'),
    source(HostArray.from([[1n]]), 'q', 'bigint'),
    source(HostArray.from([true]), '?', 'boolean'),
    source(HostArray.from([0], '>e'), '>e', 'number'),
    source(HostArray.from(new Float32Array(1)), 'f', 'number'),
    source(acquire(new Int32Array(1)).slice(0), 'i', 'number'),
    source(acquire(HostArray.allocate([8])).cast('q'), 'q', 'bigint'),
    source(acquire(new Int16Array(1)).toContiguous(), 'h', 'number'),
  ])('%s of %s', (_name, of, format, kind) => {
    using p = acquire(of);
    expect(p.format).toBe(format);
    for (const element of p) expect(mismatch(element, kind)).toBeNull();
  });

  test('an empty array has doubles', () => {
    const { format } = HostArray.from([]);
    expect(format satisfies 'd').toBe('d');
  });
});
