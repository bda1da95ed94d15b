/** What a view shows: layout, format, readonly. Immutable; frozen arrays are made on demand. */
import { type Format, formatOf } from './elements.ts';
import { READONLY } from './flags.ts';
import { type Layout, type Levels, makeLayout, packedStrides } from './layout.ts';
import { suboffsetsOf } from './levels.ts';
import type { Described } from './native.ts';

/** Which fields the request left out (they read as null), and the exporter's own itemsize. */
export type Hidden = {
  readonly shape: boolean;
  readonly strides: boolean;
  readonly format: boolean;
  readonly itemsize: number;
};

/**
 * DESIGN section 4: an address is made level by level. Add index * stride of the axes whose
 * `axisLevel` it is; unless it is the last, follow the pointer there and add the level's
 * `postOffsets`, in bytes.
 */
export type ViewLevels = {
  readonly axisLevel: readonly number[];
  readonly postOffsets: readonly number[];
};

export function frozenLevels(levels: Levels | null): ViewLevels | null {
  if (levels === null) return null;
  const axisLevel = Object.freeze(levels.axis.slice());
  return Object.freeze({ axisLevel, postOffsets: Object.freeze(levels.post.slice()) });
}

export class ViewInfo {
  readonly layout: Layout;
  readonly format: Format;
  readonly readonly: boolean;
  readonly hidden: Hidden | null;
  private frozenShape: readonly number[] | null = null;
  private frozenStrides: readonly number[] | null = null;

  constructor(layout: Layout, format: Format, readonly: boolean, hidden: Hidden | null) {
    this.layout = layout;
    this.format = format;
    this.readonly = readonly;
    this.hidden = hidden;
  }

  /** The same elements, laid out otherwise. */
  withLayout(layout: Layout): ViewInfo {
    return new ViewInfo(layout, this.format, this.readonly, null);
  }

  get shape(): readonly number[] | null {
    if (this.hidden?.shape) return null;
    this.frozenShape ??= Object.freeze(this.layout.shape.slice());
    return this.frozenShape;
  }

  get strides(): readonly number[] | null {
    if (this.hidden?.strides) return null;
    this.frozenStrides ??= Object.freeze(this.layout.strides.slice());
    return this.frozenStrides;
  }

  get suboffsets(): readonly number[] | null {
    const { levels } = this.layout;
    return levels === null ? null : Object.freeze(suboffsetsOf(levels));
  }

  get levels(): ViewLevels | null {
    return frozenLevels(this.layout.levels);
  }
}

/**
 * A granted provider as a view of itself. What was not requested is null to the outside; the
 * elements are then found as PEP 3118 says: no shape = one axis of bytes, no strides =
 * C-contiguous, no format = unsigned bytes.
 */
export function infoOf(described: Described): ViewInfo {
  const { shape, strides, format, itemsize, offset, flags, levels } = described;
  const readonly = (flags & READONLY) !== 0;
  const hidden =
    shape === null || strides === null || format === null
      ? {
          shape: shape === null,
          strides: strides === null,
          format: format === null,
          itemsize,
        }
      : null;
  if (shape === null) {
    const bytes = makeLayout([described.byteLength], [1], offset, 1);
    return new ViewInfo(bytes, formatOf('B'), readonly, hidden);
  }
  const layout = makeLayout(
    shape,
    strides ?? packedStrides(shape, itemsize, 'C'),
    offset,
    itemsize,
    levels ?? null,
  );
  return new ViewInfo(
    layout,
    formatOf(format ?? 'B', format === null ? 0 : itemsize),
    readonly,
    hidden,
  );
}
