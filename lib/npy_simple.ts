/** NumPy's simple dtypes, as .npy headers write them, in buffer format syntax. */

import { BufferError } from './errors.ts';

export type SimpleDtype = {
  readonly format: string;
  /** 0 for S0, U0 and V0. */
  readonly itemsize: number;
  /** Of datetime64 and timedelta64, such as 'datetime64[ns]'; null for others. */
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

/** What the counts of datetimes stand for, as users see it. */
export const UNIT: RegExp =
  /^(?:datetime|timedelta)64(?:\[\d*(?:[YMWDhms]|[munpfa]s)\])?$/;

/** datetime64 and timedelta64: counts of their unit, in int64; without one, generic. */
const DATETIME = /^([<>=|]?)([Mm])8(\[\d*(?:[YMWDhms]|[munpfa]s)\])?$/;

export const NATIVE_ORDER: '<' | '>' =
  new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? '<' : '>';

/** An error about a header's dtype, of which `descr` is the part that is wrong. */
export function refused(descr: string, expected: string, reason = ''): BufferError {
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
function sizedDtype(
  descr: string,
  order: string,
  kind: string,
  count: number,
): SimpleDtype {
  const itemsize = kind === 'U' ? count * 4 : count;
  if (!Number.isSafeInteger(itemsize)) throw refused(descr, 'less than 2^53 bytes');
  if (kind === 'U') return { format: `${order}${count}w`, itemsize, unit: null };
  return { format: `${count}${kind === 'S' ? 's' : 'x'}`, itemsize, unit: null };
}

/** Nobody else's long double can be read: the file does not say which of four kinds it has. */
function longDouble(descr: string, order: string, longDoubleBytes: number): SimpleDtype {
  if (order !== NATIVE_ORDER || longDoubleBytes !== 16)
    throw refused(descr, 'a long double of this machine', '; save it as f8 instead');
  const isComplex = descr.includes('c');
  return { format: isComplex ? 'Zg' : 'g', itemsize: isComplex ? 32 : 16, unit: null };
}

function datetime(mark: string, kind: string, unit: string): SimpleDtype {
  const name = kind === 'M' ? 'datetime64' : 'timedelta64';
  return { format: `${orderOf(mark)}q`, itemsize: 8, unit: name + unit };
}

/**
 * One dtype string. Orders are explicit except for single bytes and long doubles;
 * `longDoubleBytes` is sizeof(long double) where the elements are read.
 */
export function simpleDtype(descr: string, longDoubleBytes: number): SimpleDtype {
  const [, timeMark = '', timeKind, unit = ''] = DATETIME.exec(descr) ?? [];
  if (timeKind !== undefined) return datetime(timeMark, timeKind, unit);
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
  if (format === undefined) throw refused(descr, "a dtype such as '<f8' or '|u1'");
  return { format: bytes > 1 ? order + format : format, itemsize: bytes, unit: null };
}
