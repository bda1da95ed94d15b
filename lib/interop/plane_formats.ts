/** The pixel formats of WebCodecs, and the planes that they consist of. */
import { rangeError } from './refusals.ts';
import type { Axes } from './rows.ts';

type Subsampling = 'I420' | 'I422' | 'I444';

/** WebCodecs' names: `A` has a plane of alpha, `P10` and `P12` samples of two bytes. */
export type VideoPixelFormat =
  | `${Subsampling}${'' | 'A'}${'' | 'P10' | 'P12'}`
  | 'NV12'
  | 'RGBA'
  | 'RGBX'
  | 'BGRA'
  | 'BGRX';

export type PlaneKind = {
  /** Pixels of the image that share one sample, across and down. */
  readonly across: 1 | 2;
  readonly down: 1 | 2;
  /** Elements of one sample. */
  readonly components: 1 | 2 | 4;
  /** Bytes of one element. */
  readonly bytes: 1 | 2;
};

export type Size = { readonly width: number; readonly height: number };

const FULL = { across: 1, down: 1, components: 1, bytes: 1 } as const;
const PACKED: readonly PlaneKind[] = [{ ...FULL, components: 4 }];

const OTHERS: Readonly<Record<string, readonly PlaneKind[]>> = {
  __proto__: null as never,
  NV12: [FULL, { across: 2, down: 2, components: 2, bytes: 1 }],
  RGBA: PACKED,
  RGBX: PACKED,
  BGRA: PACKED,
  BGRX: PACKED,
};

/** The planes of a format in their order; ERR_OUT_OF_RANGE for no such format. */
export function planesOf(format: unknown): readonly PlaneKind[] {
  const text = typeof format === 'string' ? format : '';
  const found = /^I(420|422|444)(A?)(P10|P12)?$/.exec(text);
  if (found === null) {
    const kinds = OTHERS[text];
    if (kinds !== undefined) return kinds;
    const shown =
      typeof format === 'string' ? JSON.stringify(text.slice(0, 40)) : typeof format;
    throw rangeError(`format: expected a VideoPixelFormat of WebCodecs, found ${shown}`);
  }
  const [, sampling, alpha, depth] = found;
  const bytes = depth === undefined ? 1 : 2;
  const full: PlaneKind = { ...FULL, bytes };
  const chroma: PlaneKind = {
    ...full,
    across: sampling === '444' ? 1 : 2,
    down: sampling === '420' ? 2 : 1,
  };
  return alpha === 'A' ? [full, chroma, chroma, full] : [full, chroma, chroma];
}

/** Of one plane of an image: chroma of odd sizes rounds up. */
export function sizeOfPlane(kind: PlaneKind, { width, height }: Size): Size {
  return {
    width: Math.ceil(width / kind.across),
    height: Math.ceil(height / kind.down),
  };
}

/** The shape of a plane as a view: samples of several elements have an axis of their own. */
export function shapeOfPlane(kind: PlaneKind, size: Size): number[] {
  const { width, height } = sizeOfPlane(kind, size);
  return kind.components === 1 ? [height, width] : [height, width, kind.components];
}

export function axesOfPlane(kind: PlaneKind): Axes {
  return kind.components === 1 ? 'HW' : 'HWC';
}

/** WebCodecs' samples of two bytes are little-endian on every machine. */
export function formatOfPlane(kind: PlaneKind): 'B' | '<H' {
  return kind.bytes === 1 ? 'B' : '<H';
}
