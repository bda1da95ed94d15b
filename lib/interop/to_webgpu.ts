/** WebGPU: views as rows of `bytesPerRow`, images of `rowsPerImage` rows. */
import {
  acquireAs,
  BufferError,
  type FormatItem,
  parseFormat,
  type View,
} from '../index.ts';
import {
  bufferOf,
  type CopyOptions,
  copyChoice,
  dtypeOfFormat,
  dtypes,
  type FullView,
  newArray,
  shareOrCopy,
} from './common.ts';
import { checkExtent } from './numbers.ts';
import { checkView, rangeError, refusal } from './refusals.ts';
import { type Axes, type Extents, extentsOf, rowsOf } from './rows.ts';
import { checkFlag, type WebGpuSize } from './webgpu.ts';

/** WebGPU's GPUTexelCopyBufferLayout. `offset` and `bytesPerRow` in bytes. */
export type WebGpuLayout = {
  readonly offset: number;
  readonly bytesPerRow: number;
  readonly rowsPerImage: number;
};

/** What `queue.writeTexture({ texture }, data, layout, size)` takes. */
export type WebGpuImage = {
  readonly data: Uint8Array;
  readonly layout: WebGpuLayout;
  readonly size: WebGpuSize;
};

export type ToWebGpuOptions = CopyOptions & {
  /**
   * What `bytesPerRow` is to be a multiple of: 256 for copies between buffers and textures;
   * default 1, which is enough for `writeTexture`.
   */
  readonly align?: number | undefined;
  /** The first of three axes is layers (or depth), and the last not components. */
  readonly layers?: boolean | undefined;
};

const NAME = 'WebGPU';
const LIMIT = 0xffffffff;
const AXES: readonly (Axes | undefined)[] = [undefined, 'W', 'HW', 'HWC', 'LHWC'];

function axesOf(ndim: number, layers: unknown): Axes {
  const axes = ndim === 3 && checkFlag(layers, 'layers') === true ? 'LHW' : AXES[ndim];
  if (axes !== undefined) return axes;
  throw rangeError(
    `${NAME}: expected [layers, height, width, components], some of them left out; found ${ndim} axes`,
  );
}

/** Texels have the bytes of the machine that WebGPU runs on, which are little-endian. */
function isLittle(items: readonly FormatItem[]): boolean {
  return items.every(
    (item) => item.byteOrder !== 'big' && (item.items === null || isLittle(item.items)),
  );
}

/** The format of the elements in that order; FORMAT where that would be a format of its own. */
function littleFormat({ format }: FullView): string {
  if (isLittle(parseFormat(format).items)) return format;
  const known = dtypeOfFormat(format);
  if (known !== null) return `<${known.dtype.format}`;
  throw new BufferError(
    'ERR_NBUF_FORMAT',
    `${NAME}: texels are little-endian, found format '${format}'; convert with copyFrom()`,
  );
}

/** From row to row and from image to image, as WebGPU can say it. */
function pitchOf(view: FullView, axes: Axes, extents: Extents, align: number) {
  const { start, rowBytes, rowStride, layerStride } = rowsOf(view, axes, NAME);
  const { height, layers } = extents;
  // An image of one row says with its rows how far the next image is.
  const isFlat = height <= 1 && layers > 1;
  const given = isFlat ? layerStride : rowStride;
  const isFree = height <= 1 && layers <= 1;
  const bytesPerRow = isFree ? Math.ceil(rowBytes / align) * align : given;
  if (bytesPerRow < rowBytes || bytesPerRow % align !== 0 || bytesPerRow > LIMIT)
    throw refusal(
      'ERR_NBUF_STRIDES',
      `${NAME}: expected rows of at least ${rowBytes} bytes, a multiple of ${align}, apart; ` +
        `found a stride of ${bytesPerRow}`,
    );
  const rowsPerImage = layers > 1 ? layerStride / bytesPerRow : height;
  if (!Number.isInteger(rowsPerImage) || rowsPerImage < height || rowsPerImage > LIMIT)
    throw refusal(
      'ERR_NBUF_STRIDES',
      `${NAME}: expected layers a number of whole rows (of ${bytesPerRow} bytes) apart, at ` +
        `least ${height}; found a stride of ${layerStride} bytes`,
    );
  const rows = (layers - 1) * rowsPerImage + height - 1;
  return { start, bytesPerRow, rowsPerImage, end: start + rows * bytesPerRow + rowBytes };
}

type Job = {
  readonly view: FullView;
  readonly axes: Axes;
  readonly size: WebGpuSize;
  readonly align: number;
  /** Little-endian. */
  readonly format: string;
};

function share({ view, axes, size, align, format }: Job): WebGpuImage {
  if (format !== view.format)
    throw refusal(
      'ERR_NBUF_FORMAT',
      `${NAME}: texels are little-endian, found format '${view.format}'`,
    );
  const pitch = pitchOf(view, axes, extentsOf(view.shape, axes), align);
  const { start, end, bytesPerRow, rowsPerImage } = pitch;
  const data = new Uint8Array(bufferOf(view), start, end - start);
  return { data, layout: { offset: 0, bytesPerRow, rowsPerImage }, size };
}

/** No bytes, where there are no texels. */
function empty(extents: Extents, size: WebGpuSize, texel: number, align: number) {
  const bytesPerRow = Math.ceil((extents.width * texel) / align) * align;
  const layout = { offset: 0, bytesPerRow, rowsPerImage: extents.height };
  return { data: new Uint8Array(0), layout, size };
}

function copy({ view, axes, size, align, format }: Job): WebGpuImage {
  const { shape, itemsize } = view;
  const { width, height, layers, components } = extentsOf(shape, axes);
  const rowBytes = width * components * itemsize;
  const bytesPerRow = Math.ceil(rowBytes / align) * align;
  const byteLength = (layers * height - 1) * bytesPerRow + rowBytes;
  const data = newArray(dtypes.uint8, byteLength) as Uint8Array;
  const image = bytesPerRow * height;
  const all: Record<string, number> = {
    L: image,
    H: bytesPerRow,
    W: components * itemsize,
    C: itemsize,
  };
  const strides = [...axes].map((axis) => all[axis] as number);
  const layout = { shape, strides, format, itemsize };
  const target = acquireAs(data, layout, { writable: true });
  try {
    target.copyFrom(view, { convert: 'same-kind' });
  } finally {
    target.release();
  }
  return { data, layout: { offset: 0, bytesPerRow, rowsPerImage: height }, size };
}

/**
 * A view as WebGPU takes images: `queue.writeTexture({ texture }, data, layout, size)`. Axes:
 * [width], [height, width], [height, width, components] or [layers, height, width, components]
 * (`layers: true`: three axes are [layers, height, width]). A texel is all components, or one
 * element, whose bytes the texture's format must mean: nothing here knows that.
 *
 * Without a copy `data` is the view's memory, padding between rows and layers included, and
 * ends (length 0) with the release of its provider. `writeTexture` copies before it returns:
 * hold the provider until then. A copy has the least padding that `align` allows.
 *
 * What a copy would lift: CONTIGUITY, where texels do not lie side by side or rows go upwards;
 * STRIDES, where rows are no multiple of `align` bytes, or layers no number of rows, apart;
 * FORMAT for big-endian elements; READONLY; SUBOFFSETS. ERR_OUT_OF_RANGE for other axes.
 */
export function toWebGpu(view: View, options?: ToWebGpuOptions): WebGpuImage {
  const choice = copyChoice(options);
  const { align = 1, layers } = options ?? {};
  const step = checkExtent(align, 'align');
  const full = checkView(view);
  const axes = axesOf(full.ndim, layers);
  const extents = extentsOf(full.shape, axes);
  const size = {
    width: extents.width,
    height: extents.height,
    depthOrArrayLayers: extents.layers,
  };
  if (full.size === 0) {
    const texel = extents.components * full.itemsize;
    return empty(extents, size, texel, step);
  }
  const job = { view: full, axes, size, align: step, format: littleFormat(full) };
  return shareOrCopy(
    choice,
    () => share(job),
    () => copy(job),
  );
}
