/** sharp: raw pixels, in and out. */
import {
  acquireAs,
  BufferError,
  type Provider,
  type ProviderOf,
  type RequestOptions,
  type View,
} from '../index.ts';
import type { Granted, KnownOptions } from '../request_types.ts';
import {
  type CopyOptions,
  checkObject,
  checkView,
  type DType,
  dtypes,
  exposeOrCopy,
  type Need,
  rangeError,
} from './common.ts';
import { checkExtent } from './numbers.ts';

/** sharp's description of raw pixels. Extents in pixels. */
export type SharpRaw = {
  readonly width: number;
  /** Of all pages. */
  readonly height: number;
  readonly channels: 1 | 2 | 3 | 4;
  /** Is colour multiplied by alpha already? */
  readonly premultiplied?: boolean;
  /** Of one page, where there are several. */
  readonly pageHeight?: number;
};

type SharpData =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

/** What `sharp(data, { raw })` takes. */
export type SharpInput = {
  readonly data: SharpData;
  readonly raw: SharpRaw;
};

export type SharpOptions = CopyOptions & {
  /** Passed on. */
  readonly premultiplied?: boolean | undefined;
};

const NEED: Need = {
  name: 'sharp',
  layout: 'C',
  dtypes: ['uint8', 'int8', 'uint16', 'int16', 'uint32', 'int32', 'float32', 'float64'],
  convert: { float16: 'float32' },
};

/** [height, width], [height, width, channels] or [pages, height, width, channels]. */
function rawOf(shape: readonly number[]): SharpRaw {
  const [pages, height, width, channels] =
    shape.length === 4 ? shape : [1, ...shape, 1].slice(0, 4);
  const isImage = shape.length >= 2 && shape.length <= 4 && !shape.includes(0);
  if (!isImage || (channels as number) > 4)
    throw rangeError(
      'sharp: expected shape [height, width], [height, width, channels] or [pages, height, ' +
        `width, channels] with 1 to 4 channels and some pixels, found [${shape.join(', ')}]`,
    );
  return {
    width: width as number,
    height: (pages as number) * (height as number),
    channels: channels as SharpRaw['channels'],
    ...(shape.length === 4 ? { pageHeight: height as number } : {}),
  };
}

/**
 * A view as raw pixels: `const { data, raw } = toSharp(p); sharp(data, { raw })`. Shape
 * [height, width], [height, width, channels] or [pages, height, width, channels]; rows tightly
 * packed. The element type becomes sharp's depth: uint8, int8, uint16, int16, uint32, int32,
 * float32 or float64 (a copy makes float32 of float16).
 *
 * Without a copy sharp reads the view's memory, and only when the output is asked for, in a
 * thread of its own, so lend:
 * `await p.lend(() => { const { data, raw } = toSharp(p); return sharp(data, { raw }).png().toBuffer(); })`.
 * Once the provider is released, sharp finds no pixels and throws.
 *
 * CONTIGUITY, STRIDES, FORMAT, READONLY, SUBOFFSETS say why it needs a copy; ERR_OUT_OF_RANGE:
 * no image.
 */
export function toSharp(view: View, options?: SharpOptions): SharpInput {
  const { premultiplied } = options ?? {};
  const raw = rawOf(checkView(view).shape);
  const data = exposeOrCopy(view, NEED, options).data as unknown as SharpData;
  return { data, raw: premultiplied === undefined ? raw : { ...raw, premultiplied } };
}

/** What `.raw().toBuffer({ resolveWithObject: true })` or `.raw().toUint8Array()` resolves to. */
export type SharpOutput = {
  readonly data: ArrayBufferView;
  readonly info: {
    readonly width: number;
    readonly height: number;
    readonly channels: number;
    readonly format?: string | undefined;
    /** Since sharp 0.35; before: what `raw({ depth })` was given. */
    readonly depth?: string | undefined;
    readonly pageHeight?: number | undefined;
    readonly pages?: number | undefined;
  };
};

const DEPTHS: Readonly<Record<string, DType>> = {
  __proto__: null as never,
  char: dtypes.int8,
  uchar: dtypes.uint8,
  short: dtypes.int16,
  ushort: dtypes.uint16,
  int: dtypes.int32,
  uint: dtypes.uint32,
  float: dtypes.float32,
  double: dtypes.float64,
  complex: dtypes.complex64,
  dpcomplex: dtypes.complex128,
};

/** uchar, where older versions do not say it and the bytes are as many. */
function typeOf(depth: unknown, format: unknown, isBytes: boolean): DType {
  if (format !== undefined && format !== 'raw')
    throw new BufferError(
      'ERR_NBUF_FORMAT',
      `sharp: expected raw pixels, found ${String(format)}; ask for them with .raw()`,
    );
  if (depth === undefined && isBytes) return dtypes.uint8;
  const found = typeof depth === 'string' ? DEPTHS[depth] : undefined;
  if (found !== undefined) return found;
  throw new BufferError(
    'ERR_NBUF_FORMAT',
    `sharp: expected a depth in info, such as 'uchar', found ${String(depth)}; add what ` +
      'raw({ depth }) was given',
  );
}

/**
 * Raw pixels that sharp gave, without a copy: shape [height, width, channels], or [pages, height,
 * width, channels] where `info` tells of pages, with the elements of `info.depth`.
 *
 * The provider keeps the Buffer (or the Uint8Array) alive, which owns its memory; its release
 * ends nothing else, sharp's own objects have no part in it. FORMAT: not raw, or an unknown
 * depth; BOUNDS: less data than `info` says.
 */
export function fromSharp<const R extends RequestOptions | undefined = undefined>(
  output: SharpOutput,
  request?: R & KnownOptions<R>,
): ProviderOf<unknown, Granted<R>>;
export function fromSharp(output: SharpOutput, request?: RequestOptions): Provider {
  const { data, info } = checkObject(output, 'output');
  const { width, height, channels, format, depth, pageHeight } = checkObject(
    info,
    'info',
  );
  const [w, h, c] = [
    checkExtent(width, 'info.width'),
    checkExtent(height, 'info.height'),
    checkExtent(channels, 'info.channels'),
  ];
  const { byteLength } = checkObject(data, 'data') as { byteLength?: unknown };
  const dtype = typeOf(depth, format, byteLength === w * h * c);
  const page = pageHeight === undefined ? h : checkExtent(pageHeight, 'info.pageHeight');
  if (h % page !== 0)
    throw rangeError(`info.pageHeight: expected a divisor of ${h}, found ${page}`);
  const shape = pageHeight === undefined ? [h, w, c] : [h / page, page, w, c];
  return acquireAs(data, { shape, format: dtype.format }, request) as Provider;
}
