/** Provider: what `acquire` returns and the caller releases; a view of itself. */
import type { ElementValue } from './elements.ts';
import { BufferError } from './errors.ts';
import type { ElementOf } from './format_types.ts';
import { checkStatus, native } from './native.ts';
import type { Grant } from './request_types.ts';
import type { CopySource, Root, Slot } from './root.ts';
import { isTracking, noteAcquire } from './tracking.ts';
import { getAny, partsOf, setAny, View } from './view.ts';
import { giveAccess, isForNames } from './view_access.ts';
import type { Parts } from './view_copy.ts';
import type { ViewInfo } from './view_info.ts';

/** Which locks of the exporter a provider holds. */
export type Locks = { readonly memory: boolean; readonly layout: boolean };

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

function rootOf(provider: Provider): Root {
  return (partsOf(provider) as Parts).root;
}

/** Marks a provider as standing in for `source`. */
export function markCopy(provider: Provider, copy: CopySource): void {
  const root = rootOf(provider);
  root.copy = copy;
  native.noteCopy(root.live());
  const { label } = root;
  if (copy.source !== null)
    discarded.register(provider, label === undefined ? '' : ` ('${label}')`, root);
}

// No fields and no constructor of its own: that halves what making one costs.
export class Provider<
  F extends string = string,
  E extends ElementValue = ElementOf<F>,
  G extends Grant = Grant,
> extends View<F, E, G> {
  /** The label of the request. Readable after release. */
  get label(): string | undefined {
    return rootOf(this).label;
  }
  /** Was it released? */
  get released(): boolean {
    return rootOf(this).released;
  }
  /** Is this a packed copy instead of the exporter's memory? */
  get copied(): boolean {
    const root = rootOf(this);
    root.live();
    return root.copy !== null;
  }
  /** Which locks it still holds. */
  get locks(): Locks {
    return { memory: true, layout: native.holdsLayout(rootOf(this).live()) };
  }

  /**
   * Drops the locks at once. The last release over a block detaches its exposed ArrayBuffer;
   * its bytes stay allocated until that is collected (DESIGN 6.2). Idempotent. A writable copy
   * is written back first.
   */
  release(): void {
    const root = rootOf(this);
    if (root.copy?.source) writeBack(this, root, root.copy.source);
    else if (root.end(false)) warnOfWaiting();
  }

  [Symbol.dispose](): void {
    this.release();
  }

  /**
   * As `release`, but frees the bytes at once. A call of fs, zlib, sharp, ... that still uses
   * them then writes into freed memory: only where you know that there is none.
   */
  unsafeRelease(): void {
    const root = rootOf(this);
    if (root.copy?.source) writeBack(this, root, root.copy.source);
    else root.end(true);
  }

  /** Gives the layout lock back and keeps the memory lock. Idempotent; THROWS after release. */
  unlockLayout(): void {
    checkStatus(native.unlockLayout(rootOf(this).live()));
  }
}

// Its constructor passes the Root on to whatever its prototype is: nobody may replace that.
Object.preventExtensions(Provider);

/** As OtherView. */
class OtherProvider extends Provider {}
giveAccess(OtherProvider.prototype, getAny, setAny);
Object.preventExtensions(OtherProvider);

export function makeProvider(root: Root, view: ViewInfo): Provider {
  if (isTracking) noteAcquire(root.slot as Slot);
  return isForNames(view) ? new Provider(root, view) : new OtherProvider(root, view);
}

function writeBack(
  provider: Provider,
  root: Root,
  source: NonNullable<CopySource['source']>,
): void {
  root.copy = { source: null };
  discarded.unregister(root);
  try {
    source.copyFrom(provider);
  } catch (cause) {
    throw new BufferError('ERR_NBUF_DETACHED', 'the copy could not be written back', {
      cause,
    });
  } finally {
    root.end(false);
    source.release();
  }
}
