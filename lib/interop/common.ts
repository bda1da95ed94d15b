/**
 * What all adapters share. Views go out as typed arrays over their memory, or as copies where
 * the other side cannot say the layout and the caller allows it; an error says why not.
 */
import { types } from 'node:util';
import {
  acquireAs,
  BufferError,
  contiguousStrides,
  formatsEqual,
  type View,
} from '../index.ts';
import type { Full } from '../request_types.ts';
import {
  type DType,
  type DTypeName,
  dtypeOfFormat,
  dtypes,
  type InteropArray,
  newArray,
} from './dtypes.ts';
import { orderOf, reachOf } from './places.ts';
import { checkView, kindOf, rangeError, refusal, typeError } from './refusals.ts';

export * from './dtypes.ts';
export * from './refusals.ts';

export type CopyOptions = {
  /**
   * 'never' (default): the result is the view's own memory, or an error says why it cannot be;
   * 'if-needed': a copy, where it cannot; 'always': a copy.
   */
  readonly copy?: 'never' | 'if-needed' | 'always' | undefined;
};

/** What a neighbour can say. */
export type Need = {
  /** Its name, for messages. */
  readonly name: string;
  /**
   * 'any': strides of any sign, 0 too, and an offset. 'forward': no negative strides and no
   * offset. 'C', 'C or F': contiguous in that order only.
   */
  readonly layout: 'any' | 'forward' | 'C' | 'C or F';
  /** The types that it has. Booleans pass as uint8 where it has no bool. */
  readonly dtypes: readonly DTypeName[];
  /** What a copy of other types becomes: only where no value changes by that. */
  readonly convert?: Readonly<Partial<Record<DTypeName, DTypeName>>> | undefined;
  /** How to get at a type that is not in `dtypes`, for messages. */
  readonly hints?: Readonly<Partial<Record<DTypeName, string>>> | undefined;
  /** Does it refuse SharedArrayBuffers? */
  readonly unshared?: boolean;
  /** Do its entries of complex numbers have both parts, so that elements lie at multiples of that? */
  readonly pairs?: boolean;
  /** Entries that it can address, where those are not enough for every view. */
  readonly maxEntries?: number;
};

/** A view's elements in a typed array. Strides and offset count entries of `data`. */
export type Exposed = {
  /** From the lowest element of the view to the highest, or a copy. */
  readonly data: InteropArray;
  /** As the view's: no axis of two for complex numbers. */
  readonly shape: number[];
  readonly strides: number[];
  /** Of the first element. */
  readonly offset: number;
  /** What the elements are shown as. */
  readonly dtype: DType;
  /** In which order they are contiguous; C where both. */
  readonly order: 'C' | 'F' | null;
  readonly copied: boolean;
};

/** What checkView gives. */
export type FullView = View<string, never, Full>;

/** The type of the elements here and there, and whether the bytes are the same. */
type Plan = { readonly from: DType; readonly to: DType; readonly reason: string | null };

const CONVERT = 'convert with copyFrom(view, { convert })';

function planOf(view: FullView, need: Need): Plan {
  const known = dtypeOfFormat(view.format);
  if (known === null)
    throw new BufferError(
      'ERR_NBUF_FORMAT',
      `${need.name} has no elements of format '${view.format}'; take a field of a record ` +
        `with view.field(), or ${CONVERT}`,
    );
  const from = known.dtype;
  const same = need.dtypes.includes(from.name)
    ? from
    : from.name === 'bool' && need.dtypes.includes('uint8')
      ? dtypes.uint8
      : null;
  const name = need.convert?.[from.name];
  if (same === null && name === undefined)
    throw new BufferError(
      'ERR_NBUF_FORMAT',
      `${need.name} has no ${from.name} (format '${view.format}') and nothing that could ` +
        `stand for all its values; ${need.hints?.[from.name] ?? CONVERT}`,
    );
  if (same === null)
    return {
      from,
      to: dtypes[name as DTypeName],
      reason: `${need.name} has no ${from.name} (format '${view.format}')`,
    };
  const reason = `format '${view.format}' has the other byte order than this machine`;
  return { from, to: same, reason: known.isSwapped ? reason : null };
}

/**
 * The strides of a view in units of `unit` bytes (default: its elements), for libraries that
 * know nothing else. Axes that are never stepped along get those of a contiguous array. STRIDES:
 * one is no multiple. SUBOFFSETS: there are pointers.
 */
export function elementStrides(value: View, unit?: number): number[] {
  const view = checkView(value);
  if (view.levels !== null)
    throw refusal('ERR_NBUF_SUBOFFSETS', 'the elements lie behind pointers');
  const { shape, strides } = view;
  const size = unit ?? view.itemsize;
  const packed = contiguousStrides(shape, Math.ceil(view.itemsize / size));
  const isEmpty = shape.includes(0);
  return strides.map((step, axis) => {
    if (isEmpty || shape[axis] === 1) return packed[axis] as number;
    if (step % size === 0) return step / size;
    throw refusal(
      'ERR_NBUF_STRIDES',
      `axis ${axis} has a stride of ${step} bytes, no multiple of ${size}`,
    );
  });
}

function checkLayout(
  need: Need,
  strides: readonly number[],
  order: 'C' | 'F' | null,
): void {
  const { name, layout } = need;
  if (layout === 'any' || order === 'C') return;
  if (layout === 'C or F' && order === 'F') return;
  const reason =
    layout === 'forward'
      ? `${name} has no negative strides`
      : `${name} has no strides, the view is not ${layout === 'C' ? 'C-' : ''}contiguous`;
  if (layout !== 'forward' || strides.some((step) => step < 0))
    throw refusal('ERR_NBUF_CONTIGUITY', reason);
}

function checkReach({ name, maxEntries = Infinity }: Need, entries: number): void {
  if (entries > maxEntries)
    throw refusal(
      'ERR_NBUF_UNSUPPORTED',
      `${name} reaches ${maxEntries} entries, these elements lie among ${entries}`,
    );
}

/** The buffer; what it throws gets the remedy. */
export function bufferOf(view: FullView): ArrayBufferLike {
  try {
    return view.buffer;
  } catch (cause) {
    if (!isRefusal(cause)) throw cause;
    throw refusal(cause.code, cause.message, cause);
  }
}

function expose(view: FullView, need: Need): Exposed {
  const { from, to, reason } = planOf(view, need);
  if (reason !== null) throw refusal('ERR_NBUF_FORMAT', reason);
  if (view.readonly)
    throw refusal('ERR_NBUF_READONLY', 'the view is readonly, typed arrays cannot be');
  const { unit, entries } = from;
  const shape = [...view.shape];
  const step = need.pairs === true ? from.itemsize : unit;
  const strides = elementStrides(view as never, step).map((n) => n * (step / unit));
  const order = orderOf(shape, strides, entries);
  checkLayout(need, strides, order);
  const { low, high } = reachOf(shape, strides, entries);
  const start = high === 0 ? 0 : view.byteOffset + low * unit;
  if (start % step !== 0)
    throw refusal(
      'ERR_NBUF_STRIDES',
      `typed arrays of ${step}-byte entries start at multiples of that, this view at byte ${start}`,
    );
  checkReach(need, high - low);
  const buffer = bufferOf(view);
  if (need.unshared === true && types.isSharedArrayBuffer(buffer))
    throw refusal('ERR_NBUF_UNSUPPORTED', `${need.name} takes no SharedArrayBuffer`);
  const data = new to.TypedArray(buffer, start, high - low);
  return { data, shape, strides, offset: 0 - low, dtype: to, order, copied: false };
}

/** In C order, unless it is Fortran-contiguous and the neighbour can say that. */
function copyOf(view: FullView, need: Need): Exposed {
  const { to } = planOf(view, need);
  const shape = [...view.shape];
  if (view.size * to.entries > (need.maxEntries ?? Infinity))
    throw new BufferError(
      'ERR_NBUF_UNSUPPORTED',
      `${need.name} reaches ${need.maxEntries} entries, a copy has ${view.size * to.entries}`,
    );
  const keepsF = need.layout !== 'C' && !view.isContiguous('C') && view.isContiguous('F');
  const order = keepsF ? 'F' : 'C';
  const data = newArray(to, view.size);
  const format = formatsEqual(view.format, 'c') ? 'c' : to.format;
  const layout = { shape, strides: contiguousStrides(shape, to.itemsize, order), format };
  const target = acquireAs(data, layout, { writable: true });
  try {
    target.copyFrom(view, { convert: 'same-kind' });
  } finally {
    target.release();
  }
  const strides = contiguousStrides(shape, to.entries, order);
  return { data, shape, strides, offset: 0, dtype: to, order, copied: true };
}

const COPY_HELPS: readonly unknown[] = [
  'ERR_NBUF_CONTIGUITY',
  'ERR_NBUF_STRIDES',
  'ERR_NBUF_SUBOFFSETS',
  'ERR_NBUF_FORMAT',
  'ERR_NBUF_READONLY',
  'ERR_NBUF_UNSUPPORTED',
  'ERR_NBUF_EXTERNAL_FORBIDDEN',
];

/** Is it about the layout, the format or the access, and not about the life of the memory? */
export function isRefusal(error: unknown): error is BufferError {
  return error instanceof BufferError && COPY_HELPS.includes(error.code);
}

export type CopyChoice = 'never' | 'if-needed' | 'always';

export function copyChoice(options: unknown): CopyChoice {
  if (options === undefined) return 'never';
  if (typeof options !== 'object' || options === null)
    throw typeError(`options: expected an object, found ${kindOf(options)}`);
  const { copy = 'never' } = options as CopyOptions;
  if (copy === 'never' || copy === 'if-needed' || copy === 'always') return copy;
  throw rangeError("options.copy: expected 'never', 'if-needed' or 'always'");
}

/** What `share` returns; or of `make`, which copies, as `copy` says. */
export function shareOrCopy<T>(copy: CopyChoice, share: () => T, make: () => T): T {
  if (copy === 'always') return make();
  try {
    return share();
  } catch (error) {
    if (copy === 'never' || !isRefusal(error)) throw error;
    return make();
  }
}

/**
 * A view's elements in a typed array: its own memory where the neighbour can say the layout,
 * else a refusal with the reason, or a copy as `options.copy` says. A typed array that is the
 * view's memory ends (length 0) with the release of its provider.
 */
export function exposeOrCopy(value: View, need: Need, options?: CopyOptions): Exposed {
  const copy = copyChoice(options);
  const view = checkView(value);
  return shareOrCopy(
    copy,
    () => expose(view, need),
    () => copyOf(view, need),
  );
}
