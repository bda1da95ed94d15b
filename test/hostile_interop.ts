/** Good arguments of nbuf/interop's functions. */

import { acquire, HostArray } from 'nbuf';
import * as interop from 'nbuf/interop';
import type { Stage } from './hostile_stage.ts';

/** Stays, whatever user code releases meanwhile. */
const memory = acquire(HostArray.allocate([64]));
const make = (...args: unknown[]): unknown => args;
const floats = (): Float32Array => Float32Array.of(1, 2, 3, 4);

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
