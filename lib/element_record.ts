/** Elements of several parts: records as objects, lists and sub-arrays as arrays. */
import type { Access } from './element_numbers.ts';
import { BufferError, isArray, rangeError, show, typeError } from './errors.ts';
import type { FormatItem } from './format_tree.ts';

/** What a part's `check` returned; only the same part's `write` understands it. */
type Checked = unknown;
type PartAccess = Access<Checked>;

/** One part, and where it lies in the element. */
export type Part = {
  readonly name: string;
  readonly offset: number;
  readonly access: PartAccess;
};

const noRefusal = (): Error =>
  new BufferError('ERR_NBUF_FORMAT', 'the format has no element value');

/**
 * The names of a list's items, or null when none has one. Among named ones the others are
 * called f0, f1, ... as NumPy calls them.
 */
export function namesOf(items: readonly FormatItem[]): string[] | null {
  const taken = new Set(items.map((item) => item.name));
  if (taken.size === 0 || (taken.size === 1 && taken.has(null))) return null;
  let next = 0;
  return items.map((item) => {
    if (item.name !== null) return item.name;
    while (taken.has(`f${next}`)) next++;
    return `f${next++}`;
  });
}

/** A field by any name, also '__proto__'. */
function define(object: object, name: string, value: unknown): void {
  if (!(name in object)) {
    (object as Record<string, unknown>)[name] = value;
    return;
  }
  // Without a prototype: whatever Object.prototype has must not count.
  const field: PropertyDescriptor = Object.create(null);
  field.value = value;
  field.writable = true;
  field.enumerable = true;
  field.configurable = true;
  Object.defineProperty(object, name, field);
}

function checkObject(value: unknown, fields: ReadonlySet<string>, text: string): object {
  if (typeof value !== 'object' || value === null || isArray(value))
    throw typeError(`${text} takes an object, found ${show(value)}`);
  for (const name of Object.keys(value))
    if (!fields.has(name))
      throw typeError(`${text} has no field ${show(name)}; found an object with it`);
  return value;
}

/** `T{...}` with names: an object that has exactly the fields, as its own properties. */
export function recordAccess(parts: readonly Part[], text: string): PartAccess {
  const fields = new Set(parts.map((part) => part.name));
  return {
    check: (value) => {
      const object = checkObject(value, fields, text);
      return parts.map(({ name, access }) => {
        if (!Object.hasOwn(object, name))
          throw typeError(
            `${text} takes a field ${show(name)}, found none in the object`,
          );
        return access.check((object as Record<string, unknown>)[name]);
      });
    },
    read: (view, offset) => {
      const out = {};
      for (const part of parts)
        define(out, part.name, part.access.read(view, offset + part.offset));
      return out;
    },
    write: (view, offset, values) => writeParts(parts, view, offset, values),
    refusal: noRefusal,
  };
}

function writeParts(
  parts: readonly Part[],
  view: DataView,
  offset: number,
  values: Checked,
): void {
  for (let k = 0; k < parts.length; k++) {
    const part = parts[k] as Part;
    part.access.write(view, offset + part.offset, (values as Checked[])[k]);
  }
}

/** Copies first: a Proxy must not change its length between check and use. */
function entriesOf(value: unknown, length: number, text: string): unknown[] {
  if (!isArray(value))
    throw typeError(`${text} takes an array of ${length}, found ${show(value)}`);
  const found: unknown = value.length;
  if (found !== length)
    throw rangeError(`${text} takes an array of ${length}, found one of ${show(found)}`);
  return Array.from({ length }, (_, k) => (value as readonly unknown[])[k]);
}

/** Several items without names: an array of them. */
export function listAccess(parts: readonly Part[], text: string): PartAccess {
  return {
    check: (value) => {
      const entries = entriesOf(value, parts.length, text);
      return parts.map((part, k) => part.access.check(entries[k]));
    },
    read: (view, offset) =>
      parts.map((part) => part.access.read(view, offset + part.offset)),
    write: (view, offset, values) => writeParts(parts, view, offset, values),
    refusal: noRefusal,
  };
}

/** Sub-arrays longer than this are views, not values: `field()` reaches them. */
const MAX_ENTRIES = 2 ** 32 - 1;

/** One axis of a sub-array; `step` bytes between its entries. */
export function arrayAccess(
  entry: PartAccess,
  length: number,
  step: number,
  text: string,
): PartAccess {
  const checkLength = (): void => {
    if (length > MAX_ENTRIES)
      throw rangeError(`${text} has ${length} entries: too many for an array`);
  };
  return {
    check: (value) => {
      checkLength();
      return entriesOf(value, length, text).map((inner) => entry.check(inner));
    },
    read: (view, offset) => {
      checkLength();
      const out = new Array<unknown>(length);
      for (let k = 0; k < length; k++) out[k] = entry.read(view, offset + k * step);
      return out;
    },
    write: (view, offset, values) => {
      for (let k = 0; k < length; k++)
        entry.write(view, offset + k * step, (values as Checked[])[k]);
    },
    refusal: noRefusal,
  };
}
