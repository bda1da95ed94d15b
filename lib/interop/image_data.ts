/** ImageData of browsers and canvas packages, and the pixels of canvases. */
import {
  acquireAs,
  BufferError,
  type HostArray,
  type Provider,
  type ProviderOf,
  type RequestOptions,
  type View,
} from '../index.ts';
import type { Granted, KnownOptions } from '../request_types.ts';
import {
  type CopyOptions,
  checkClass,
  checkFunction,
  checkObject,
  checkView,
  type Exposed,
  exposeOrCopy,
  hasFloat16,
  type InteropArray,
  type Need,
  rangeError,
} from './common.ts';
import { checkArray, checkExtent } from './numbers.ts';

export type ImageDataOptions = CopyOptions & {
  /** 'srgb' (default) or 'display-p3'; passed on. */
  readonly colorSpace?: string | undefined;
};

/** The class `ImageData` of a browser or a canvas package; Node.js has none. */
export type ImageDataConstructor<T> = new (
  data: never,
  width: number,
  height: number,
  settings?: never,
) => T;

const NEED: Need = {
  name: 'ImageData',
  layout: 'C',
  dtypes: hasFloat16 ? ['uint8', 'float16', 'float32'] : ['uint8', 'float32'],
  convert: { float16: 'float32' },
  unshared: true,
};

/** Elements as ImageData has them, and what its settings call them. */
function pixelsOf({ data, dtype }: Exposed): {
  data: InteropArray;
  pixelFormat?: string;
} {
  if (dtype.name !== 'uint8') return { data, pixelFormat: `rgba-${dtype.name}` };
  const { buffer, byteOffset, length } = data;
  return { data: new Uint8ClampedArray(buffer, byteOffset, length) };
}

/**
 * A view of shape [height, width, 4], RGBA and not premultiplied, as ImageData: elements of 'B',
 * or of 'e' and 'f' where the class has pixel formats of floats (in @napi-rs/canvas both; float16
 * needs a runtime with Float16Array).
 *
 * Without a copy `imageData.data` is the view's memory, both ways, until the provider is
 * released; then `putImageData` throws ("detached") instead of drawing. `putImageData` copies
 * before it returns. (Classes may copy what they are given, and @napi-rs/canvas before 1.1 does;
 * then it is theirs.)
 *
 * CONTIGUITY, STRIDES, FORMAT, READONLY, SUBOFFSETS say why it needs a copy; UNSUPPORTED: a
 * SharedArrayBuffer; ERR_OUT_OF_RANGE: another shape, or no pixels.
 */
export function toImageData<T>(
  view: View,
  ImageData: ImageDataConstructor<T>,
  options?: ImageDataOptions,
): T {
  checkClass(ImageData, 'ImageData');
  const { colorSpace } = options ?? {};
  const { shape } = checkView(view);
  const [height = 0, width = 0] = shape;
  if (shape.length !== 3 || shape[2] !== 4 || height * width === 0)
    throw rangeError(
      `ImageData: expected shape [height, width, 4] with pixels, found [${shape.join(', ')}]`,
    );
  const { data, pixelFormat } = pixelsOf(exposeOrCopy(view, NEED, options));
  const settings = {
    ...(colorSpace === undefined ? {} : { colorSpace }),
    ...(pixelFormat === undefined ? {} : { pixelFormat }),
  };
  // An argument too many is one that older classes refuse.
  return Object.keys(settings).length === 0
    ? new ImageData(data as never, width, height)
    : new ImageData(data as never, width, height, settings as never);
}

/** What is used of an ImageData. Extents in pixels. */
export type ImageDataLike = {
  readonly data: ArrayBufferView;
  readonly width: number;
  readonly height: number;
};

/**
 * The pixels of an ImageData, without a copy: shape [height, width, 4], RGBA and not
 * premultiplied, elements of 'B' (or 'e', 'f' for its pixel formats of floats).
 *
 * Writing writes `imageData.data`; a canvas shows it after `putImageData`. The provider keeps
 * the data alive, and its release ends nothing else. BOUNDS: less data than width and height say.
 */
export function fromImageData<const R extends RequestOptions | undefined = undefined>(
  image: ImageDataLike,
  request?: R & KnownOptions<R>,
): ProviderOf<HostArray<'B'> | HostArray<'e'> | HostArray<'f'>, Granted<R>>;
export function fromImageData(image: ImageDataLike, request?: RequestOptions): Provider {
  const { data, width, height } = checkObject(image, 'image');
  const { format } = checkArray(data, 'image.data');
  const shape = [
    checkExtent(height, 'image.height'),
    checkExtent(width, 'image.width'),
    4,
  ];
  return acquireAs(data, { shape, format }, request) as Provider;
}

/** A canvas of @napi-rs/canvas (`data()`), or of node-canvas (`toBuffer('raw')`, `stride`). */
export type CanvasLike = {
  readonly width: number;
  readonly height: number;
} & (
  | { data(): ArrayBufferView }
  | { readonly stride: number; toBuffer(type: 'raw'): ArrayBufferView }
);

/** What the canvas gives, and the bytes from row to row; null: without padding. */
function rawOf(canvas: Record<string, unknown>): {
  data: unknown;
  stride: number | null;
} {
  const source = canvas as { data?: () => unknown; toBuffer?: (type: string) => unknown };
  if (typeof source.data === 'function') return { data: source.data(), stride: null };
  checkFunction(source.toBuffer, 'canvas.toBuffer');
  const data = source.toBuffer?.('raw');
  return { data, stride: checkExtent(canvas.stride, 'canvas.stride') };
}

/**
 * The pixels of a canvas as they are stored, *premultiplied*: shape [height, width, 4]. RGBA from
 * @napi-rs/canvas (elements of 'e' where its `colorType` is 'float16'), BGRA (on little-endian
 * machines) with padded rows from node-canvas, of its pixel formats 'RGBA32' and 'RGB24'.
 *
 * Both packages give a copy of their own making, taken now: what is drawn later does not show,
 * and writing does not draw (`putImageData` does). No further copy is made of it; the provider
 * keeps it alive, whatever becomes of the canvas. FORMAT: pixels of other sizes.
 */
export function fromCanvas<const R extends RequestOptions | undefined = undefined>(
  canvas: CanvasLike,
  request?: R & KnownOptions<R>,
): ProviderOf<HostArray<'B'> | HostArray<'e'>, Granted<R>>;
export function fromCanvas(canvas: CanvasLike, request?: RequestOptions): Provider {
  const source = checkObject(canvas, 'canvas');
  const { data, stride } = rawOf(source);
  const width = checkExtent(source.width, 'canvas.width');
  const height = checkExtent(source.height, 'canvas.height');
  checkArray(data, 'canvas.data()');
  const { byteLength } = data as ArrayBufferView;
  const row = stride ?? byteLength / height;
  const unit = stride === null ? row / width / 4 : 1;
  if ((unit !== 1 && unit !== 2) || row < 4 * width)
    throw new BufferError(
      'ERR_NBUF_FORMAT',
      `canvas: expected pixels of 4 bytes, or of 4 half floats; found rows of ${row} bytes for ` +
        `${width} pixels`,
    );
  const shape = [height, width, 4];
  const strides = [row, 4 * unit, unit];
  const format = unit === 1 ? 'B' : 'e';
  return acquireAs(data, { shape, strides, format }, request) as Provider;
}
