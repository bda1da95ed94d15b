/** WebCodecs: the planes of a VideoFrame's pixels, one view each. */
import {
  acquireAs,
  type HostArray,
  type Provider,
  type ProviderOf,
  type RequestOptions,
} from '../index.ts';
import type { Granted, KnownOptions } from '../request_types.ts';
import { checkExtent, checkOffset, type FullRect, type Rect, rectOf } from './numbers.ts';
import {
  formatOfPlane,
  type PlaneKind,
  planesOf,
  type Size,
  shapeOfPlane,
  sizeOfPlane,
  type VideoPixelFormat,
} from './plane_formats.ts';
import { checkObject, listOf, rangeError, typeError } from './refusals.ts';

/** Where a plane lies. In bytes: `offset` of its first row, `stride` from row to row. */
export type PlaneLayout = { readonly offset: number; readonly stride: number };

/** Bytes and how WebCodecs describes them; extents in pixels. */
export type PlanesSource = {
  /** A typed array, buffer, view, or anything else that exports contiguous bytes. */
  readonly data: unknown;
  readonly format: VideoPixelFormat;
  readonly codedWidth: number;
  readonly codedHeight: number;
  /** One for each plane; default: the planes one behind the other, without padding. */
  readonly layout?: readonly PlaneLayout[] | undefined;
  /** The part to see; default all. Its corner lies on a sample of every plane. */
  readonly visibleRect?: Rect | undefined;
};

/** Bytes that the pixels of one row of a plane take. */
export function rowBytesOf(kind: PlaneKind, size: Size): number {
  return sizeOfPlane(kind, size).width * kind.components * kind.bytes;
}

/** The planes one behind the other, without padding, and the bytes of all. */
export function packedLayout(
  kinds: readonly PlaneKind[],
  size: Size,
): { layout: PlaneLayout[]; byteLength: number } {
  let byteLength = 0;
  const layout = kinds.map((kind) => {
    const stride = rowBytesOf(kind, size);
    const plane = { offset: byteLength, stride };
    byteLength += stride * sizeOfPlane(kind, size).height;
    return plane;
  });
  return { layout, byteLength };
}

/** Converts `layout`; its getters run here, once each. */
function checkLayout(
  value: unknown,
  kinds: readonly PlaneKind[],
  size: Size,
): PlaneLayout[] {
  if (value === undefined) return packedLayout(kinds, size).layout;
  if (!Array.isArray(value)) throw typeError('layout: expected an array of planes');
  const planes = listOf(value, 'layout');
  if (planes.length !== kinds.length)
    throw rangeError(`layout: expected ${kinds.length} planes, found ${planes.length}`);
  return kinds.map((kind, index) => {
    const name = `layout[${index}]`;
    const { offset, stride } = checkObject(planes[index], name);
    const least = rowBytesOf(kind, size);
    const plane = {
      offset: checkOffset(offset, `${name}.offset`),
      stride: checkOffset(stride, `${name}.stride`),
    };
    if (plane.stride < least)
      throw rangeError(
        `${name}.stride: expected at least the ${least} bytes of a row, found ${plane.stride}`,
      );
    return plane;
  });
}

/** A rectangle inside the image whose corner lies on a sample of every plane. */
export function checkRect(
  value: unknown,
  kinds: readonly PlaneKind[],
  size: Size,
): FullRect {
  const rect = rectOf(value, size, 'visibleRect');
  for (const { across, down } of kinds)
    if (rect.x % across !== 0 || rect.y % down !== 0)
      throw rangeError(
        `visibleRect: expected x and y to be multiples of ${across} and ${down}, which share ` +
          `a sample; found ${rect.x} and ${rect.y}`,
      );
  return rect;
}

function acquirePlane(
  data: unknown,
  kind: PlaneKind,
  { offset, stride }: PlaneLayout,
  rect: FullRect,
  request: RequestOptions | undefined,
): Provider {
  const shape = shapeOfPlane(kind, rect);
  const pixel = kind.components * kind.bytes;
  const strides = [stride, pixel, kind.bytes].slice(0, shape.length);
  const first = offset + (rect.y / kind.down) * stride + (rect.x / kind.across) * pixel;
  const layout = { shape, strides, offset: first, format: formatOfPlane(kind) };
  return acquireAs(data, layout, request) as Provider;
}

/**
 * The planes of an image as WebCodecs lays them out, one provider each, without a copy; for what
 * `frame.copyTo(data)` wrote, with the layout that it returned and the size of what was copied.
 *
 * Shapes in samples: [height, width] of 'B' (`P10`, `P12`: '<H'), chroma planes of I420, I422
 * and NV12 by half and rounded up; NV12's second plane is [height, width, 2], the formats of one
 * plane are [height, width, 4] in the order of their letters. With `visibleRect`, windows of it.
 *
 * Release every one. They keep `data` alive, and releasing ends nothing else; `frame.close()`
 * does not touch it either. Where one cannot be had, none is left: BOUNDS for planes beyond the
 * data, DETACHED after a transfer; ERR_OUT_OF_RANGE for sizes, strides and rectangles that
 * VideoFrame would refuse, too.
 */
export function fromPlanes<const R extends RequestOptions | undefined = undefined>(
  source: PlanesSource,
  request?: R & KnownOptions<R>,
): ProviderOf<HostArray<'B'> | HostArray<'<H'>, Granted<R>>[];
export function fromPlanes(source: PlanesSource, request?: RequestOptions): Provider[] {
  const { data, format, codedWidth, codedHeight, layout, visibleRect } = checkObject(
    source,
    'source',
  );
  const kinds = planesOf(format);
  const size = {
    width: checkExtent(codedWidth, 'codedWidth'),
    height: checkExtent(codedHeight, 'codedHeight'),
  };
  const planes = checkLayout(layout, kinds, size);
  const rect = checkRect(visibleRect, kinds, size);
  const providers: Provider[] = [];
  try {
    for (const [index, kind] of kinds.entries()) {
      const plane = planes[index] as PlaneLayout;
      providers.push(acquirePlane(data, kind, plane, rect, request));
    }
    return providers;
  } catch (error) {
    for (const provider of providers) provider.release();
    throw error;
  }
}
