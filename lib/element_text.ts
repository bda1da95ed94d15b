/** Bytes (`c s p`) and characters (`u w`) as elements. */
import { type Access, isLittle } from './element_numbers.ts';
import { BufferError, rangeError, show, typeError } from './errors.ts';
import type { FormatItem } from './format_tree.ts';
import { bytesOf, isUint8Array, newBytes } from './js_memory.ts';

const noRefusal = (): Error =>
  new BufferError('ERR_NBUF_FORMAT', 'the format has no element value');

function readBytes(view: DataView, offset: number, count: number): Uint8Array {
  const bytes = newBytes(count);
  for (let k = 0; k < count; k++) bytes[k] = view.getUint8(offset + k);
  return bytes;
}

/** Writes and pads with zeros to `count`, as struct does. */
function writeBytes(
  view: DataView,
  offset: number,
  bytes: Uint8Array,
  count: number,
): void {
  for (let k = 0; k < count; k++) view.setUint8(offset + k, bytes[k] ?? 0);
}

/** A copy: what is written later must not change between check and write. */
function checkBytes(value: unknown, low: number, high: number, text: string): Uint8Array {
  if (!isUint8Array(value))
    throw typeError(`${text} takes a Uint8Array, found ${show(value)}`);
  const bytes = new Uint8Array(bytesOf(value)); // unlike slice(), asks for no constructor
  if (bytes.length < low || bytes.length > high)
    throw rangeError(
      `${text} takes ${low === high ? low : `${low} to ${high}`} bytes, found ${bytes.length}`,
    );
  return bytes;
}

/**
 * `c` is one byte, `Ns` and a named `Nx` are N of them, `Np` is a length byte and up to N - 1
 * (at most 255) others.
 */
export function bytesAccess(item: FormatItem, text: string): Access<Uint8Array> {
  const { count } = item;
  if (item.type !== 'p' || count === 0)
    return {
      check: (value) => checkBytes(value, item.type === 'c' ? 1 : 0, count, text),
      read: (view, offset) => readBytes(view, offset, count),
      write: (view, offset, value) => writeBytes(view, offset, value, count),
      refusal: noRefusal,
    };
  const room = Math.max(0, Math.min(count - 1, 255));
  return {
    check: (value) => checkBytes(value, 0, room, text),
    read: (view, offset) =>
      readBytes(view, offset + 1, Math.min(view.getUint8(offset), room)),
    write: (view, offset, value) => {
      view.setUint8(offset, value.length);
      writeBytes(view, offset + 1, value, count - 1);
    },
    refusal: noRefusal,
  };
}

/** Code points as `w` stores them, code units as `u` does. */
function unitsOf(text: string, wide: boolean): number[] {
  if (wide) return Array.from(text, (character) => character.codePointAt(0) as number);
  return Array.from({ length: text.length }, (_, k) => text.charCodeAt(k));
}

function textOf(units: readonly number[], wide: boolean): string {
  if (!wide) return String.fromCharCode(...units);
  // Memory can hold anything; a number that is no code point reads as U+FFFD.
  return String.fromCodePoint(...units.map((unit) => (unit <= 0x10ffff ? unit : 0xfffd)));
}

/**
 * `Nu` is N UTF-16 code units, `Nw` is N code points; shorter strings are padded with NUL,
 * and trailing NULs do not count (NumPy's rule), except in a single character.
 */
export function stringAccess(item: FormatItem, text: string): Access<string> {
  const { count, unit } = item;
  const wide = unit === 4;
  const little = isLittle(item);
  const read = (view: DataView, at: number): number =>
    wide ? view.getUint32(at, little) : view.getUint16(at, little);
  return {
    check: (value) => {
      if (typeof value !== 'string')
        throw typeError(`${text} takes a string, found ${show(value)}`);
      const length = wide ? unitsOf(value, true).length : value.length;
      if (length > count || (length === 0 && count === 1))
        throw rangeError(
          `${text} takes ${count === 1 ? '1 character' : `at most ${count} characters`}, found ${length}`,
        );
      return value;
    },
    read: (view, offset) => {
      let used = count;
      while (used > 1 && read(view, offset + (used - 1) * unit) === 0) used--;
      if (used === 1 && count > 1 && read(view, offset) === 0) used = 0;
      const pieces: string[] = [];
      for (let k = 0; k < used; k++)
        pieces.push(textOf([read(view, offset + k * unit)], wide));
      return pieces.join('');
    },
    write: (view, offset, value) => {
      const units = unitsOf(value, wide);
      for (let k = 0; k < count; k++) {
        const at = offset + k * unit;
        if (wide) view.setUint32(at, units[k] ?? 0, little);
        else view.setUint16(at, units[k] ?? 0, little);
      }
    },
    refusal: noRefusal,
  };
}
