/** `acquireAs`: contiguous bytes, seen in a layout that their owner does not know. */
import { acquireDirectly, acquireView, checkOwned, orCopy } from './acquire.ts';
import { formatOf } from './elements.ts';
import { BufferError, show, typeError } from './errors.ts';
import { Flags, type Request, requestOf } from './flags.ts';
import { type HostArray, recordOf } from './host_array.ts';
import { checkObject, type LayoutOptions, layoutOf } from './host_array_options.ts';
import { extent, type Layout, makeLayout } from './layout.ts';
import type { Provider } from './provider.ts';
import type {
  AnyRequest,
  Grant,
  Granted,
  KnownOptions,
  ProviderOf,
} from './request_types.ts';
import { partsOf } from './view.ts';
import type { Parts } from './view_copy.ts';
import { ViewInfo } from './view_info.ts';

/** A layout over the bytes of a source. `strides` and `offset` in bytes, `shape` in elements. */
export type SourceLayout<F extends string = string> = LayoutOptions<F> & {
  readonly shape: readonly number[];
};

type Asked = {
  readonly layout: Layout;
  readonly format: string;
  readonly readonly: boolean;
};

/** Converts the layout argument; its getters run here, once each. */
function askedLayout(value: unknown): Asked {
  const { shape, strides, offset, format, itemsize, readonly } = checkObject(
    value,
    'layout',
  );
  if (shape === undefined)
    throw typeError('layout.shape: expected an array of integers, found undefined');
  if (readonly !== undefined && typeof readonly !== 'boolean')
    throw typeError(`layout.readonly: expected a boolean, found ${show(readonly)}`);
  return layoutOf({ shape, strides, offset, format, itemsize, readonly }, 0);
}

/** What a provider of the bytes must have for the provider of the layout to have it. */
const PASSED_ON =
  Flags.WRITABLE | Flags.LAYOUT_SNAPSHOT | 0x40000; /* NBUF_REQUIRE_PINNED */

/** The layout where the bytes of `source` lie in their block; BOUNDS unless it stays in them. */
function placed({ layout }: Asked, bytes: Layout): Layout {
  const { low, high } = extent(layout);
  const length = bytes.shape[0] as number;
  if (low < 0 || high > length)
    throw new BufferError(
      'ERR_NBUF_BOUNDS',
      `the layout takes bytes ${low} to ${high} of a source of ${length} bytes; ` +
        'shape, strides and offset count from its first byte',
    );
  const { shape, strides, itemsize } = layout;
  return makeLayout(shape, strides, bytes.offset + layout.offset, itemsize);
}

/** Do lock errors list what is made of its provider, too? Then they would name the label twice. */
function countsWindows(source: unknown): boolean {
  if (typeof source !== 'object' || source === null) return false;
  return recordOf(source) !== null || partsOf(source) !== null;
}

/** A refusal of the bytes themselves, which is not about the layout that was asked for. */
function notInOnePiece(error: unknown): unknown {
  const code = error instanceof BufferError ? error.code : null;
  const remedy = 'acquire a view of it and use toContiguous()';
  if (code === 'ERR_NBUF_SUBOFFSETS')
    return new BufferError(code, `the source's elements lie behind pointers: ${remedy}`, {
      cause: error,
    });
  if (code !== 'ERR_NBUF_CONTIGUITY' && code !== 'ERR_NBUF_STRIDES') return error;
  const message = `the source's bytes are not in one piece in C order: ${remedy}`;
  return new BufferError('ERR_NBUF_STRIDES', message, { cause: error });
}

/** The bytes of `source`, in C order. */
function acquireBytes(source: unknown, request: Request): Provider {
  const label = countsWindows(source) ? undefined : request.label;
  const ask = (flags: number) =>
    acquireDirectly(source, { flags, mayCopy: false, label });
  try {
    return ask(request.flags & PASSED_ON);
  } catch (error) {
    const { unmet = [] } = error instanceof BufferError ? error : {};
    const isAccess = (name: string) => name === 'WRITABLE' || name === 'REQUIRE_PINNED';
    // The layout's own refusal tells what would be granted of the layout.
    if (unmet.length > 0 && unmet.every(isAccess))
      return ask(request.flags & Flags.LAYOUT_SNAPSHOT);
    throw notInOnePiece(error);
  }
}

function viewBytes(source: unknown, asked: Asked, request: Request): Provider {
  const bytes = acquireBytes(source, request);
  try {
    checkOwned(bytes);
    const { root, info } = partsOf(bytes) as Parts;
    const layout = placed(asked, info.layout);
    const format = formatOf(asked.format, layout.itemsize);
    const readonly = asked.readonly || info.readonly;
    const view = new ViewInfo(layout, format, readonly, null);
    return acquireView({ root, info: view }, request);
  } finally {
    bytes.release(); // what was made of it keeps the memory
  }
}

/**
 * As `acquire`, but sees the bytes of `source` in another layout, without a copy: for memory
 * whose shape somebody else knows. `source` is a TypedArray, DataView, Buffer, ArrayBuffer or
 * SharedArrayBuffer, a view, or anything else that exports contiguous bytes. `layout.shape` is
 * in elements; `strides` (default C-contiguous, any sign, 0 too) and `offset` (of the first
 * element from the source's first byte; default 0) in bytes; `format` defaults to 'B';
 * `readonly: true` makes a view that refuses to write.
 *
 * The provider holds the memory lock of the source as a view of it would, and no layout lock:
 * the layout is its own. JavaScript's own memory is kept alive, not in place: once it was
 * transferred, every access throws DETACHED.
 *
 * BOUNDS: an element would lie outside the source (not merely outside the buffer that it is a
 * window of). STRIDES or SUBOFFSETS: the source is not C-contiguous. READONLY:
 * `writable` was asked of a readonly source or layout. UNSUPPORTED: `pin`, where JavaScript
 * owns the memory; `copy: 'if-needed'` copies then, as it does for the demands of `contiguous`.
 */
export function acquireAs<
  const F extends string = 'B',
  const R extends AnyRequest = undefined,
>(
  source: unknown,
  layout: SourceLayout<F>,
  request?: R & KnownOptions<R>,
): ProviderOf<HostArray<F>, Granted<R>>;
export function acquireAs<const F extends string = 'B'>(
  source: unknown,
  layout: SourceLayout<F>,
  request: AnyRequest,
): ProviderOf<HostArray<F>, Grant>;
export function acquireAs(
  source: unknown,
  layout: SourceLayout,
  request?: AnyRequest,
): Provider {
  const wanted = requestOf(request);
  const asked = askedLayout(layout);
  return orCopy(wanted, (each) => viewBytes(source, asked, each), asked.readonly);
}
