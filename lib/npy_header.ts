/** The header of .npy files, versions 1.0 to 3.0. */

import { BufferError } from './errors.ts';
import { MAX_NDIM } from './layout_check.ts';
import { isTuple, type PyLiteral, parsePythonLiteral } from './python_literal.ts';
import { pythonTuple } from './python_text.ts';

export type NpyHeader = {
  readonly shape: number[];
  readonly fortranOrder: boolean;
  /** As in the file: a string for simple dtypes, a list for records. */
  readonly descr: PyLiteral;
  /** Where the first element lies in the file. */
  readonly dataOffset: number;
};

/** NumPy writes 128 bytes; this allows records with some ten thousand fields. */
const MAX_HEADER_BYTES: number = 1 << 20;

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

function malformed(message: string): BufferError {
  return new BufferError('ERR_NBUF_FORMAT', `npy header: ${message}`);
}

function checkVersion(bytes: Uint8Array): number {
  for (let k = 0; k < MAGIC.length && k < bytes.length; k++)
    if (bytes[k] !== MAGIC[k])
      throw malformed("expected '\\x93NUMPY', found other bytes");
  const major = bytes[6];
  const minor = bytes[7];
  if (major === undefined || minor === undefined)
    throw malformed(`expected at least 10 bytes, found a file of ${bytes.length}`);
  if (minor === 0 && major >= 1 && major <= 3) return major;
  throw malformed(`expected version 1.0, 2.0 or 3.0, found ${major}.${minor}`);
}

/**
 * The length of the header with its prelude, which is where the elements begin. Needs the
 * first 12 bytes of the file (10 do for version 1.0), so that the rest can be read at once.
 */
export function npyHeaderLength(first: Uint8Array): number {
  const width = checkVersion(first) === 1 ? 2 : 4;
  const start = 8 + width;
  if (first.length < start)
    throw malformed(`expected at least ${start} bytes, found a file of ${first.length}`);
  let length = 0;
  for (let k = width - 1; k >= 0; k--) length = length * 256 + (first[8 + k] as number);
  if (length > MAX_HEADER_BYTES)
    throw malformed(
      `expected at most ${MAX_HEADER_BYTES} bytes, found a length of ${length}`,
    );
  return start + length;
}

function decode(bytes: Uint8Array, isUtf8: boolean): string {
  if (!isUtf8)
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    const message = 'npy header: expected UTF-8 in version 3.0, found other bytes';
    throw new BufferError('ERR_NBUF_FORMAT', message, { cause });
  }
}

/** A literal for messages. */
function describe(value: PyLiteral | undefined): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40));
  if (value instanceof Map) return 'a dict';
  if (Array.isArray(value)) return 'a list';
  return isTuple(value) ? 'a tuple' : String(value);
}

function readShape(value: PyLiteral | undefined): number[] {
  if (!isTuple(value))
    throw malformed(`expected a tuple as shape, found ${describe(value)}`);
  if (value.tuple.length > MAX_NDIM)
    throw malformed(`expected at most ${MAX_NDIM} axes, found ${value.tuple.length}`);
  const shape: number[] = [];
  let size = 1;
  for (const extent of value.tuple) {
    if (typeof extent !== 'number' || !(extent >= 0))
      throw malformed(`expected integers >= 0 in shape, found ${describe(extent)}`);
    shape.push(extent);
    size *= extent || 1;
  }
  if (!Number.isSafeInteger(size))
    throw malformed(
      `expected at most 2^53 - 1 elements, found shape (${shape.join(', ')})`,
    );
  return shape;
}

const KEYS = ['descr', 'fortran_order', 'shape'];

/** Parses the start of a file, which must reach at least to `npyHeaderLength`. */
export function parseNpyHeader(bytes: Uint8Array): NpyHeader {
  const dataOffset = npyHeaderLength(bytes);
  if (bytes.length < dataOffset)
    throw malformed(`expected ${dataOffset} bytes, found a file of ${bytes.length}`);
  const start = bytes[6] === 1 ? 10 : 12;
  const text = decode(bytes.subarray(start, dataOffset), bytes[6] === 3);
  const dict = parsePythonLiteral(text);
  if (!(dict instanceof Map)) throw malformed(`expected a dict, found ${describe(dict)}`);
  const keys = [...dict.keys()].sort();
  if (keys.join() !== KEYS.join())
    throw malformed(
      `expected the keys ${KEYS.join(', ')}, found ${describe(keys.join(', '))}`,
    );
  const fortranOrder = dict.get('fortran_order');
  if (typeof fortranOrder !== 'boolean')
    throw malformed(`expected a bool as fortran_order, found ${describe(fortranOrder)}`);
  const shape = readShape(dict.get('shape'));
  return { shape, fortranOrder, descr: dict.get('descr') ?? null, dataOffset };
}

/** NumPy leaves room so that the first axis (the last in Fortran order) can grow in place. */
const GROWTH_DIGITS = 21;

/** The elements begin at a multiple of this. */
const ALIGNMENT = 64;

/** The prelude and `text`, padded; null when version 1.0 cannot say the length. */
function wrap(version: 1 | 2 | 3, text: string): Uint8Array | null {
  const body = Buffer.from(text, version === 3 ? 'utf8' : 'latin1');
  const width = version === 1 ? 2 : 4;
  const start = MAGIC.length + 2 + width;
  const used = start + body.length + 1; // with the line's end
  const total = used + ALIGNMENT - (used % ALIGNMENT);
  const length = total - start;
  if (version === 1 && length > 0xffff) return null;
  if (length > MAX_HEADER_BYTES)
    throw malformed(
      `expected at most ${MAX_HEADER_BYTES} bytes, found a dtype that needs ${length}`,
    );
  const bytes = Buffer.alloc(total, ' ');
  bytes.set([...MAGIC, version, 0]);
  bytes.writeUIntLE(length, MAGIC.length + 2, width);
  body.copy(bytes, start);
  bytes.write('\n', total - 1);
  return bytes;
}

/**
 * The header that numpy.save writes (NumPy 1.23 and later), in the oldest version that can say
 * it; `descr` is a Python literal. FORMAT when it is longer than can be read here.
 */
export function makeNpyHeader(
  descr: string,
  fortranOrder: boolean,
  shape: readonly number[],
): Uint8Array {
  const grows = fortranOrder ? shape[shape.length - 1] : shape[0];
  const room = grows === undefined ? 0 : GROWTH_DIGITS - String(grows).length;
  const text =
    `{'descr': ${descr}, 'fortran_order': ${fortranOrder ? 'True' : 'False'}, ` +
    `'shape': ${pythonTuple(shape)}, }${' '.repeat(room)}`;
  const isLatin1 = !/[^\0-\xff]/.test(text);
  if (!isLatin1) return wrap(3, text) as Uint8Array;
  return wrap(1, text) ?? (wrap(2, text) as Uint8Array);
}
