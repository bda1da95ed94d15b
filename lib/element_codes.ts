/**
 * The common numbers without an indirect call: one `case` each, so that every access has an
 * inline cache of its own and stays monomorphic whatever other formats the process reads.
 */
import type { FormatItem } from './format_tree.ts';

/** Little-endian ones, or of one byte; BIG is added for the others. */
const CODES: readonly string[] = ['', 'u1', 'f8', 'f4', 'i4', 'u2', 'i2', 'u4', 'i1'];
export const BIG: number = 8;
/** 'd' in little-endian order. */
export const FLOAT64: number = CODES.indexOf('f8');

/** The largest finite number of a float; what is above may round to it: the check decides. */
const MAX_FLOAT32 = 2 ** 128 - 2 ** 104;

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

// Small, all of them: engines make in place only what is, with what it calls.
export function loadNumber(code: number, view: DataView, at: number): number {
  const little = code < BIG;
  switch (code & 7) {
    case 1:
      return view.getUint8(at);
    case 2:
      return view.getFloat64(at, little);
    case 3:
      return view.getFloat32(at, little);
    case 4:
      return view.getInt32(at, little);
    case 5:
      return view.getUint16(at, little);
    case 6:
      return view.getInt16(at, little);
    case 7:
      return view.getUint32(at, little);
    default:
      return view.getInt8(at);
  }
}

/**
 * False, and nothing is written, where the number is none that a code's element holds: those are
 * for the thorough check.
 */
// biome-ignore lint/complexity/noExcessiveCognitiveComplexity: one case for each code
export function storeNumber(
  code: number,
  view: DataView,
  at: number,
  value: number,
): boolean {
  const little = code < BIG;
  switch (code & 7) {
    case 1:
      if ((value & 0xff) !== value) return false;
      view.setUint8(at, value);
      return true;
    case 2:
      view.setFloat64(at, value, little);
      return true;
    case 3:
      if (Math.abs(value) > MAX_FLOAT32) return false;
      view.setFloat32(at, value, little);
      return true;
    case 4:
      if ((value | 0) !== value) return false;
      view.setInt32(at, value, little);
      return true;
    case 5:
      if ((value & 0xffff) !== value) return false;
      view.setUint16(at, value, little);
      return true;
    case 6:
      if ((value << 16) >> 16 !== value) return false;
      view.setInt16(at, value, little);
      return true;
    case 7:
      if (value >>> 0 !== value) return false;
      view.setUint32(at, value, little);
      return true;
    default:
      if ((value << 24) >> 24 !== value) return false;
      view.setInt8(at, value);
      return true;
  }
}
