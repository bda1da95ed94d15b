/** Addresses, for foreign function interfaces: koffi and node:ffi. */
import {
  type AdoptOptions,
  acquire,
  BufferError,
  HostArray,
  type Provider,
  type ProviderOf,
  type RequestOptions,
  type View,
} from '../index.ts';
import type { Granted, KnownOptions } from '../request_types.ts';
import { checkObject, checkView, kindOf, rangeError, typeError } from './refusals.ts';

/** Where a view's elements lie. Sizes and strides in bytes, `shape` in elements. */
export type Pointer = {
  /** The first element's address; 0n only where there is no memory at all. */
  readonly pointer: bigint;
  /** Bytes from `pointer` to behind the last element that lies above it. */
  readonly byteLength: number;
  /** Bytes below `pointer` that belong to elements: not 0 only with negative strides. */
  readonly before: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly format: string;
  readonly itemsize: number;
  readonly readonly: boolean;
};

export type PointerOptions = {
  /** The function only reads (a pointer to const): then also of readonly views. Default false. */
  readonly readonly?: boolean | undefined;
  /** The function knows strides: then also of views that are not C-contiguous. Default false. */
  readonly strides?: boolean | undefined;
};

/**
 * The address of a view's memory, for a call of a C function: `memset(p.pointer, 0,
 * BigInt(p.byteLength))`. koffi and node:ffi take it where they take pointers.
 *
 * The address is good as long as the view's provider is neither released nor collected (keep it
 * in a variable, and release it after the call), and for a native function that keeps the
 * pointer or runs on another thread (koffi's `async`) until that ends. Acquire with `pin: true`
 * for those: memory of JavaScript's own (typed arrays) could be transferred away meanwhile.
 * Nothing checks what the function does there: pass it sizes out of this object.
 *
 * READONLY and CONTIGUITY, unless the options say that the function copes; SUBOFFSETS: elements
 * behind pointers have no one address; DETACHED, RELEASED.
 */
export function toPointer(value: View, options: PointerOptions = {}): Pointer {
  const view = checkView(value);
  const { readonly: isConst, strides: isStrided } = checkObject(options, 'options');
  if (view.levels !== null)
    throw new BufferError(
      'ERR_NBUF_SUBOFFSETS',
      'the elements lie behind pointers, at no one address; use toContiguous()',
    );
  if (view.readonly && isConst !== true)
    throw new BufferError(
      'ERR_NBUF_READONLY',
      'the view is readonly; pass { readonly: true } for a function that only reads',
    );
  if (isStrided !== true && !view.isContiguous('C'))
    throw new BufferError(
      'ERR_NBUF_CONTIGUITY',
      'the view is not C-contiguous; pass { strides: true } for a function that takes ' +
        'strides, or use toContiguous()',
    );
  const { shape, strides, format, itemsize, readonly } = view;
  const { above, below } = spans(shape, strides, itemsize);
  return {
    pointer: view.address,
    byteLength: above,
    before: below,
    shape,
    strides,
    format,
    itemsize,
    readonly,
  };
}

function spans(shape: readonly number[], strides: readonly number[], itemsize: number) {
  if (shape.includes(0)) return { above: 0, below: 0 };
  let above = itemsize;
  let below = 0;
  shape.forEach((extent, axis) => {
    const span = (extent - 1) * (strides[axis] as number);
    if (span < 0) below -= span;
    else above += span;
  });
  return { above, below };
}

/** What koffi is needed for: the address of its pointer objects. */
export type Koffi = { address(pointer: never): bigint };

export type FromPointerOptions<F extends string = string> = AdoptOptions<F> & {
  /** koffi, where `pointer` is one of its values instead of a bigint. */
  readonly koffi?: Koffi | undefined;
};

function addressOf(pointer: unknown, koffi: unknown): bigint {
  const { address } = (koffi ?? {}) as Partial<Koffi>;
  const found =
    typeof address === 'function' && typeof pointer !== 'bigint'
      ? address.call(koffi as Koffi, pointer as never)
      : pointer;
  if (typeof found !== 'bigint')
    throw typeError(
      `pointer: expected a bigint (or a pointer of koffi, with { koffi }), found ${kindOf(found)}`,
    );
  if (found === BigInt.asUintN(64, found)) return found;
  throw rangeError('pointer: expected an address of 64 bits');
}

/**
 * A provider of `byteLength` bytes at an address that a C function returned, laid out as the
 * options say (shape in elements, strides and offset in bytes; default: a row of bytes).
 *
 * `owner` (the library, the struct, the `koffi.alloc` or callback that owns the memory) is kept
 * reachable, and `free` called, as `HostArray.unsafeFromAddress` has it: once the provider was
 * released or collected, and so were all re-exports and ArrayBuffers that were exposed. Unsafe:
 * that the memory is there, in place, `byteLength` bytes of it and until then, is the caller's
 * promise. BOUNDS: the layout reaches out of it; `free` is not called when this throws.
 */
export function unsafeFromPointer<
  const F extends string = 'B',
  const R extends RequestOptions | undefined = undefined,
>(
  pointer: unknown,
  byteLength: number,
  options?: FromPointerOptions<F>,
  request?: R & KnownOptions<R>,
): ProviderOf<HostArray<F>, Granted<R>>;
export function unsafeFromPointer(
  pointer: unknown,
  byteLength: number,
  options: FromPointerOptions = {},
  request?: RequestOptions,
): Provider {
  const { koffi, free, ...layout } = checkObject(
    options,
    'options',
  ) as FromPointerOptions;
  const address = addressOf(pointer, koffi);
  let isGranted = false;
  const callFree = () => (isGranted ? free?.() : undefined);
  const adopted = { ...layout, free: typeof free === 'function' ? callFree : free };
  const array = HostArray.unsafeFromAddress(address, byteLength, adopted as AdoptOptions);
  try {
    const provider = acquire(array, request as never) as Provider;
    isGranted = true;
    return provider;
  } finally {
    array.dispose(); // the memory goes with its provider
  }
}
