/**
 * The same steps without nbuf: a Buffer knows no strides, so each step packs its result
 * into new memory. Shared memory, since asynchronous code could not rely on any other.
 */

export type Rectangle = {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
};

function memory(bytes: number): Uint8Array {
  return new Uint8Array(new SharedArrayBuffer(bytes));
}

/** RGBA pixels one by one, which is much faster than byte by byte. */
function pixelsOf(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

/** Out of rows that begin every `stride` bytes. */
export function copyRectangle(
  rows: Uint8Array,
  stride: number,
  part: Rectangle,
): Uint8Array {
  const row = part.width * 4;
  const result = memory(part.height * row);
  for (let y = 0; y < part.height; y++) {
    const from = (part.y + y) * stride + part.x * 4;
    result.set(rows.subarray(from, from + row), y * row);
  }
  return result;
}

export function copyChannel(pixels: Uint8Array, channel: number): Uint8Array {
  const result = memory(pixels.length / 4);
  for (let i = 0; i < result.length; i++) result[i] = pixels[i * 4 + channel] as number;
  return result;
}

export function copyTransposed(
  pixels: Uint8Array,
  width: number,
  height: number,
): Uint8Array {
  const result = memory(pixels.length);
  const [from, to] = [pixelsOf(pixels), pixelsOf(result)];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) to[x * height + y] = from[y * width + x] as number;
  return result;
}

/** Left becomes right. */
export function copyFlipped(
  pixels: Uint8Array,
  width: number,
  height: number,
): Uint8Array {
  const result = memory(pixels.length);
  const [from, to] = [pixelsOf(pixels), pixelsOf(result)];
  for (let y = 0; y < height; y++) {
    const last = y * width + width - 1;
    for (let x = 0; x < width; x++) to[y * width + x] = from[last - x] as number;
  }
  return result;
}
