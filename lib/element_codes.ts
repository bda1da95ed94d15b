/**
 * The common numbers without an indirect call: one `case` each, so that every access has an
 * inline cache of its own and stays monomorphic whatever other formats the process reads.
 */
import type { FormatItem } from './format_tree.ts';

/** Little-endian ones, or of one byte; BIG is added for the others. */
const CODES: readonly string[] = ['', 'u1', 'f8', 'f4', 'i4', 'u2', 'i2', 'u4', 'i1'];
const BIG = 8;
/** 'd' in little-endian order. */
export const FLOAT64: number = CODES.indexOf('f8');

function kindOf(type: string): string {
  if ('bhilqn'.includes(type)) return 'i';
  if ('BHILQN'.includes(type)) return 'u';
  return 'fd'.includes(type) ? 'f' : '';
}

/** The code of an item that one DataView method reads as a number; else 0. */
export function codeOf(item: FormatItem): number {
  const code = CODES.indexOf(kindOf(item.type) + item.unit);
  if (code <= 0) return 0;
  return item.byteOrder === 'big' ? code + BIG : code;
}

export function loadNumber(code: number, view: DataView, at: number): number {
  switch (code) {
    case 1:
      return view.getUint8(at);
    case 2:
      return view.getFloat64(at, true);
    case 3:
      return view.getFloat32(at, true);
    case 4:
      return view.getInt32(at, true);
    case 5:
      return view.getUint16(at, true);
    case 6:
      return view.getInt16(at, true);
    case 7:
      return view.getUint32(at, true);
    case 8:
      return view.getInt8(at);
    case 10:
      return view.getFloat64(at, false);
    case 11:
      return view.getFloat32(at, false);
    case 12:
      return view.getInt32(at, false);
    case 13:
      return view.getUint16(at, false);
    case 14:
      return view.getInt16(at, false);
    default:
      return view.getUint32(at, false);
  }
}

/** Is it a number that a code's element holds? The others are for the thorough check. */
function fitsCode(code: number, value: number): boolean {
  switch (code > BIG ? code - BIG : code) {
    case 1:
      return (value & 0xff) === value;
    case 2:
      return true;
    case 3:
      return Number.isFinite(Math.fround(value)) || !Number.isFinite(value);
    case 4:
      return (value | 0) === value;
    case 5:
      return (value & 0xffff) === value;
    case 6:
      return (value << 16) >> 16 === value;
    case 7:
      return value >>> 0 === value;
    default:
      return (value << 24) >> 24 === value;
  }
}

/** False, and nothing is written, where the value does not fit. */
export function storeNumber(
  code: number,
  view: DataView,
  at: number,
  value: number,
): boolean {
  if (!fitsCode(code, value)) return false;
  switch (code) {
    case 1:
      view.setUint8(at, value);
      break;
    case 2:
      view.setFloat64(at, value, true);
      break;
    case 3:
      view.setFloat32(at, value, true);
      break;
    case 4:
      view.setInt32(at, value, true);
      break;
    case 5:
      view.setUint16(at, value, true);
      break;
    case 6:
      view.setInt16(at, value, true);
      break;
    case 7:
      view.setUint32(at, value, true);
      break;
    case 8:
      view.setInt8(at, value);
      break;
    case 10:
      view.setFloat64(at, value, false);
      break;
    case 11:
      view.setFloat32(at, value, false);
      break;
    case 12:
      view.setInt32(at, value, false);
      break;
    case 13:
      view.setUint16(at, value, false);
      break;
    case 14:
      view.setInt16(at, value, false);
      break;
    default:
      view.setUint32(at, value, false);
      break;
  }
  return true;
}
