/** `acquire`: a provider of anything that exports. */
import { BufferError } from './errors.ts';
import { isExposedBuffer } from './exposed.ts';
import {
  BORROWED,
  ENV_BOUND,
  Flags,
  FULL_REQUEST,
  type Request,
  requestOf,
  sourceFlags,
  withLevels,
} from './flags.ts';
import { type ArrayRecord, type HostArray, recordOf } from './host_array.ts';
import { indirectRecordOf } from './indirect_array.ts';
import { isSharedBuffer, type JsMemory, jsMemoryOf } from './js_memory.ts';
import { late } from './late.ts';
import { isContiguous } from './layout.ts';
import { bytesBehind, findIn } from './lent_buffer.ts';
import {
  check,
  type Described,
  fastAcquire,
  native,
  nativeError,
  type PartMemory,
  passLayout,
} from './native.ts';
import { makeProvider, markCopy, type Provider } from './provider.ts';
import type {
  AnyRequest,
  Grant,
  Granted,
  KnownOptions,
  ProviderOf,
} from './request_types.ts';
import { giveSlot, PINNED, Root, takeSlot } from './root.ts';
import { partsOf } from './view.ts';
import type { Parts } from './view_copy.ts';
import { infoOf, ViewInfo } from './view_info.ts';

function describe(slot: number): Described {
  return check(native.describe(slot));
}

/** An array of ours: its description is shared by all providers of one layout and request. */
function acquireArray(record: ArrayRecord, request: Request): Provider {
  const slot = takeSlot();
  const { flags, label } = request;
  const epoch =
    label === undefined
      ? fastAcquire(record.index, slot.index, flags)
      : native.acquireArray(record.index, slot.index, flags, label);
  if (epoch < 0) {
    giveSlot(slot);
    throw nativeError(epoch);
  }
  let known = record.granted;
  if (known === null || known.epoch !== epoch || known.flags !== flags) {
    const described = describe(slot.index);
    const info = { described, ...PINNED, knowsParts: true };
    known = { epoch, flags, info, view: infoOf(described) };
    record.granted = known;
  }
  return makeProvider(new Root(slot, known.info, label), known.view);
}

/** Takes a slot for `ask`, which fills it, and makes the provider. */
function acquireWith(
  request: Request,
  ask: (slot: number) => number,
  place: (described: Described, slot: number) => PartMemory & { knowsParts: boolean },
): Provider {
  const slot = takeSlot();
  let status: number;
  try {
    status = ask(slot.index);
  } catch (error) {
    giveSlot(slot);
    throw error;
  }
  if (status < 0) {
    giveSlot(slot);
    throw nativeError(status);
  }
  const described = describe(slot.index);
  const view: ViewInfo = infoOf(described);
  const info = { described, ...place(described, slot.index) };
  return makeProvider(new Root(slot, info, request.label), view);
}

/** A view: its own layout over its provider's memory, listed as `label ← parent's label`. */
export function acquireView(parts: Parts, request: Request): Provider {
  const { root, info } = parts;
  const parent = root.live();
  root.checkAttached();
  const { jsBuffer, shift, isShared, knowsParts } = root.info;
  return acquireWith(
    request,
    (slot) => {
      passLayout(info.layout);
      return native.acquireView(
        parent,
        slot,
        request.flags,
        info.format.text,
        info.readonly ? 1 : 0,
        ...labelOf(request),
      );
    },
    () => ({ jsBuffer, shift, isShared, knowsParts }),
  );
}

function labelOf(request: Request): [] | [string] {
  return request.label === undefined ? [] : [request.label];
}

function acquireValue(value: unknown, request: Request): Provider {
  const memory = jsMemoryOf(value);
  const own = memory !== null && !isExposedBuffer(memory.buffer) ? memory : null;
  const lent = memory === null ? bytesBehind(value) : null;
  return acquireWith(
    request,
    (slot) =>
      native.acquireValue(value, slot, request.flags, own?.buffer, ...labelOf(request)),
    (described, slot) => {
      // A buffer that carries somebody's exporter is not where that one's memory is locked.
      if ((described.flags & (BORROWED | ENV_BOUND)) === 0)
        return { ...PINNED, knowsParts: false };
      const found = lent === null ? null : findIn(slot, lent);
      return { ...(found ?? placeIn(own, described)), knowsParts: false };
    },
  );
}

/** Where the first block is in JavaScript's own memory, from which it was acquired. */
function placeIn(own: JsMemory | null, described: Described): PartMemory {
  if (own === null) return PINNED;
  const { buffer, byteOffset } = own;
  const shift = byteOffset - described.offset;
  return { jsBuffer: buffer, shift, isShared: isSharedBuffer(buffer) };
}

export function acquireDirectly(source: unknown, request: Request): Provider {
  if (typeof source === 'object' && source !== null) {
    const record = recordOf(source);
    if (record !== null) return acquireArray(record, request);
    const parts = partsOf(source);
    if (parts !== null) return acquireView(parts, request);
    const indirect = indirectRecordOf(source);
    if (indirect !== null) return acquireArray(indirect, request);
  }
  return acquireValue(source, request);
}

/**
 * Memory that JavaScript can free is only safe where its own buffer is at hand to be checked;
 * what an exporter of somebody else borrowed is not.
 */
export function checkOwned(provider: Provider): Provider {
  const { described, jsBuffer, knowsParts } = (partsOf(provider) as Parts).root.info;
  const isKnown = described.levels === null ? jsBuffer !== null : knowsParts;
  if ((described.flags & BORROWED) === 0 || isKnown) return provider;
  provider.release();
  throw new BufferError(
    'ERR_NBUF_UNSUPPORTED',
    "the exporter lends memory of JavaScript's, which may be gone later: acquire its typed array",
  );
}

const COPY_HELPS: readonly unknown[] = [
  'ERR_NBUF_CONTIGUITY',
  'ERR_NBUF_STRIDES',
  'ERR_NBUF_SUBOFFSETS',
  'ERR_NBUF_UNSUPPORTED',
  'ERR_NBUF_EXTERNAL_FORBIDDEN',
];

type Opener = (request: Request) => Provider;

/** A view of all of an array, which refuses to write. */
function acquireReadonly(record: ArrayRecord, request: Request): Provider {
  const all = acquireArray(record, FULL_REQUEST);
  try {
    const { root, info } = partsOf(all) as Parts;
    const view = new ViewInfo(info.layout, info.format, true, null);
    return acquireView({ root, info: view }, request);
  } finally {
    all.release(); // the view keeps the memory
  }
}

/** A packed copy in host memory, in an order that satisfies the request. */
function acquireCopy(
  open: Opener,
  request: Request,
  reason: unknown,
  isReadonly: boolean,
): Provider {
  const { flags } = request;
  const from = open({ ...request, flags: sourceFlags(request) });
  let array: HostArray | null = null;
  try {
    const layout = (partsOf(from) as Parts).info.layout;
    const wantsF = (flags & 0x58) === 0x58;
    const keepsF = isContiguous(layout, 'F') && !isContiguous(layout, 'C');
    const strided = (flags & 0x18) === 0x18;
    array = from.toContiguous(
      wantsF || (keepsF && strided && (flags & 0x38) !== 0x38) ? 'F' : 'C',
    );
    const record = recordOf(array) as ArrayRecord;
    const provider = isReadonly
      ? acquireReadonly(record, request)
      : acquireArray(record, request);
    const writable = (flags & 1) !== 0;
    markCopy(provider, { source: writable ? from : null });
    if (!writable) from.release();
    return provider;
  } catch (error) {
    from.release();
    if (error instanceof BufferError) error.cause ??= reason;
    throw error;
  } finally {
    array?.dispose(); // the memory goes with its provider
  }
}

/** What `open` grants, or a copy of what it grants to a lesser request; that `isReadonly`, too. */
export function orCopy(request: Request, open: Opener, isReadonly = false): Provider {
  if (!request.mayCopy) return checkOwned(open(request));
  try {
    return checkOwned(open(request));
  } catch (error) {
    const code = error instanceof BufferError ? error.code : undefined;
    if (!COPY_HELPS.includes(code)) throw error;
    return acquireCopy(open, request, error, isReadonly);
  }
}

/**
 * Acquires a provider of `source`: a HostArray, IndirectArray or MappedFile, a View or Provider, a TypedArray,
 * Buffer, DataView, ArrayBuffer or SharedArrayBuffer, or any object with a method at
 * `Symbol.for('nbuf.exporter')`. Release what it returns: `using p = acquire(x)`, or
 * `p.release()` in a `finally`.
 *
 * `request` is a `Flags` number (what was not asked for is null on the provider) or options;
 * the default is FULL_RO with both locks. Errors: READONLY, CONTIGUITY, STRIDES, SUBOFFSETS,
 * FORMAT as PEP 3118 has them; LOCKED while the exporter is being resized; RELEASED after
 * dispose; NOT_EXPORTER; DETACHED; BOUNDS and ABI for an exporter that lies; UNSUPPORTED for
 * resizable buffers, unknown flags, and `pin` where JavaScript owns the memory. The error of a
 * refused request says in `unmet` what is wrong with it, and in `grantable` what to ask for.
 */
export function acquire<S, const R extends AnyRequest = undefined>(
  source: S,
  request?: R & KnownOptions<R>,
): ProviderOf<S, Granted<R>>;
export function acquire<S>(source: S, request: AnyRequest): ProviderOf<S, Grant>;
export function acquire(source: unknown, request?: AnyRequest): Provider {
  const asked = requestOf(request);
  if (!asked.mayCopy) return checkOwned(acquireDirectly(source, asked));
  return orCopy(asked, (each) => acquireDirectly(source, each));
}

late.acquire = (source, flags, label) =>
  acquireDirectly(source, { flags: withLevels(flags), mayCopy: false, label });
late.hold = (source) => {
  const flags = withLevels(Flags.FULL_RO | Flags.LAYOUT_SNAPSHOT);
  return checkOwned(acquireDirectly(source, { flags, mayCopy: false, label: undefined }));
};
