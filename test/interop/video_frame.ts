/**
 * A stand-in for VideoFrame, after the algorithms of the WebCodecs specification ("compute layout
 * and allocation size", "parse visible rect"), as far as they are about memory. As in Chrome and
 * WebKit, the data holds the coded size (w3c/webcodecs#702).
 */

/** Each plane: pixels per sample across and down, bytes of one sample. */
const PLANES: Readonly<Record<string, readonly (readonly [number, number, number])[]>> = {
  I420: [
    [1, 1, 1],
    [2, 2, 1],
    [2, 2, 1],
  ],
  I420P10: [
    [1, 1, 2],
    [2, 2, 2],
    [2, 2, 2],
  ],
  I420P12: [
    [1, 1, 2],
    [2, 2, 2],
    [2, 2, 2],
  ],
  I420A: [
    [1, 1, 1],
    [2, 2, 1],
    [2, 2, 1],
    [1, 1, 1],
  ],
  I420AP10: [
    [1, 1, 2],
    [2, 2, 2],
    [2, 2, 2],
    [1, 1, 2],
  ],
  I420AP12: [
    [1, 1, 2],
    [2, 2, 2],
    [2, 2, 2],
    [1, 1, 2],
  ],
  I422: [
    [1, 1, 1],
    [2, 1, 1],
    [2, 1, 1],
  ],
  I422P10: [
    [1, 1, 2],
    [2, 1, 2],
    [2, 1, 2],
  ],
  I422P12: [
    [1, 1, 2],
    [2, 1, 2],
    [2, 1, 2],
  ],
  I422A: [
    [1, 1, 1],
    [2, 1, 1],
    [2, 1, 1],
    [1, 1, 1],
  ],
  I422AP10: [
    [1, 1, 2],
    [2, 1, 2],
    [2, 1, 2],
    [1, 1, 2],
  ],
  I422AP12: [
    [1, 1, 2],
    [2, 1, 2],
    [2, 1, 2],
    [1, 1, 2],
  ],
  I444: [
    [1, 1, 1],
    [1, 1, 1],
    [1, 1, 1],
  ],
  I444P10: [
    [1, 1, 2],
    [1, 1, 2],
    [1, 1, 2],
  ],
  I444P12: [
    [1, 1, 2],
    [1, 1, 2],
    [1, 1, 2],
  ],
  I444A: [
    [1, 1, 1],
    [1, 1, 1],
    [1, 1, 1],
    [1, 1, 1],
  ],
  I444AP10: [
    [1, 1, 2],
    [1, 1, 2],
    [1, 1, 2],
    [1, 1, 2],
  ],
  I444AP12: [
    [1, 1, 2],
    [1, 1, 2],
    [1, 1, 2],
    [1, 1, 2],
  ],
  NV12: [
    [1, 1, 1],
    [2, 2, 2],
  ],
  RGBA: [[1, 1, 4]],
  RGBX: [[1, 1, 4]],
  BGRA: [[1, 1, 4]],
  BGRX: [[1, 1, 4]],
};

export const formats: readonly string[] = Object.keys(PLANES);

type Rect = { x: number; y: number; width: number; height: number };
type Layout = { offset: number; stride: number };
type Init = {
  format: string;
  codedWidth: number;
  codedHeight: number;
  layout?: readonly Layout[];
  visibleRect?: Rect;
  timestamp: number;
};
type CopyOptions = { rect?: Rect; layout?: readonly Layout[] };

export type PlaneGeometry = {
  rows: number;
  rowBytes: number;
  across: number;
  down: number;
  sample: number;
};

/** Of every plane of a rectangle of pixels. */
export function geometryOf(
  format: string,
  width: number,
  height: number,
): PlaneGeometry[] {
  const planes = PLANES[format];
  if (planes === undefined) throw new TypeError(`no format ${format}`);
  return planes.map(([across, down, sample]) => ({
    rows: Math.floor((height + down - 1) / down),
    rowBytes: Math.floor((width + across - 1) / across) * sample,
    across,
    down,
    sample,
  }));
}

/** Of the specification: where each plane's rows are, and how many bytes that takes. */
function computeLayout(
  geometry: readonly PlaneGeometry[],
  layout: readonly Layout[] | undefined,
) {
  if (layout !== undefined && layout.length !== geometry.length)
    throw new TypeError('layout: as many as planes');
  let allocation = 0;
  const ends: number[] = [];
  const computed: Layout[] = [];
  geometry.forEach(({ rows, rowBytes }, index) => {
    const { offset, stride } = layout?.[index] ?? {
      offset: allocation,
      stride: rowBytes,
    };
    if (stride < rowBytes) throw new TypeError('stride: less than a row');
    const end = offset + stride * rows;
    if (end > 0xffffffff) throw new TypeError('too many bytes');
    computed.forEach((earlier, k) => {
      const isApart = end <= earlier.offset || (ends[k] as number) <= offset;
      if (!isApart) throw new TypeError('planes overlap');
    });
    ends.push(end);
    computed.push({ offset, stride });
    allocation = Math.max(allocation, end);
  });
  return { computed, allocation };
}

function checkRect(rect: Rect, format: string, width: number, height: number): void {
  if (rect.width === 0 || rect.height === 0) throw new TypeError('an empty rectangle');
  if (rect.x + rect.width > width || rect.y + rect.height > height)
    throw new TypeError('a rectangle beyond the image');
  for (const { across, down } of geometryOf(format, width, height))
    if (rect.x % across !== 0 || rect.y % down !== 0)
      throw new TypeError('a rectangle that divides samples');
}

export class VideoFrame {
  readonly format: string;
  readonly codedWidth: number;
  readonly codedHeight: number;
  readonly visibleRect: Rect;
  /** The bytes of every row of every plane: a copy, as the constructor makes one. */
  readonly rows: Uint8Array[][];

  constructor(data: Uint8Array, init: Init) {
    const { format, codedWidth: width, codedHeight: height } = init;
    if (!(width > 0 && height > 0)) throw new TypeError('an empty image');
    const rect = init.visibleRect ?? { x: 0, y: 0, width, height };
    checkRect(rect, format, width, height);
    const geometry = geometryOf(format, width, height);
    const { computed, allocation } = computeLayout(geometry, init.layout);
    if (data.byteLength < allocation)
      throw new TypeError(`data: ${data.byteLength} bytes of ${allocation}`);
    this.format = format;
    this.codedWidth = width;
    this.codedHeight = height;
    this.visibleRect = rect;
    this.rows = geometry.map(({ rows, rowBytes }, plane) => {
      const { offset, stride } = computed[plane] as Layout;
      return Array.from({ length: rows }, (_, row) =>
        data.slice(offset + row * stride, offset + row * stride + rowBytes),
      );
    });
  }

  /** VideoFrame's is asynchronous. */
  copyTo(target: Uint8Array, options: CopyOptions = {}): Layout[] {
    const rect = options.rect ?? this.visibleRect;
    checkRect(rect, this.format, this.codedWidth, this.codedHeight);
    const geometry = geometryOf(this.format, rect.width, rect.height);
    const { computed, allocation } = computeLayout(geometry, options.layout);
    if (target.byteLength < allocation) throw new TypeError('the target is too small');
    geometry.forEach(({ rows, rowBytes, across, down, sample }, plane) => {
      const { offset, stride } = computed[plane] as Layout;
      const left = (rect.x / across) * sample;
      for (let row = 0; row < rows; row++) {
        const source = this.rows[plane]?.[rect.y / down + row] as Uint8Array;
        target.set(source.subarray(left, left + rowBytes), offset + row * stride);
      }
    });
    return computed;
  }
}
