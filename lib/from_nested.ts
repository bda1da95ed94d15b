/** Nested JavaScript arrays to a shape and a flat list of checked values. */
import { depthOf } from './element_access.ts';
import { type ElementValue, type Format, knownFormat } from './elements.ts';
import { isArray, rangeError, show, typeError } from './errors.ts';
import type { FormatTree } from './format_tree.ts';
import { MAX_NDIM } from './layout_check.ts';

export type Flat = { shape: number[]; values: ElementValue[]; format: string };

/** Copies the nesting first: getters and Proxies run here, before anything is computed. */
function copyNested(value: unknown, depth: number): unknown {
  // At once, not after copying: an array of 2^32 - 1 holes costs nothing to make.
  if (value === undefined) throw typeError('expected elements, found undefined');
  if (!isArray(value)) return value;
  // Elements may be arrays too, so this is no exact limit: the shape's is checked later.
  if (depth >= 2 * MAX_NDIM)
    throw rangeError(`expected at most ${2 * MAX_NDIM} nested arrays, found more`);
  const length: unknown = value.length; // a Proxy may say anything
  if (typeof length !== 'number' || length >>> 0 !== length)
    throw rangeError(`array length: expected 0 to 2^32 - 1, found ${show(length)}`);
  const out = new Array<unknown>(length);
  for (let k = 0; k < length; k++) out[k] = copyNested(value[k], depth + 1);
  return out;
}

function guessFormat(first: unknown): string {
  if (typeof first === 'bigint') return 'q';
  if (typeof first === 'boolean') return '?';
  if (typeof first === 'number' || first === undefined) return 'd';
  throw typeError(
    `expected numbers, bigints or booleans, found ${show(first)}; name a format for other elements`,
  );
}

function firstLeaf(nested: unknown): unknown {
  let value = nested;
  while (isArray(value)) value = value[0];
  return value;
}

function collect(
  nested: unknown,
  shape: readonly number[],
  axis: number,
  format: Format,
  out: ElementValue[],
): void {
  if (axis === shape.length) {
    if (isArray(nested) && depthOf(format.tree as FormatTree) === 0)
      throw rangeError(`expected ${axis} nested arrays, found more`);
    out.push(format.access.check(nested));
    return;
  }
  const extent = shape[axis] as number;
  const found = isArray(nested) ? nested.length : undefined;
  if (found !== extent)
    throw rangeError(
      `rows of axis ${axis}: expected ${extent} entries, found ${found ?? show(nested)}`,
    );
  for (const inner of nested as unknown[]) collect(inner, shape, axis + 1, format, out);
}

/** The extents of nested arrays whose elements are `depth` arrays in each other themselves. */
function shapeOf(nested: unknown, depth: number): number[] {
  const shape: number[] = [];
  for (let value = nested; isArray(value); value = value[0]) {
    shape.push(value.length);
    if (value.length === 0) return shape; // no element: all of them are axes
  }
  return shape.slice(0, Math.max(0, shape.length - depth));
}

/** All rows of one axis must have the same length. The first leaf chooses a missing format. */
export function fromNested(source: unknown, format: string | undefined): Flat {
  const nested = copyNested(source, 0);
  const text = format ?? guessFormat(firstLeaf(nested));
  const known = knownFormat(text);
  const shape = shapeOf(nested, depthOf(known.tree as FormatTree));
  const values: ElementValue[] = [];
  collect(nested, shape, 0, known, values);
  return { shape, values, format: text };
}
