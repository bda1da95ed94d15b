/** MappedFile: an exporter over the pages of a file. */
import { fileURLToPath } from 'node:url';
import { type ElementValue, knownFormat } from './elements.ts';
import { rangeError, show, typeError } from './errors.ts';
import type { ElementOf } from './format_types.ts';
import { HostArray, OWN, recordOf } from './host_array.ts';
import { makeLayout, packedStrides } from './layout.ts';
import { byteLengthOf, checkAtLeast, checkOrder, checkShape } from './layout_check.ts';
import { check, checkStatus, type External, native, passLayout } from './native.ts';

/**
 * 'c' (default): copy-on-write. Typed arrays work, the file is never written.
 * 'r+': shared and writable, with `flush()`.
 * 'r': shared clean pages; elements and copies only, for the memory is readonly.
 */
export type MapMode = 'c' | 'r+' | 'r';

export type MapOptions<F extends string = string> = {
  mode?: MapMode | undefined;
  /** Where the elements begin, in bytes; any number. Default 0. */
  offset?: number | undefined;
  /** Bytes to map. Default: what the shape needs, or all to the file's end. */
  length?: number | undefined;
  /** Default 'B'. */
  format?: F | undefined;
  /** In elements. Default: one axis over everything mapped. */
  shape?: readonly number[] | undefined;
};

const NATIVE_MODES: readonly MapMode[] = ['c', 'r+', 'r'];

function pathOf(url: URL): string {
  try {
    return fileURLToPath(url);
  } catch (error) {
    throw typeError(`path: expected a file: URL (${(error as Error).message})`);
  }
}

/** A path for the operating system: a NUL would cut it short and open another file. */
export function checkPath(path: unknown): string {
  const text = path instanceof URL ? pathOf(path) : path;
  if (typeof text !== 'string' || text.length === 0)
    throw typeError(
      `path: expected a non-empty string or a file: URL, found ${show(path)}`,
    );
  if (text.includes('\0')) throw typeError('path: expected no NUL character');
  return text;
}

/** A HostArray whose memory is a file: it cannot be resized. */
export class MappedFile<
  F extends string = string,
  E extends ElementValue = ElementOf<F>,
> extends HostArray<F, E> {
  /** Waits until what was written in mode 'r+' is on the disk. Throws IO, RELEASED. */
  flush(): void {
    checkStatus(native.flush((recordOf(this) as { index: number }).index));
  }
}

// As for Provider: a replaced prototype would be given OWN.
Object.preventExtensions(MappedFile);

/** What to map once all options are converted. */
export type Mapping = {
  readonly mode: MapMode;
  readonly offset: number;
  /** -1: to the end of the file. */
  readonly length: number;
  readonly format: string;
  readonly itemsize: number;
  readonly shape: readonly number[] | null;
  readonly order: 'C' | 'F';
};

/** Maps a file; `wrap` makes the exporter. */
export function mapElements<File extends MappedFile>(
  path: string,
  mapping: Mapping,
  wrap: (external: External) => File,
): File {
  const { mode, offset, length, format, itemsize, order } = mapping;
  const file = wrap(
    check(native.mapFile(path, NATIVE_MODES.indexOf(mode), offset, length)),
  );
  try {
    const shape = mapping.shape ?? [wholeItems(file.capacity, itemsize)];
    passLayout(makeLayout(shape, packedStrides(shape, itemsize, order), 0, itemsize));
    const { index } = recordOf(file) as { index: number };
    checkStatus(native.setLayout(index, 1 | 2 | 4, format));
    return file;
  } catch (error) {
    file.dispose();
    throw error;
  }
}

function wholeItems(bytes: number, itemsize: number): number {
  if (bytes % itemsize !== 0)
    throw rangeError(
      `expected a multiple of ${itemsize} bytes to map, found ${bytes}; give a shape or length`,
    );
  return bytes / itemsize;
}

/**
 * Maps a file. Any one of IO (the system's reason, or a file that is no regular file), BOUNDS
 * (the range leaves the file), and the errors of arguments. Each acquire checks again that the
 * file still has its length; a truncation in between ends in SIGBUS on POSIX.
 */
export function mapFile<const F extends string = 'B'>(
  path: string | URL,
  options: MapOptions<F> = {},
): MappedFile<F> {
  const file = checkPath(path);
  if (typeof options !== 'object' || options === null)
    throw typeError(`options: expected an object, found ${show(options)}`);
  const { mode, offset, length, format, shape } = options;
  const text: unknown = format === undefined ? 'B' : format;
  if (typeof text !== 'string')
    throw typeError(`format: expected a string, found ${show(text)}`);
  const itemsize = knownFormat(text).itemsize;
  const extents = shape === undefined ? null : checkShape(shape, itemsize);
  const needed = extents === null ? -1 : byteLengthOf(extents, itemsize);
  const mapping: Mapping = {
    mode: mode === undefined ? 'c' : checkOrder(mode, ['c', 'r+', 'r'], 'mode'),
    offset: offset === undefined ? 0 : checkAtLeast(offset, 0, 'offset'),
    length: length === undefined ? needed : checkAtLeast(length, 0, 'length'),
    format: text,
    itemsize,
    shape: extents,
    order: 'C',
  };
  return mapElements(file, mapping, (external) => new MappedFile<F>(external, OWN));
}
