/** WebGPU: texels in rows of `bytesPerRow`, images of `rowsPerImage` rows. */
import {
  acquireAs,
  calcsize,
  type HostArray,
  type Provider,
  type ProviderOf,
  type RequestOptions,
} from '../index.ts';
import type { Granted, KnownOptions } from '../request_types.ts';
import { checkExtent, checkOffset } from './numbers.ts';
import { checkObject, kindOf, listOf, rangeError, typeError } from './refusals.ts';

/** WebGPU's GPUExtent3D, in texels. */
export type WebGpuSize = {
  readonly width: number;
  readonly height: number;
  readonly depthOrArrayLayers: number;
};

export function checkFlag(value: unknown, name: string): boolean | undefined {
  if (value === undefined || typeof value === 'boolean') return value;
  throw typeError(`${name}: expected a boolean, found ${kindOf(value)}`);
}

/** Texels that lie as WebGPU says. `size` in texels, `offset` and `bytesPerRow` in bytes. */
export type WebGpuSource<F extends string = string> = {
  /** `buffer.getMappedRange()`, or anything else that exports contiguous bytes. */
  readonly data: unknown;
  /** Of the first texel, from the start of `data`; default 0. */
  readonly offset?: number | undefined;
  /** Default: rows without padding. */
  readonly bytesPerRow?: number | undefined;
  /** Default: images without padding. */
  readonly rowsPerImage?: number | undefined;
  readonly size: Partial<WebGpuSize> | readonly number[];
  /** Of one component; default 'B'. */
  readonly format?: F | undefined;
  /** Components of a texel, the last axis; default none. */
  readonly components?: number | undefined;
  /** Has the view an axis of layers? Default: where there are several. */
  readonly layers?: boolean | undefined;
};

function sizeOf(value: unknown): { width: number; height: number; layers: number } {
  const given = checkObject(value, 'size');
  const [width, height = 1, layers = 1] = Array.isArray(given)
    ? listOf(given, 'size')
    : [given.width, given.height, given.depthOrArrayLayers];
  return {
    width: checkExtent(width, 'size.width'),
    height: checkExtent(height, 'size.height'),
    layers: checkExtent(layers, 'size.depthOrArrayLayers'),
  };
}

/** Not less than `least`, unless there is only one. */
function checkPitch(value: unknown, least: number, count: number, name: string): number {
  if (value === undefined) return least;
  const pitch = checkOffset(value, name);
  if (pitch >= least || count <= 1) return pitch;
  throw rangeError(`${name}: expected at least ${least}, found ${pitch}`);
}

/**
 * The texels of a mapped buffer, or of other bytes, without a copy: a provider of shape
 * [height, width], with a first axis of layers where there are several and a last one of
 * `components` where given. Into one of a buffer `mappedAtCreation`, `copyFrom(image)` writes
 * the padded rows that `copyBufferToTexture` wants.
 *
 * It keeps `data` alive, and releasing ends nothing else. `buffer.unmap()` ends the memory:
 * every access throws DETACHED then. Keep the GPUBuffer itself for as long: it owns the bytes.
 * BOUNDS: texels beyond `data`; ERR_OUT_OF_RANGE: rows or images that overlap.
 */
export function fromWebGpu<
  const F extends string = 'B',
  const R extends RequestOptions | undefined = undefined,
>(
  source: WebGpuSource<F>,
  request?: R & KnownOptions<R>,
): ProviderOf<HostArray<F>, Granted<R>>;
export function fromWebGpu(source: WebGpuSource, request?: RequestOptions): Provider {
  const given = checkObject(source, 'source');
  const { data, offset, format = 'B', components } = given;
  const layers = checkFlag(given.layers, 'layers');
  const size = sizeOf(given.size);
  const itemsize = calcsize(format as string);
  const count = components === undefined ? 1 : checkExtent(components, 'components');
  const row = checkPitch(
    given.bytesPerRow,
    size.width * count * itemsize,
    size.height * size.layers,
    'bytesPerRow',
  );
  const rows = checkPitch(given.rowsPerImage, size.height, size.layers, 'rowsPerImage');
  const axes: [extent: number, stride: number][] = [
    [size.height, row],
    [size.width, count * itemsize],
  ];
  if (layers === false && size.layers > 1)
    throw rangeError(`layers: expected true for ${size.layers} layers, found false`);
  if (layers === true || size.layers > 1) axes.unshift([size.layers, row * rows]);
  if (components !== undefined) axes.push([count, itemsize]);
  const layout = {
    shape: axes.map(([extent]) => extent),
    strides: axes.map(([, stride]) => stride),
    offset: offset as number | undefined,
    format: format as string,
  };
  return acquireAs(data, layout, request) as Provider;
}
