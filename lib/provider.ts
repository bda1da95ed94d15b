/** Provider: what `acquire` returns and the caller releases; a view of itself. */
import { BufferError } from './errors.ts';
import { checkStatus, native, releaseSlot } from './native.ts';
import { giveSlot, type ProviderInfo, Root, releasedError, type Slot } from './root.ts';
import { partsOf, View } from './view.ts';
import type { ViewInfo } from './view_info.ts';

/** Which locks of the exporter a provider holds. */
export type Locks = { readonly memory: boolean; readonly layout: boolean };

/** What stands behind a packed copy that was made because the request needed one. */
export type CopySource = {
  /** The provider of the real memory, to write back to; null when nothing is written back. */
  readonly source: Provider | null;
};

let warned = false;

function warnOfWaiting(): void {
  if (warned) return;
  warned = true;
  process.emitWarning(
    'More bytes than NBUF_WAITING_LIMIT (default 1 GiB) were released but wait for garbage ' +
      'collection, because their ArrayBuffers were exposed. Return to the event loop between ' +
      'frames, give bytes to asynchronous code with lend(), read elements without exposing ' +
      'the buffer, or use unsafeRelease().',
    { code: 'NBUF_WAITING' },
  );
}

/** Collected unreleased copies: what was written to them is lost. */
const discarded = new FinalizationRegistry<string>((label) => {
  process.emitWarning(
    `A writable copy${label} was garbage collected without release(): it was not written back.`,
    { code: 'NBUF_DISCARDED' },
  );
});

export class Provider extends View {
  readonly #root: Root;
  readonly #label: string | undefined;
  #copy: CopySource | null = null;

  /** @internal Providers come from `acquire`. */
  constructor(root: Root, info: ViewInfo, label: string | undefined) {
    super(root, info);
    this.#root = root;
    this.#label = label;
  }

  /** @internal */
  static make(
    slot: Slot,
    info: ProviderInfo,
    view: ViewInfo,
    label: string | undefined,
  ): Provider {
    return new Provider(new Root(slot, info), view, label);
  }

  /** @internal Marks this provider as standing in for `source`. */
  static markCopy(provider: Provider, copy: CopySource): void {
    provider.#copy = copy;
    const { label } = provider;
    if (copy.source !== null)
      discarded.register(
        provider,
        label === undefined ? '' : ` ('${label}')`,
        provider.#root,
      );
  }

  /** The label of the request. Readable after release. */
  get label(): string | undefined {
    return this.#label;
  }
  /** Was it released? */
  get released(): boolean {
    return this.#root.released;
  }
  /** Is this a packed copy instead of the exporter's memory? */
  get copied(): boolean {
    this.#root.live();
    return this.#copy !== null;
  }
  /** Which locks it still holds. */
  get locks(): Locks {
    if (this.#root.released) return { memory: false, layout: false };
    return { memory: true, layout: native.holdsLayout(this.#root.live()) };
  }

  /**
   * Drops the locks at once. The last release over a block detaches its exposed ArrayBuffer;
   * its bytes stay allocated until that is collected (DESIGN 6.2). Idempotent. A writable copy
   * is written back first.
   */
  release(): void {
    if (this.#copy?.source) this.#writeBack(this.#copy.source);
    else if (this.#end(false)) warnOfWaiting();
  }

  [Symbol.dispose](): void {
    this.release();
  }

  /**
   * As `release`, but frees the bytes at once. A call of fs, zlib, sharp, ... that still uses
   * them then writes into freed memory: only where you know that there is none.
   */
  unsafeRelease(): void {
    if (this.#copy?.source) this.#writeBack(this.#copy.source);
    else this.#end(true);
  }

  /** Gives the layout lock back and keeps the memory lock. Idempotent; THROWS after release. */
  unlockLayout(): void {
    if (this.#root.released) throw releasedError();
    checkStatus(native.unlockLayout(this.#root.live()));
  }

  /** True when more bytes wait for collection than should. */
  #end(freeNow: boolean): boolean {
    const root = this.#root;
    const slot = root.slot;
    if (slot === null) return false;
    root.released = true;
    root.slot = null;
    const waits = releaseSlot(slot.index, freeNow);
    giveSlot(slot);
    return waits > 0 && !freeNow;
  }

  #writeBack(source: Provider): void {
    this.#copy = { source: null };
    discarded.unregister(this.#root);
    try {
      source.copyFrom(this);
    } catch (error) {
      throw new BufferError('ERR_NBUF_DETACHED', 'the copy could not be written back', {
        cause: error,
      });
    } finally {
      this.release();
      source.release();
    }
  }
}

/** Is this a provider that can still be used? */
export function isLive(provider: Provider): boolean {
  const parts = partsOf(provider);
  return parts !== null && !parts.root.released;
}
