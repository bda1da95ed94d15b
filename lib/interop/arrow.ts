/** apache-arrow: views as columns. */
import { BufferError, type View } from '../index.ts';
import {
  type ArrowSource,
  dataOf,
  leafOf,
  listOf,
  product,
  withPlainElements,
} from './arrow_data.ts';
import { metadataOf, type Physical, physicalOf } from './arrow_extension.ts';
import type { Arrow, ArrowColumn, ArrowData, ArrowModule } from './arrow_types.ts';
import {
  type CopyOptions,
  checkFunction,
  checkObject,
  checkView,
  copyChoice,
  type DTypeName,
  dtypes,
  exposeOrCopy,
  isRefusal,
  type Need,
  rangeError,
  refusal,
  typeError,
} from './common.ts';

/** How the axes behind the rows are said. */
export type ArrowLists = 'list' | 'fixed_shape_tensor';

export type ToArrowOptions = CopyOptions & {
  /** Of the field; default ''. */
  readonly name?: string | undefined;
  /**
   * 'list' (default): a fixed-size list for each axis behind the first, which every reader of
   * Arrow shows. 'fixed_shape_tensor': one list for all of them and the canonical extension
   * type, whose metadata tells the shape; axes may be transposed. Views of one axis are plain
   * columns either way.
   */
  readonly as?: ArrowLists | undefined;
  /** Names of the axes behind the first, for 'fixed_shape_tensor'. */
  readonly dimNames?: readonly string[] | undefined;
};

const NEED: Need = {
  name: 'apache-arrow',
  layout: 'C',
  dtypes: (Object.keys(dtypes) as DTypeName[]).filter((name) => name !== 'bool'),
};

export function checkAs(as: unknown): ArrowLists {
  if (as === undefined || as === 'list') return 'list';
  if (as === 'fixed_shape_tensor') return as;
  throw rangeError("options.as: expected 'list' or 'fixed_shape_tensor'");
}

/** FORMAT, CONTIGUITY ... with what helps: what nbuf says where bytes cannot be shown. */
function bytesOf(view: View, copy: 'never' | 'if-needed' | 'always'): Uint8Array {
  if (copy === 'always') return view.toBytes();
  try {
    return view.bytes();
  } catch (cause) {
    if (!isRefusal(cause)) throw cause;
    if (copy === 'if-needed') return view.toBytes();
    throw refusal(cause.code, cause.message, cause);
  }
}

/** The view's rows as they lie in memory, where that may be said. */
export function rowsOf(value: View, as: ArrowLists, mayPermute: boolean): Physical {
  const view = withPlainElements(checkView(value) as View);
  if (view.ndim === 0)
    throw new BufferError(
      'ERR_NBUF_UNSUPPORTED',
      'a view without axes is no column: view.reshape([1]) is one of one row',
    );
  if (as === 'list' || !mayPermute || view.levels !== null)
    return { view, permutation: null };
  return physicalOf(view);
}

/** Data of some rows, and the metadata of the column's field. */
export type ColumnData = { data: ArrowData; metadata: Map<string, string> | null };

export function columnOf(
  source: ArrowSource,
  rows: Physical,
  as: ArrowLists,
  dimNames: unknown,
): ColumnData {
  const { view } = rows;
  const [length = 0, ...extents] = view.shape as readonly number[];
  if (as === 'list' || extents.length === 0) {
    if (dimNames !== undefined)
      throw rangeError("dimNames: expected none without { as: 'fixed_shape_tensor' }");
    return { data: dataOf(source, view, 1), metadata: null };
  }
  const { data, inner } = leafOf(source, view);
  const size = product(extents) * product(inner);
  return {
    data: listOf(source.arrow, data, size, length),
    metadata: metadataOf(rows, inner, dimNames),
  };
}

export function checkModule(arrow: unknown): Arrow {
  const module =
    typeof arrow === 'function' ? (arrow as never) : checkObject(arrow, 'arrow');
  checkFunction(module.makeData, 'arrow.makeData');
  return module as Arrow;
}

/**
 * A view as a column of apache-arrow: `toArrow(view, arrow)` with the module that `import * as
 * arrow from 'apache-arrow'` gives. The first axis is the rows. Integers, floats (float16 as its
 * bits) and 's' (FixedSizeBinary) are the view's own memory: what one side writes, the other one
 * reads, until the view's provider is released: then the column reads as undefined.
 * Complex numbers are lists of two. Arrow knows no strides, so the view must be C-contiguous
 * (or, as 'fixed_shape_tensor', its rows by another order of their axes).
 *
 * With `copy: 'if-needed'` the column owns what had to be copied: other layouts and byte orders,
 * readonly memory, '?' (bits there), records (a Struct, of which each field has memory of its
 * own).
 *
 * Throws CONTIGUITY, STRIDES, READONLY, SUBOFFSETS and FORMAT where a copy would be needed;
 * FORMAT where Arrow has no such type; UNSUPPORTED for a view without axes.
 */
export function toArrow<const M extends ArrowModule>(
  view: View,
  arrow: M,
  options?: ToArrowOptions,
): ArrowColumn<M> {
  const copy = copyChoice(options);
  const { name = '', as, dimNames } = options ?? {};
  if (typeof name !== 'string') throw typeError('options.name: expected a string');
  const lists = checkAs(as);
  const module = checkModule(arrow);
  const source: ArrowSource = {
    arrow: module,
    mayCopy: copy !== 'never',
    mustCopy: copy === 'always',
    values: (each, must) =>
      exposeOrCopy(each, NEED, { copy: must ? 'always' : copy }).data,
    bytes: (each, must) => bytesOf(each, must ? 'always' : copy),
  };
  const rows = rowsOf(view, lists, copy !== 'always');
  const { data, metadata } = columnOf(source, rows, lists, dimNames);
  const field = new module.Field(name, data.type, false, metadata ?? undefined);
  return { vector: new module.Vector([data]), field } as never;
}
