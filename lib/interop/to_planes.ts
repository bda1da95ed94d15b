/** WebCodecs: views of planes as the bytes and the layout of a VideoFrame. */
import type { View } from '../index.ts';
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
import type { FullRect, Rect } from './numbers.ts';
import {
  axesOfPlane,
  type PlaneKind,
  planesOf,
  type Size,
  shapeOfPlane,
  sizeOfPlane,
  type VideoPixelFormat,
} from './plane_formats.ts';
import { checkRect, fromPlanes, type PlaneLayout, packedLayout } from './planes.ts';
import { checkView, kindOf, listOf, rangeError, refusal, typeError } from './refusals.ts';
import { type Rows, rowsOf } from './rows.ts';

export type ToPlanesOptions = CopyOptions & {
  /** The part of the image that VideoFrame shows; default all. */
  readonly visibleRect?: Rect | undefined;
};

/** `data`, and what `new VideoFrame(data, { ...init, timestamp })` takes with it. */
export type Planes<F extends VideoPixelFormat = VideoPixelFormat> = {
  readonly data: Uint8Array;
  readonly format: F;
  readonly codedWidth: number;
  readonly codedHeight: number;
  /** In bytes, from the start of `data`. */
  readonly layout: PlaneLayout[];
  readonly visibleRect?: FullRect;
};

const NAME = 'WebCodecs';
const LIMIT = 0xffffffff;

type Plane = { readonly kind: PlaneKind; readonly view: FullView };

/** The views, each with its plane; ERR_OUT_OF_RANGE unless their shapes make one image. */
function checkPlanes(views: unknown, kinds: readonly PlaneKind[]): Plane[] {
  if (!Array.isArray(views))
    throw typeError(`views: expected an array of views, found ${kindOf(views)}`);
  const list = listOf(views, 'views');
  if (list.length !== kinds.length)
    throw rangeError(`views: expected ${kinds.length} planes, found ${list.length}`);
  const planes = kinds.map((kind, index) => ({ kind, view: checkView(list[index]) }));
  const [height = 0, width = 0] = planes[0]?.view.shape ?? [];
  planes.forEach(({ kind, view }, index) => {
    const expected = height * width === 0 ? 'two axes, and pixels' : null;
    const shape = shapeOfPlane(kind, { width, height });
    if (expected === null && `${view.shape}` === `${shape}`) return;
    throw rangeError(
      `views[${index}]: expected shape ${expected ?? `[${shape}]`}, found [${view.shape}]`,
    );
  });
  return planes;
}

/** Are the bytes those of the samples, and if not, which element type would give them? */
function checkFormat({ kind, view }: Plane): boolean {
  const known = dtypeOfFormat(view.format);
  const name = kind.bytes === 1 ? 'uint8' : 'uint16';
  if (known?.dtype.name !== name)
    throw rangeError(
      `views: expected elements of ${name}, found format '${view.format}'; convert with ` +
        'copyFrom(view, { convert })',
    );
  return !known.isSwapped && view.itemsize === kind.bytes;
}

/** In bytes, from the start of the buffer. */
type Extent = { readonly offset: number; readonly stride: number; readonly end: number };

function extentOf({ kind, view }: Plane, { height }: { height: number }): Extent {
  if (!checkFormat({ kind, view }))
    throw refusal(
      'ERR_NBUF_FORMAT',
      `${NAME}: samples are little-endian and without padding, found format '${view.format}' ` +
        `in ${view.itemsize} bytes`,
    );
  const { start, rowBytes, rowStride }: Rows = rowsOf(view, axesOfPlane(kind), NAME);
  const stride = rowStride === 0 ? rowBytes : rowStride;
  return { offset: start, stride, end: start + stride * height };
}

/** What VideoFrame checks: whole rows inside the bytes, and no plane among another's rows. */
function checkExtents(extents: readonly Extent[], byteLength: number): void {
  extents.forEach(({ offset, end }, index) => {
    if (end > byteLength)
      throw refusal(
        'ERR_NBUF_STRIDES',
        `${NAME} wants whole rows: the padding of the last one of plane ${index} would end at ` +
          `byte ${end} of ${byteLength}`,
      );
    const other = extents.findIndex((each) => each.end > offset && each.offset < end);
    if (other !== index)
      throw refusal(
        'ERR_NBUF_STRIDES',
        `${NAME} wants plane behind plane: the rows of planes ${other} and ${index} overlap`,
      );
  });
}

type Image = { readonly data: Uint8Array; readonly layout: PlaneLayout[] };

function share(planes: readonly Plane[], size: Size): Image {
  const extents = planes.map((plane) => extentOf(plane, sizeOfPlane(plane.kind, size)));
  const [buffer, ...others] = planes.map(({ view }) => bufferOf(view));
  if (buffer === undefined || others.some((other) => other !== buffer))
    throw refusal(
      'ERR_NBUF_UNSUPPORTED',
      `${NAME}: the planes lie in several ArrayBuffers`,
    );
  checkExtents(extents, buffer.byteLength);
  const start = Math.min(...extents.map(({ offset }) => offset));
  const end = Math.max(...extents.map((extent) => extent.end));
  if (end - start > LIMIT)
    throw refusal('ERR_NBUF_UNSUPPORTED', `${NAME}: the planes take more than 4 GiB`);
  const layout = extents.map(({ offset, stride }) => ({
    offset: offset - start,
    stride,
  }));
  return { data: new Uint8Array(buffer, start, end - start), layout };
}

function copy(planes: readonly Plane[], size: Size, format: VideoPixelFormat): Image {
  for (const plane of planes) checkFormat(plane);
  const kinds = planes.map(({ kind }) => kind);
  const { layout, byteLength } = packedLayout(kinds, size);
  const data = newArray(dtypes.uint8, byteLength) as Uint8Array;
  const { width: codedWidth, height: codedHeight } = size;
  const targets = fromPlanes({ data, format, codedWidth, codedHeight, layout });
  try {
    targets.forEach((target, index) => {
      target.copyFrom(planes[index]?.view, { convert: 'same-kind' });
    });
  } finally {
    for (const target of targets) target.release();
  }
  return { data, layout };
}

/**
 * Views of planes, shaped as `fromPlanes` gives them, as WebCodecs takes them:
 * `const { data, ...init } = toPlanes(views, 'I420'); new VideoFrame(data, { ...init, timestamp })`.
 * The coded size is that of the first view.
 *
 * Without a copy `data` is the memory from the first plane to the last, and ends (length 0) with
 * the release of its last provider. VideoFrame copies it before its constructor returns: hold
 * the providers until then. (With `transfer` in the init it takes the bytes: copy.)
 *
 * What a copy would lift: CONTIGUITY, where pixels do not lie side by side or rows go upwards;
 * STRIDES, where the last row's padding lies outside the buffer, or planes share rows;
 * UNSUPPORTED, where the planes lie in several buffers; FORMAT for big-endian samples; READONLY;
 * SUBOFFSETS. ERR_OUT_OF_RANGE for shapes and element types that are not the format's.
 */
export function toPlanes<const F extends VideoPixelFormat>(
  views: readonly View[],
  format: F,
  options?: ToPlanesOptions,
): Planes<F> {
  const choice = copyChoice(options);
  const { visibleRect } = options ?? {};
  const kinds = planesOf(format);
  const planes = checkPlanes(views, kinds);
  const [height = 0, width = 0] = planes[0]?.view.shape ?? [];
  const size = { width, height };
  const rect =
    visibleRect === undefined ? {} : { visibleRect: checkRect(visibleRect, kinds, size) };
  const image = shareOrCopy(
    choice,
    () => share(planes, size),
    () => copy(planes, size, format),
  );
  return { ...image, format, codedWidth: width, codedHeight: height, ...rect };
}
