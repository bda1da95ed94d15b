/**
 * JavaScript's own buffers and views on them, asked through the engine's getters: an own
 * property of the value can neither lie nor run code.
 */
import { BufferError, show, typeError } from './errors.ts';

function getter<T>(prototype: object, name: string): (value: unknown) => T {
  const get = Object.getOwnPropertyDescriptor(prototype, name)?.get as () => T;
  return (value) => get.call(value);
}

const TypedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;
const kindOf = getter<string | undefined>(TypedArray, Symbol.toStringTag as never);
const plainLength = getter<number>(ArrayBuffer.prototype, 'byteLength');
const engineLength = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, 'byteLength')
  ?.get as () => number;
const sharedLength =
  typeof SharedArrayBuffer === 'function'
    ? getter<number>(SharedArrayBuffer.prototype, 'byteLength')
    : plainLength;

const gettersOf = (prototype: object) => ({
  buffer: getter<ArrayBufferLike>(prototype, 'buffer'),
  byteOffset: getter<number>(prototype, 'byteOffset'),
  byteLength: getter<number>(prototype, 'byteLength'),
});
const ofTypedArray = gettersOf(TypedArray);
const ofDataView = gettersOf(DataView.prototype);

function lengthOf(value: unknown): number | null {
  for (const get of [plainLength, sharedLength]) {
    try {
      return get(value);
    } catch {
      // not this kind
    }
  }
  return null;
}

/** Has a buffer no bytes, or none any more? `isShared` says which kind it is. */
export function hasNoBytes(buffer: ArrayBufferLike, isShared: boolean): boolean {
  // Asked at each element: engines inline a call of one constant getter.
  return (isShared ? sharedLength(buffer) : engineLength.call(buffer)) === 0;
}

export function isSharedBuffer(buffer: ArrayBufferLike): boolean {
  try {
    sharedLength(buffer);
    return true;
  } catch {
    return false;
  }
}

/** Bytes that JavaScript owns. */
export type JsMemory = {
  readonly buffer: ArrayBufferLike;
  readonly byteOffset: number;
  readonly byteLength: number;
};

/** Null for what is neither a buffer nor a view on one; DETACHED for what was transferred. */
export function jsMemoryOf(value: unknown): JsMemory | null {
  if (!ArrayBuffer.isView(value)) {
    const byteLength = lengthOf(value);
    return byteLength === null
      ? null
      : { buffer: value as ArrayBufferLike, byteOffset: 0, byteLength };
  }
  const get = kindOf(value) === undefined ? ofDataView : ofTypedArray;
  try {
    return {
      buffer: get.buffer(value),
      byteOffset: get.byteOffset(value),
      byteLength: get.byteLength(value),
    };
  } catch {
    throw detached(); // a DataView's getters throw then
  }
}

/** A view on bytes, or a whole buffer, as a plain Uint8Array over the same memory. */
export function bytesOf(value: unknown): Uint8Array {
  const memory = jsMemoryOf(value);
  if (memory === null)
    throw typeError(`expected a Uint8Array or a buffer, found ${show(value)}`);
  try {
    return new Uint8Array(memory.buffer, memory.byteOffset, memory.byteLength);
  } catch {
    throw detached();
  }
}

export function isUint8Array(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && kindOf(value) === 'Uint8Array';
}

export function detached(): BufferError {
  return new BufferError(
    'ERR_NBUF_DETACHED',
    'the ArrayBuffer was transferred or detached by its user',
  );
}

/** Zeroed bytes; NOMEM instead of the engine's RangeError. */
export function newBytes(size: number): Uint8Array {
  try {
    return new Uint8Array(size);
  } catch {
    throw new BufferError(
      'ERR_NBUF_NOMEM',
      `an ArrayBuffer of ${size} bytes cannot be allocated`,
    );
  }
}
