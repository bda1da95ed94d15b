/** Images as rows of bytes: what WebCodecs and WebGPU can say of a layout. */
import type { FullView } from './common.ts';
import { refusal } from './refusals.ts';

/** Extents of an image's axes, 1 for those that it has not. */
export type Extents = {
  readonly layers: number;
  readonly height: number;
  readonly width: number;
  /** Elements of one pixel. */
  readonly components: number;
};

/** In bytes. */
export type Rows = {
  /** Of the first pixel, from the start of the view's ArrayBuffer. */
  readonly start: number;
  /** That the pixels of one row take. */
  readonly rowBytes: number;
  /** From row to row; 0 where there is only one. */
  readonly rowStride: number;
  /** From layer to layer; 0 where there is only one. */
  readonly layerStride: number;
};

/** The axes of a view in order, from L(ayers), H(eight), W(idth), C(omponents): 'HWC'. */
export type Axes = 'W' | 'HW' | 'HWC' | 'LHW' | 'LHWC';

function along(values: readonly number[], axes: Axes, missing: number) {
  const at = (axis: string): number => values[axes.indexOf(axis)] ?? missing;
  return {
    layers: at('L'),
    height: at('H'),
    width: at('W'),
    components: at('C'),
  };
}

export function extentsOf(shape: readonly number[], axes: Axes): Extents {
  return along(shape, axes, 1);
}

/** Where the rows of a view are; CONTIGUITY where its pixels do not form rows. */
export function rowsOf(view: FullView, axes: Axes, name: string): Rows {
  if (view.levels !== null)
    throw refusal('ERR_NBUF_SUBOFFSETS', `${name}: the pixels lie behind pointers`);
  const { layers, height, width, components } = extentsOf(view.shape, axes);
  const strides = along(view.strides, axes, 0);
  const pixelBytes = components * view.itemsize;
  const rowBytes = width * pixelBytes;
  const refuse = (what: string, expected: string, found: number): never => {
    throw refusal(
      'ERR_NBUF_CONTIGUITY',
      `${name}: expected ${what} ${expected} bytes apart, found a stride of ${found}`,
    );
  };
  if (components > 1 && strides.components !== view.itemsize)
    refuse('the components of a pixel', `${view.itemsize}`, strides.components);
  if (width > 1 && strides.width !== pixelBytes)
    refuse('the pixels of a row', `${pixelBytes}`, strides.width);
  if (height > 1 && strides.height < rowBytes)
    refuse('rows', `at least ${rowBytes}`, strides.height);
  return {
    start: view.byteOffset,
    rowBytes,
    rowStride: height > 1 ? strides.height : 0,
    layerStride: layers > 1 ? strides.layers : 0,
  };
}
