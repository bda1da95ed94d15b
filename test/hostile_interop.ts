/** Good arguments of nbuf/interop's functions. */

import { acquire, HostArray } from 'nbuf';
import * as interop from 'nbuf/interop';
import type { Stage } from './hostile_stage.ts';

/** Stays, whatever user code releases meanwhile. */
const memory = acquire(HostArray.allocate([64]));
const make = (...args: unknown[]): unknown => args;
const floats = (): Float32Array => Float32Array.of(1, 2, 3, 4);

/** What apache-arrow exports, as far as hostile arguments meet it before its own code. */
const classes = [
  'Vector',
  'Field',
  'FixedSizeList',
  'FixedSizeBinary',
  'Struct',
  'Schema',
];
const arrow: object = Object.assign(Object.create({}), {
  ...Object.fromEntries(classes.map((name) => [name, Object])),
  makeData: () => ({ type: {} }),
  Uint8: Object,
  Float64: Object,
  tableFromIPC: () => ({ schema: { fields: [] }, batches: [] }),
}); // no plain object: its members are the module's own

/** Every function of nbuf/interop; `unsafeFromPointer` below. */
export const INTEROP: Readonly<Record<string, (stage: Stage) => unknown[]>> = {
  fromNdarray: () => [
    { data: floats(), shape: [2], stride: [-2], offset: 3 },
    { label: 'x', writable: true, copy: 'if-needed' },
  ],
  fromNpyjs: () => [
    { data: floats(), shape: [2, 2], dtype: 'f4', fortranOrder: true },
    { label: 'x' },
  ],
  fromStdlib: () => [
    {
      data: floats(),
      dtype: 'complex64',
      shape: [2],
      strides: [2],
      offset: 1,
      flags: { READONLY: true },
    },
    { label: 'x', copy: 'if-needed' },
  ],
  fromZarrita: () => [{ data: floats(), shape: [2, 2], stride: [1, 2] }, { label: 'x' }],
  fromArrow: () => [
    { type: {}, data: [] },
    { label: 'x', copy: 'if-needed' },
  ],
  fromArrowStream: () => [
    new Uint8Array(8),
    arrow,
    { columns: ['a'], label: 'x', copy: 'if-needed' },
  ],
  fromCanvas: () => [
    { width: 2, height: 1, toBuffer: () => null, data: () => new Uint8Array(8) },
    { label: 'x' },
  ],
  fromImageData: () => [
    { data: new Uint8ClampedArray(8), width: 1, height: 2 },
    { label: 'x' },
  ],
  fromOnnx: () => [{ type: 'float32', dims: [2, 2], data: floats() }, { label: 'x' }],
  fromPlanes: () => [
    {
      data: new Uint8Array(9),
      format: 'I420',
      codedWidth: 2,
      codedHeight: 2,
      layout: [
        { offset: 3, stride: 2 },
        { offset: 0, stride: 1 },
        { offset: 1, stride: 1 },
      ],
      visibleRect: { x: 0, y: 0, width: 2, height: 2 },
    },
    { label: 'x' },
  ],
  fromSharp: () => [
    {
      data: new Uint8Array(6),
      info: { width: 2, height: 1, channels: 3, depth: 'uchar' },
    },
    { label: 'x' },
  ],
  fromTfjs: () => [
    { shape: [2, 2], dtype: 'float32', values: floats(), strides: [2] },
    { label: 'x' },
  ],
  fromWebGpu: () => [
    {
      data: new Uint8Array(40),
      offset: 1,
      bytesPerRow: 8,
      rowsPerImage: 2,
      size: [1, 2, 2],
      format: 'B',
      components: 4,
      layers: true,
    },
    { label: 'x' },
  ],
  toArrow: ({ provider }) => [
    provider,
    arrow,
    { copy: 'if-needed', as: 'fixed_shape_tensor', name: 'x', dimNames: ['a'] },
  ],
  toArrowBatches: ({ provider }) => [{ a: provider }, arrow, { copy: 'if-needed' }],
  toArrowStream: ({ provider }) => [{ a: provider }, arrow, { copy: 'if-needed' }],
  toImageData: () => [
    acquire(HostArray.allocate([1, 2, 4])),
    Array,
    { copy: 'if-needed', colorSpace: 'srgb' },
  ],
  toOnnx: ({ provider }) => [provider, Array, { copy: 'if-needed' }],
  toPlanes: ({ provider }) => [
    [provider.slice('...', [0, 2])],
    'I420',
    { copy: 'if-needed', visibleRect: { x: 0, y: 0, width: 2, height: 2 } },
  ],
  toSharp: ({ provider }) => [provider, { copy: 'if-needed', premultiplied: true }],
  toTfjs: ({ complex }) => [complex, { tensor: make, complex: make }, { copy: 'always' }],
  toTfjsBuffer: ({ provider }) => [provider, { buffer: make }, { copy: 'always' }],
  toWebGpu: ({ provider }) => [provider, { copy: 'if-needed', align: 4, layers: false }],
  toNdarray: ({ provider }) => [provider, make, { copy: 'if-needed', accessor: false }],
  toNpyjs: ({ provider }) => [provider, { copy: 'if-needed' }],
  toStdlib: ({ complex }) => [
    complex,
    make,
    { copy: 'if-needed', accessor: true, Complex128Array: Array },
  ],
  toZarrita: ({ provider }) => [provider, { copy: 'always', BoolArray: Array }],
  toPointer: ({ provider }) => [provider, { readonly: true, strides: true }],
  unsafeFromPointer: () => [
    memory.address,
    4,
    { shape: [2], format: 'h', koffi: undefined, owner: {} },
    { label: 'x' },
  ],
};

/** Where the memory is, is the caller's promise: hostile are all arguments but that. */
export function callInterop(name: string, args: readonly unknown[]): unknown {
  const call = Reflect.get(interop, name) as (...args: unknown[]) => unknown;
  if (name !== 'unsafeFromPointer') return call(...args);
  const [pointer, bytes, ...rest] = args;
  return call(
    typeof pointer === 'bigint' ? memory.address : pointer,
    typeof bytes === 'number' ? Math.min(bytes, 4) : bytes,
    ...rest,
  );
}
