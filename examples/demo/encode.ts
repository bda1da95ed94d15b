/** Encoding with sharp, which takes packed pixels and returns a promise. */
import sharp from 'sharp';
import { DemoError } from './demo_error.ts';
import { firstLine, type PictureFormat } from './source.ts';

type Size = { readonly width: number; readonly height: number };

/** Packed RGBA bytes to the bytes of a file. */
export type Encode = (bytes: Uint8Array, size: Size) => Promise<Uint8Array>;

// TIFF without loss: sharp's own default there is JPEG inside of TIFF.
const LOSSLESS_TIFF = { compression: 'lzw' } as const;

export function encoderOf(format: PictureFormat): Encode {
  return async (bytes, { width, height }) => {
    const picture = sharp(bytes, { raw: { width, height, channels: 4 } });
    try {
      return format === 'tiff'
        ? await picture.tiff(LOSSLESS_TIFF).toBuffer()
        : await picture.toFormat(format).toBuffer();
    } catch (error) {
      const size = `${width} × ${height} pixels`;
      throw new DemoError(`${size} cannot be encoded as ${format}: ${firstLine(error)}`);
    }
  };
}
