/** `copyAsync`: copies on threads of their own. */
import { availableParallelism } from 'node:os';
import { checkSignal, type Listen, listenTo } from './abort.ts';
import { acquire } from './acquire.ts';
import { rangeError, show, typeError } from './errors.ts';
import { byteLengthOf } from './layout_check.ts';
import { checkStatus, native } from './native.ts';
import type { Provider } from './provider.ts';
import { partsOf } from './view.ts';
import { type Parts, passCopy } from './view_copy.ts';

export type CopyAsyncOptions = {
  /**
   * At most so many threads at once, 1 to 64. Default: what the machine runs in parallel, up to
   * 4. A copy uses no more than it has pieces of 2 MiB.
   */
  threads?: number | undefined;
  /** Ends the copy with the signal's reason. */
  signal?: AbortSignal | undefined;
  /**
   * Called on this thread now and then, with bytes of the target; never with less than before,
   * and last with both equal. What it throws ends the copy.
   */
  onProgress?: ((copiedBytes: number, totalBytes: number) => void) | undefined;
};

const MAX_THREADS = 64; // as in chunk_threads.h
const RUNNING = 0; // stages, as in copy_async.cc
const COMPLETE = 1;

type Settings = {
  readonly threads: number;
  readonly signal: AbortSignal | undefined;
  readonly listen: Listen;
  readonly onProgress: CopyAsyncOptions['onProgress'];
};

function checkThreads(threads: unknown): number {
  if (threads === undefined) return Math.min(availableParallelism(), 4);
  if (typeof threads !== 'number')
    throw typeError(`threads: expected a number, found ${show(threads)}`);
  if (!Number.isInteger(threads) || threads < 1 || threads > MAX_THREADS)
    throw rangeError(
      `threads: expected an integer from 1 to ${MAX_THREADS}, found ${show(threads)}`,
    );
  return threads;
}

function checkOptions(options: unknown): Settings {
  if (typeof options !== 'object' || options === null)
    throw typeError(`options: expected an object, found ${show(options)}`);
  const { threads, signal, onProgress } = options as CopyAsyncOptions;
  if (onProgress !== undefined && typeof onProgress !== 'function')
    throw typeError(`onProgress: expected a function, found ${show(onProgress)}`);
  return {
    threads: checkThreads(threads),
    signal,
    listen: listenTo(signal),
    onProgress,
  };
}

/** One copy under way. It settles once, after its threads have ended. */
class Copying {
  readonly #settings: Settings;
  readonly #total: number;
  /** The native copy's number; -1 before its start. */
  #number = -1;
  #failure: { readonly reason: unknown } | null = null;

  constructor(settings: Settings, total: number) {
    this.#settings = settings;
    this.#total = total;
  }

  /** Ends it early. The first reason counts. */
  fail(reason: unknown): void {
    this.#failure ??= { reason };
    if (this.#number >= 0) native.cancelCopy(this.#number);
  }

  run(to: Parts, from: Parts): Promise<void> {
    const { threads, onProgress } = this.#settings;
    const { promise, resolve, reject } = withResolvers();
    const report = (part: number, stage: number): void => {
      if (stage === RUNNING) {
        this.#progress(Math.floor(part * this.#total));
        return;
      }
      this.#number = -1; // it may be another copy's from now on
      if (stage === COMPLETE) this.#progress(this.#total);
      if (this.#failure === null) resolve();
      else reject(this.#failure.reason);
    };
    if (this.#failure !== null) throw this.#failure.reason;
    const [target, source] = passCopy(to, from);
    this.#number = checkStatus(
      native.copyAsync(target, source, threads, onProgress ? 1 : 0, report),
    );
    return promise;
  }

  #progress(copied: number): void {
    const { onProgress } = this.#settings;
    if (this.#failure !== null || onProgress === undefined) return;
    try {
      onProgress(copied, this.#total);
    } catch (error) {
      this.fail(error);
    }
  }
}

/** As Promise.withResolvers, which Node 20 does not have. */
function withResolvers(): {
  promise: Promise<void>;
  resolve: () => void;
  reject: (reason: unknown) => void;
} {
  let resolve!: () => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<void>((done, failed) => {
    resolve = done;
    reject = failed;
  });
  return { promise, resolve, reject };
}

/** Runs the copy between two providers, listening to the signal meanwhile. */
async function copyBetween(to: Parts, from: Parts, settings: Settings): Promise<void> {
  const { signal } = settings;
  const { shape, itemsize } = to.info.layout;
  const copying = new Copying(settings, byteLengthOf(shape, itemsize));
  const unlisten = settings.listen(() => copying.fail(signal?.reason));
  try {
    checkSignal(signal); // user code ran since the last look
    await copying.run(to, from);
  } finally {
    unlisten();
  }
}

/** A provider that no garbage collection and no release by others can end. */
function hold(source: unknown, writable: boolean): Provider {
  return acquire(source, { writable, pin: true, layout: 'snapshot', label: 'copyAsync' });
}

/**
 * `target[...] = source[...]` as `copyFrom` has it, on other threads: broadcast to the target's
 * shape, exact under overlap, formats equivalent (FORMAT). Both are anything that exports, or
 * views; each is held by a provider of its own (label `copyAsync`, memory lock) until the promise
 * settles, so both may be released meanwhile. What others write to the source in the meantime
 * may or may not be copied.
 *
 * Memory that JavaScript owns (typed arrays on a plain ArrayBuffer) cannot be held: UNSUPPORTED.
 * Copy it first, into a HostArray or a SharedArrayBuffer, or use `copyFrom`.
 *
 * Rejects with what `acquire` throws (READONLY, RELEASED, ...), FORMAT, ERR_OUT_OF_RANGE for
 * shapes that do not fit, NOMEM where the system has no thread, or no memory for a temporary;
 * with the signal's reason; with what `onProgress` throws. In the last two cases the target is
 * partly written. The threads are not libuv's, so that file operations go on. The copy keeps the
 * event loop alive, and is cancelled when its worker ends.
 */
export async function copyAsync(
  target: unknown,
  source: unknown,
  options: CopyAsyncOptions = {},
): Promise<void> {
  const settings = checkOptions(options);
  checkSignal(settings.signal);
  const to = hold(target, true);
  try {
    const from = hold(source, false);
    try {
      await copyBetween(partsOf(to) as Parts, partsOf(from) as Parts, settings);
    } finally {
      from.release();
    }
  } finally {
    to.release();
  }
}
