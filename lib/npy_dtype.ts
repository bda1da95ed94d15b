/** NumPy's dtype strings, as .npy headers write them, in buffer format syntax. */

import { BufferError } from './errors.ts';
import type { PyLiteral } from './python_literal.ts';

export type NpyDtype = {
  readonly format: string;
  readonly itemsize: number;
  /** Of datetime64 and timedelta64, such as 'ns' or '25s'; null for others and generic ones. */
  readonly unit: string | null;
};

/** Kind and bytes of the numeric types. */
const NUMERIC: ReadonlyMap<string, string> = new Map([
  ['b1', '?'],
  ['i1', 'b'],
  ['u1', 'B'],
  ['i2', 'h'],
  ['u2', 'H'],
  ['i4', 'i'],
  ['u4', 'I'],
  ['i8', 'q'],
  ['u8', 'Q'],
  ['f2', 'e'],
  ['f4', 'f'],
  ['f8', 'd'],
  ['c8', 'Zf'],
  ['c16', 'Zd'],
]);

const DTYPE = /^([<>=|]?)([A-Za-z])(\d+)$/;

/** datetime64 and timedelta64: counts of their unit, in int64. */
const DATETIME = /^([<>=|]?)[Mm]8(?:\[([^[\]]*)\])?$/;

const NATIVE_ORDER: '<' | '>' =
  new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? '<' : '>';

/** x87's long double with its padding: what NumPy writes as f16 on x86-64 but on Windows. */
const LONG_DOUBLE_BYTES: number =
  process.arch === 'x64' && process.platform !== 'win32' ? 16 : 8;

function refused(descr: string, expected: string, reason = ''): BufferError {
  const found = JSON.stringify(descr.slice(0, 40));
  return new BufferError(
    'ERR_NBUF_FORMAT',
    `npy dtype: expected ${expected}, found ${found}${reason}`,
  );
}

function orderOf(mark: string | undefined): string {
  return mark === '<' || mark === '>' ? mark : NATIVE_ORDER;
}

/** S, U and V: `count` bytes or code points in one element. */
function sizedDtype(descr: string, order: string, kind: string, count: number): NpyDtype {
  const itemsize = kind === 'U' ? count * 4 : count;
  if (count === 0)
    throw refused(descr, 'elements of at least 1 byte', ': nothing to share');
  if (!Number.isSafeInteger(itemsize)) throw refused(descr, 'less than 2^53 bytes');
  if (kind === 'U') return { format: `${order}${count}w`, itemsize, unit: null };
  return { format: `${count}${kind === 'S' ? 's' : 'x'}`, itemsize, unit: null };
}

/** Nobody else's long double can be read: the file does not say which of four kinds it has. */
function longDouble(descr: string, order: string, longDoubleBytes: number): NpyDtype {
  if (order !== NATIVE_ORDER || longDoubleBytes !== 16)
    throw refused(descr, 'a long double of this machine', '; save it as f8 instead');
  const isComplex = descr.includes('c');
  return { format: isComplex ? 'Zg' : 'g', itemsize: isComplex ? 32 : 16, unit: null };
}

function simpleDtype(descr: string, longDoubleBytes: number): NpyDtype {
  const datetime = DATETIME.exec(descr);
  if (datetime !== null)
    return { format: `${orderOf(datetime[1])}q`, itemsize: 8, unit: datetime[2] ?? null };
  if (/^[<>=|]?O/.test(descr))
    throw refused(descr, 'plain values', ': the file holds Python objects');
  const [, mark, kind = '', digits = ''] = DTYPE.exec(descr) ?? [];
  const order = orderOf(mark);
  const bytes = Number(digits);
  if (kind === 'S' || kind === 'U' || kind === 'V')
    return sizedDtype(descr, order, kind, bytes);
  const name = kind + digits;
  if (name === 'f16' || name === 'c32') return longDouble(descr, order, longDoubleBytes);
  const format = NUMERIC.get(name);
  if (format === undefined) throw refused(descr, "a simple dtype such as '<f8' or '|u1'");
  return { format: bytes > 1 ? order + format : format, itemsize: bytes, unit: null };
}

/**
 * The format and itemsize of a header's `descr`. Orders are explicit except for single bytes
 * and long doubles; `longDoubleBytes` is sizeof(long double) where the elements are read.
 */
export function descrToFormat(
  descr: PyLiteral,
  longDoubleBytes: number = LONG_DOUBLE_BYTES,
): NpyDtype {
  if (typeof descr === 'string') return simpleDtype(descr, longDoubleBytes);
  if (Array.isArray(descr))
    throw new BufferError(
      'ERR_NBUF_FORMAT',
      'npy dtype: expected a simple one, found a list: record formats are not supported yet ' +
        'in this version; save each field as an array of its own',
    );
  throw new BufferError(
    'ERR_NBUF_FORMAT',
    'npy dtype: expected a string, found another literal',
  );
}
