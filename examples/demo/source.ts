/** Looks at the file that the user named. */
import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import sharp, { type Metadata } from 'sharp';
import { DemoError } from './demo_error.ts';
import { measure } from './measure.ts';

const EXPECTED = 'expected a JPEG, PNG, WebP or TIFF picture, or a .npy file';
const FORMATS = ['jpeg', 'png', 'webp', 'tiff'] as const;

/** As much as the frame addon takes. */
const MAX_SIDE = 65536;

export type PictureFormat = (typeof FORMATS)[number];

/** A picture as packed RGBA bytes. */
export type Decoded = {
  readonly format: PictureFormat;
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
  /** What the file holds and what was changed on the way to RGBA. */
  readonly notes: readonly string[];
  readonly ms: number;
};

/** Colour spaces that are RGB or grey already, whatever the size of a sample. */
const PLAIN_SPACES: readonly unknown[] = ['srgb', 'rgb16', 'b-w', 'grey16'];

const DEPTHS: Readonly<Record<string, string>> = { ushort: '16 bits', uint: '32 bits' };

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  EACCES: 'permission denied',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'too many symbolic links',
};

/** A system error in the user's words. */
export function fileError(path: string, error: unknown): DemoError {
  const { code, message } = error as NodeJS.ErrnoException;
  return new DemoError(`${path}: ${REASONS[code ?? ''] ?? message}`);
}

async function firstBytes(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(6), 0, 6, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Checks that there is a file with something in it; tells pictures from NumPy's. */
export async function kindOf(path: string): Promise<'npy' | 'picture'> {
  let start: Buffer;
  try {
    const found = await stat(path);
    if (found.isDirectory()) throw new DemoError(`${path}: a directory; ${EXPECTED}`);
    if (!found.isFile()) throw new DemoError(`${path}: not a regular file; ${EXPECTED}`);
    if (found.size === 0) throw new DemoError(`${path}: the file is empty; ${EXPECTED}`);
    start = await firstBytes(path);
  } catch (error) {
    throw error instanceof DemoError ? error : fileError(path, error);
  }
  const isNumPy = path.endsWith('.npy') || start.toString('latin1') === '\x93NUMPY';
  return isNumPy ? 'npy' : 'picture';
}

/** libvips reports in several lines; the first one says what is wrong. */
export function firstLine(error: unknown): string {
  return (error as Error).message.split('\n')[0] ?? '';
}

async function metadataOf(path: string): Promise<Metadata & { format: PictureFormat }> {
  let metadata: Metadata;
  try {
    metadata = await sharp(path).metadata();
  } catch (error) {
    if (/unsupported image format/i.test((error as Error).message))
      throw new DemoError(`${path}: not a picture that sharp can decode; ${EXPECTED}`);
    throw new DemoError(`${path}: cannot be decoded: ${firstLine(error)}`);
  }
  const { format, width, height } = metadata;
  if (Math.max(width, height) > MAX_SIDE)
    throw new DemoError(
      `${path}: ${width} × ${height} pixels; expected up to ${MAX_SIDE} on each side`,
    );
  if (!(FORMATS as readonly unknown[]).includes(format))
    throw new DemoError(`${path}: found the format ${format}; ${EXPECTED}`);
  return metadata as Metadata & { format: PictureFormat };
}

function notesOf(metadata: Metadata): string[] {
  const { channels, depth, space, hasAlpha, orientation = 1, pages = 1 } = metadata;
  const notes: string[] = [];
  if (depth !== 'uchar') notes.push(`${DEPTHS[depth] ?? depth} reduced to 8`);
  if (!PLAIN_SPACES.includes(space)) notes.push(`${space} made RGB`);
  if (channels < 3) notes.push('grey made RGB');
  if (!hasAlpha) notes.push('alpha added');
  if (orientation > 1) notes.push('turned upright as EXIF says');
  if (pages > 1) notes.push(`the first of ${pages} pages`);
  return notes;
}

/** Decodes with sharp, which hands back memory of JavaScript's: this is where we begin. */
export async function decode(path: string): Promise<Decoded> {
  const metadata = await metadataOf(path);
  try {
    const { value, ms } = await measure(() =>
      sharp(path)
        .autoOrient()
        .toColourspace('srgb')
        .ensureAlpha()
        .raw({ depth: 'uchar' })
        .toBuffer({ resolveWithObject: true }),
    );
    const { data, info } = value;
    const { width, height } = info;
    const { format } = metadata;
    return { format, width, height, pixels: data, notes: notesOf(metadata), ms };
  } catch (error) {
    throw new DemoError(`${path}: cannot be decoded: ${firstLine(error)}`);
  }
}

/** `lake.jpg: JPEG, 1000 × 640` */
export function titleOf(path: string, decoded: Decoded): string {
  const { format, width, height } = decoded;
  const name = { jpeg: 'JPEG', png: 'PNG', webp: 'WebP', tiff: 'TIFF' }[format];
  return `${basename(path)}: ${name}, ${width} × ${height}`;
}
