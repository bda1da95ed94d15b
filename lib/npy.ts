/** `openNpy`: NumPy's .npy files, mapped. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { BufferError, show, typeError } from './errors.ts';
import { OWN } from './host_array.ts';
import { byteLengthOf, checkOrder } from './layout_check.ts';
import {
  checkPath,
  type MapMode,
  MappedFile,
  type Mapping,
  mapElements,
} from './mapped_file.ts';
import type { External } from './native.ts';
import { descrToFormat } from './npy_dtype.ts';
import { npyHeaderLength, parseNpyHeader } from './npy_header.ts';

/** One read is enough for the headers that NumPy writes. */
const FIRST_READ = 4096;

function read(fd: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let used = 0;
  while (used < length) {
    const count = readSync(fd, bytes, used, length - used, used);
    if (count === 0) break;
    used += count;
  }
  return bytes.subarray(0, used);
}

/** The header and the file's length. Opened without waiting, for a FIFO has no end. */
function readHeader(path: string): { header: Uint8Array; size: number } {
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const status = fstatSync(fd);
    if (!status.isFile())
      throw new BufferError('ERR_NBUF_IO', `${show(path)} is not a regular file`);
    const first = read(fd, Math.min(FIRST_READ, status.size));
    const length = npyHeaderLength(first);
    const header =
      length <= first.length ? first : read(fd, Math.min(length, status.size));
    return { header, size: status.size };
  } catch (error) {
    if (error instanceof BufferError) throw error;
    const { message } = error as Error;
    throw new BufferError('ERR_NBUF_IO', message, { cause: error });
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** What `openNpy` returns: a mapped file that knows the units of its datetimes. */
export class NpyFile extends MappedFile {
  readonly #units: ReadonlyMap<string, string>;

  /** @internal Files come from `openNpy`. */
  constructor(external: External, key: typeof OWN, units: ReadonlyMap<string, string>) {
    super(external, key);
    this.#units = units;
  }

  /**
   * What the int64 counts of datetime64 and timedelta64 fields stand for, such as
   * 'datetime64[ns]' or 'timedelta64[25s]'; without brackets where NumPy knows no unit. By the
   * field's names from the outside in, joined with dots ('a.t'); '' for the element itself.
   */
  get units(): ReadonlyMap<string, string> {
    return new Map(this.#units);
  }
}

// As for Provider: a replaced prototype would be given OWN.
Object.preventExtensions(NpyFile);

/**
 * Opens a .npy file (versions 1.0 to 3.0, C or Fortran order, either byte order, simple dtypes
 * and records of them) as an exporter over its mapped pages; `mode` as in `mapFile`, default
 * 'c'.
 *
 * datetime64 and timedelta64 read as their int64 counts, with the unit in `units`; `S` and the
 * `V` fields of records as bytes, `U` as strings. Titles of fields are left out.
 * Errors: IO; FORMAT for what is no such file, object arrays, and field names that a format
 * cannot say (with ':', empty, twice); BOUNDS when the file is shorter than its shape.
 */
export function openNpy(
  path: string | URL,
  options: { mode?: MapMode | undefined } = {},
): NpyFile {
  const file = checkPath(path);
  if (typeof options !== 'object' || options === null)
    throw typeError(`options: expected an object, found ${show(options)}`);
  const { mode } = options;
  const mapMode = mode === undefined ? 'c' : checkOrder(mode, ['c', 'r+', 'r'], 'mode');
  const { header, size } = readHeader(file);
  const { shape, fortranOrder, descr, dataOffset } = parseNpyHeader(header);
  const { format, itemsize, units } = descrToFormat(descr);
  const length = byteLengthOf(shape, itemsize);
  if (length > size - dataOffset)
    throw new BufferError(
      'ERR_NBUF_BOUNDS',
      `${show(file)} is truncated: shape (${shape.join(', ')}) needs ${length} bytes, ` +
        `found ${Math.max(0, size - dataOffset)}`,
    );
  const mapping: Mapping = {
    mode: mapMode,
    offset: dataOffset,
    length,
    format,
    itemsize,
    shape,
    order: fortranOrder ? 'F' : 'C',
  };
  return mapElements(file, mapping, (external) => new NpyFile(external, OWN, units));
}
