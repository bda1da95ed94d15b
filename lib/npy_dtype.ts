/** The dtypes of .npy headers, records too, in buffer format syntax. */

import { refused, type SimpleDtype, simpleDtype } from './npy_simple.ts';
import { isTuple, type PyLiteral } from './python_literal.ts';

export type NpyDtype = {
  readonly format: string;
  readonly itemsize: number;
  /**
   * What int64 counts stand for, such as 'datetime64[ns]': by the field's names from the
   * outside in, joined with dots; '' for the element itself.
   */
  readonly units: ReadonlyMap<string, string>;
};

/** x87's long double with its padding: what NumPy writes as f16 on x86-64 but on Windows. */
const LONG_DOUBLE_BYTES: number =
  process.arch === 'x64' && process.platform !== 'win32' ? 16 : 8;

/** One type without its name, as text that means the same behind any other. */
type Piece = { readonly shape: readonly number[]; readonly text: string; size: number };

function describe(literal: PyLiteral | undefined): string {
  if (typeof literal === 'string') return literal;
  if (literal instanceof Map) return 'a dict';
  if (Array.isArray(literal)) return 'a list';
  return isTuple(literal) ? 'a tuple' : String(literal);
}

function addSize(sum: number, size: number, name: string): number {
  if (Number.isSafeInteger(sum + size)) return sum + size;
  throw refused(name, 'less than 2^53 bytes', ' behind that');
}

function product(shape: readonly number[]): number {
  return shape.reduce((size, extent) => size * extent, 1);
}

function sizeOf(piece: Piece): number {
  return piece.size * product(piece.shape);
}

function withShape({ shape, text }: Piece): string {
  return shape.length === 0 ? text : `(${shape.join(',')})${text}`;
}

/** Padding of any length: the count keeps it apart from single x's, which NumPy means otherwise. */
function padding(bytes: number): string {
  return bytes === 0 ? '' : `${bytes}x`;
}

class RecordReader {
  readonly units: Map<string, string> = new Map();
  readonly #longDoubleBytes: number;

  constructor(longDoubleBytes: number) {
    this.#longDoubleBytes = longDoubleBytes;
  }

  /** A string, a list of fields, or a tuple of one of them and a shape or metadata. */
  piece(literal: PyLiteral | undefined, path: string): Piece {
    if (typeof literal === 'string') return this.#simple(literal, path);
    if (Array.isArray(literal)) return this.#record(literal as PyLiteral[], path);
    if (!isTuple(literal) || literal.tuple.length !== 2)
      throw refused(describe(literal), 'a dtype string or a list of fields');
    const [base, shape] = literal.tuple;
    const inner = this.piece(base, path);
    // NumPy writes a dtype's metadata, although it cannot read that itself.
    return shape instanceof Map ? inner : shaped(inner, shape);
  }

  #simple(descr: string, path: string): Piece {
    const dtype: SimpleDtype = simpleDtype(descr, this.#longDoubleBytes);
    const { format, itemsize, unit } = dtype;
    if (unit !== null) this.#addUnit(path, unit);
    // Long doubles have a native order only.
    const text = /^Z?g$/.test(format) ? `^${format}` : format;
    return { shape: [], text, size: itemsize };
  }

  #addUnit(path: string, unit: string): void {
    if (this.units.has(path))
      throw refused(path, 'one field of each path', ' twice; rename one of them');
    this.units.set(path, unit);
  }

  #record(fields: readonly PyLiteral[], path: string): Piece {
    const names = new Set<string>();
    const parts: string[] = [];
    let size = 0;
    let gap = 0;
    for (const field of fields) {
      const { name, dtype, shape } = fieldOf(field);
      if (name === '' && isVoid(dtype)) {
        const bytes = sizeOf(shapedField(this.piece(dtype, path), shape));
        size = addSize(size, bytes, name);
        gap = addSize(gap, bytes, name);
        continue;
      }
      checkName(name, names);
      const inner = path === '' ? name : `${path}.${name}`;
      const piece = shapedField(this.piece(dtype, inner), shape);
      size = addSize(size, sizeOf(piece), name);
      parts.push(`${padding(gap)}${withShape(piece)}:${name}:`);
      gap = 0;
    }
    return { shape: [], text: `T{${parts.join('')}${padding(gap)}}`, size };
  }
}

type Field = {
  readonly name: string;
  readonly dtype: PyLiteral | undefined;
  readonly shape: PyLiteral | undefined;
};

/** (name, dtype) or (name, dtype, shape); the name may be (title, name). */
function fieldOf(literal: PyLiteral): Field {
  if (!isTuple(literal) || literal.tuple.length < 2 || literal.tuple.length > 3)
    throw refused(describe(literal), 'a field (name, dtype) or (name, dtype, shape)');
  const [first, dtype, shape] = literal.tuple;
  const name = isTuple(first) && first.tuple.length === 2 ? first.tuple[1] : first;
  if (typeof name === 'string') return { name, dtype, shape };
  throw refused(describe(name), 'a string as name of a field');
}

/** What NumPy takes for padding when it has no name. */
function isVoid(dtype: PyLiteral | undefined): boolean {
  return typeof dtype === 'string' && /^[<>=|]?V\d+$/.test(dtype);
}

const RENAME =
  '; rename the field (numpy.lib.recfunctions.rename_fields) and save it again';

function checkName(name: string, taken: Set<string>): void {
  if (name === '') throw refused(name, 'a field with a name', RENAME);
  if (/[:\0\p{Surrogate}]/u.test(name))
    throw refused(name, "a field's name without ':', NUL and lone surrogates", RENAME);
  if (taken.has(name)) throw refused(name, 'each name of a record once', ' again');
  taken.add(name);
}

function shaped(piece: Piece, literal: PyLiteral | undefined): Piece {
  if (!isTuple(literal))
    throw refused(describe(literal), 'a tuple as shape of a sub-array');
  const outer = literal.tuple.map((extent) => {
    if (typeof extent === 'number' && Number.isSafeInteger(extent) && extent >= 0)
      return extent;
    throw refused(describe(extent), 'integers >= 0 as shape of a sub-array');
  });
  const made = { ...piece, shape: [...outer, ...piece.shape] };
  // An extent of 0 must not hide that the others are too large.
  if (Number.isSafeInteger(piece.size * product(made.shape.filter((n) => n > 0))))
    return made;
  throw refused(`(${made.shape.join(', ')})`, 'a sub-array of less than 2^53 bytes');
}

function shapedField(piece: Piece, shape: PyLiteral | undefined): Piece {
  return shape === undefined ? piece : shaped(piece, shape);
}

/**
 * The format, itemsize and units of a header's `descr`. The format says every order but that
 * of single bytes and long doubles, and all padding, so that it has exactly `itemsize` bytes.
 *
 * FORMAT for object fields, for elements without bytes, and for names that no format can say
 * (with ':', empty, or twice). Titles of fields and metadata of dtypes are left out.
 */
export function descrToFormat(
  descr: PyLiteral,
  longDoubleBytes: number = LONG_DOUBLE_BYTES,
): NpyDtype {
  if (typeof descr === 'string') {
    const { format, itemsize, unit } = simpleDtype(descr, longDoubleBytes);
    return checked({
      format,
      itemsize,
      units: new Map(unit === null ? [] : [['', unit]]),
    });
  }
  const reader = new RecordReader(longDoubleBytes);
  const { text, size, shape } = reader.piece(descr, '');
  if (shape.length > 0)
    throw refused('a sub-array', 'a dtype string or a list of fields');
  return checked({ format: text, itemsize: size, units: reader.units });
}

function checked(dtype: NpyDtype): NpyDtype {
  if (dtype.itemsize > 0) return dtype;
  throw refused(
    dtype.format,
    'elements of at least 1 byte',
    ', which has none: nothing to share',
  );
}
