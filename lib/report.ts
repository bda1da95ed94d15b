/** report(): who holds what in this process, as far as nbuf can know. */
import { isMainThread, threadId } from 'node:worker_threads';
import { holderOf } from './holders.ts';
import { check, type NativeBuffer, type NativeProvider, native } from './native.ts';
import { isTracking } from './tracking.ts';

/** A live provider. Null: not requested, or not known. */
export type ProviderReport = {
  /** As in a lock error: `label ← parent's label` of a view's. Null: it has none. */
  readonly label: string | null;
  /** Milliseconds since the acquire; null without label and tracking. */
  readonly age: number | null;
  /** Extents in elements. */
  readonly shape: readonly number[] | null;
  readonly format: string | null;
  /** Bytes that its elements take. */
  readonly byteLength: number | null;
  readonly readonly: boolean | null;
  readonly locks: { readonly memory: boolean; readonly layout: boolean };
  /** Is it a packed copy instead of the exporter's memory? */
  readonly copied: boolean;
  /**
   * 'here': a Provider of this thread's JavaScript. 'elsewhere': of native code or another thread,
   * or held by nbuf itself ('IndirectArray', 'ArrayBuffer'), on an array of this package.
   */
  readonly held: 'here' | 'elsewhere';
  /** Where it was acquired, one call a line, if `trackProviders(true)` was on; else null. */
  readonly stack: string | null;
};

/** An ArrayBuffer of nbuf's that JavaScript was given in this thread, and that keeps bytes. */
export type BufferReport = {
  readonly byteLength: number;
  /** Live providers of this thread over its block. */
  readonly providers: number;
  /**
   * 'attached': usable until the last provider is released. 'kept': usable as long as it is
   * reachable, because a provider of it was collected unreleased, or it could not be detached.
   * 'moved': transferred by its user; the bytes stay until V8 drops them. 'waiting': released and
   * detached; the bytes stay until the object is collected.
   */
  readonly state: 'attached' | 'kept' | 'moved' | 'waiting';
};

/** Plain data: it can be given to JSON.stringify and console.table. */
export type Report = {
  /** 0 on the main thread. */
  readonly thread: number;
  /** Was trackProviders on when this was made? */
  readonly tracking: boolean;
  readonly providers: readonly ProviderReport[];
  readonly buffers: readonly BufferReport[];
  /** What was released and waits for garbage collection: bytes, in so many ArrayBuffers. */
  readonly waiting: { readonly bytes: number; readonly buffers: number };
  readonly totals: {
    /** Providers held here, and the bytes that their elements take, shared ones counted twice. */
    readonly here: number;
    readonly bytes: number;
    readonly elsewhere: number;
    readonly buffers: number;
    readonly bufferBytes: number;
  };
};

function providerOf(found: NativeProvider, held: 'here' | 'elsewhere'): ProviderReport {
  const { label, age, locks, stack } = holderOf(found);
  const { shape = null, format = null, byteLength = null, copied = false } = found;
  const { readonly = null } = found;
  return { label, age, shape, format, byteLength, readonly, locks, copied, held, stack };
}

const sum = (numbers: readonly (number | null)[]): number =>
  numbers.reduce<number>((total, each) => total + (each ?? 0), 0);

/**
 * All live providers of this thread; what native code and other threads hold of this package's
 * arrays (HostArray, MappedFile, IndirectArray) in this process, of each at most 1000 with a label,
 * those without one by their number only; the exposed ArrayBuffers of this thread; and the bytes
 * that wait for garbage collection here. It cannot know what two other addons hold of each other,
 * nor what another thread acquired from exporters that are not this package's.
 */
export function report(): Report {
  const waitingBytes = native.drain();
  const here = native.liveProviders().map((one) => providerOf(one, 'here'));
  const elsewhere = check<NativeProvider[]>(native.heldElsewhere()).map((one) =>
    providerOf(one, 'elsewhere'),
  );
  const buffers: BufferReport[] = native
    .liveBuffers()
    .map(({ byteLength, providers, state }: NativeBuffer) => ({
      byteLength,
      providers,
      state,
    }));
  const waiting = buffers.filter(({ state }) => state === 'waiting').length;
  return {
    thread: isMainThread ? 0 : threadId,
    tracking: isTracking,
    providers: [...here, ...elsewhere],
    buffers,
    waiting: { bytes: waitingBytes, buffers: waiting },
    totals: {
      here: here.length,
      bytes: sum(here.map(({ byteLength }) => byteLength)),
      elsewhere: elsewhere.length,
      buffers: buffers.length,
      bufferBytes: sum(buffers.map(({ byteLength }) => byteLength)),
    },
  };
}
