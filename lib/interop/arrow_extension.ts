/** `arrow.fixed_shape_tensor`, the canonical extension type: a list whose field tells the shape. */
import { BufferError, type View } from '../index.ts';
import { product } from './arrow_data.ts';
import { EXTENSION_METADATA, EXTENSION_NAME, FIXED_SHAPE } from './arrow_types.ts';
import { listOf, rangeError, typeError } from './common.ts';

/** The axes behind the rows. */
export type FixedShape = {
  /** Extents in memory's order, which is C order. */
  readonly shape: readonly number[];
  /** Which axis in memory each axis of a row is; null: the same. */
  readonly permutation: readonly number[] | null;
};

/** A view whose rows are in C order, and which of its axes theirs were. */
export type Physical = { readonly view: View; readonly permutation: number[] | null };

/**
 * Arrow says transposed rows by a permutation, so those need no copy. Other layouts come back
 * as they were.
 */
export function physicalOf(view: View): Physical {
  const strides = view.strides as readonly number[];
  const shape = view.shape as readonly number[];
  const reach = (axis: number): number =>
    shape[axis] === 1 ? 0 : (strides[axis] as number);
  if (view.isContiguous('C')) return { view, permutation: null };
  const order = shape
    .slice(1)
    .map((_, axis) => axis)
    .sort((a, b) => reach(b + 1) - reach(a + 1));
  const sorted = view.transpose(0, ...order.map((axis) => axis + 1));
  return sorted.isContiguous('C')
    ? { view: sorted, permutation: order.map((_, axis) => order.indexOf(axis)) }
    : { view, permutation: null };
}

/** The names for a row's axes, as often as it has them. */
function checkNames(value: unknown, ndim: number): string[] | null {
  if (value === undefined) return null;
  const names = Array.isArray(value) ? listOf(value, 'dimNames') : [null];
  if (!names.every((name) => typeof name === 'string'))
    throw typeError('dimNames: expected an array of strings');
  if (names.length !== ndim)
    throw rangeError(
      `dimNames: expected ${ndim} names, for the axes behind the first, found ${names.length}`,
    );
  return names;
}

/** A field's metadata. `inner`: axes behind those of the view, that each element is. */
export function metadataOf(
  { view, permutation }: Physical,
  inner: readonly number[],
  dimNames: unknown,
): Map<string, string> {
  const shape = [...(view.shape as readonly number[]).slice(1), ...inner];
  const whole = permutation && [...permutation];
  for (let axis = shape.length - inner.length; axis < shape.length; axis++)
    whole?.push(axis);
  const names = checkNames(dimNames, shape.length);
  const said: Record<string, unknown> = { shape };
  if (names !== null)
    said.dim_names = shape.map((_, at) => names[whole === null ? at : whole.indexOf(at)]);
  if (whole !== null) said.permutation = whole;
  return new Map([
    [EXTENSION_NAME, FIXED_SHAPE],
    [EXTENSION_METADATA, JSON.stringify(said)],
  ]);
}

function malformed(text: string, expected: string): BufferError {
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return new BufferError(
    'ERR_NBUF_FORMAT',
    `${FIXED_SHAPE}: expected ${expected}, found metadata ${JSON.stringify(shown)}`,
  );
}

/** With the rows, as many as a view has. */
const MAX_AXES = 63;

function isExtent(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isPermutation(value: readonly unknown[], ndim: number): boolean {
  return (
    value.length === ndim &&
    Array.from(value.keys()).every((axis) => value.includes(axis))
  );
}

/** Null for a field of another type, or of none. FORMAT for one that contradicts its list. */
export function fixedShapeOf(metadata: unknown, listSize: number): FixedShape | null {
  if (!(metadata instanceof Map) || metadata.get(EXTENSION_NAME) !== FIXED_SHAPE)
    return null;
  const text = String(metadata.get(EXTENSION_METADATA) ?? '');
  let said: Record<string, unknown> | null;
  try {
    said = JSON.parse(text);
  } catch {
    throw malformed(text, 'JSON');
  }
  const shape = said?.shape;
  if (!Array.isArray(shape) || shape.length > MAX_AXES || !shape.every(isExtent))
    throw malformed(text, `a shape of up to ${MAX_AXES} integers`);
  if (product(shape) !== listSize)
    throw malformed(text, `a shape of ${listSize} elements, as the list has them`);
  const permutation = said?.permutation ?? null;
  if (permutation === null) return { shape, permutation };
  if (!Array.isArray(permutation) || !isPermutation(permutation, shape.length))
    throw malformed(text, `a permutation of ${shape.length} axes`);
  return { shape, permutation };
}
