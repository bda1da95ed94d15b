/**
 * What a provider and all views of it share: the native slot, and the buffer through which
 * JavaScript sees the memory. Views hold it, so that a view keeps its provider's locks until
 * the provider is released or all of them are collected.
 */
import { BufferError } from './errors.ts';
import { isExposedBuffer, markExposed } from './exposed.ts';
import { BORROWED, ENV_BOUND } from './flags.ts';
import { detached, hasNoBytes } from './js_memory.ts';
import {
  check,
  checkStatus,
  type Described,
  type External,
  native,
  type PartMemory,
  releaseSlot,
} from './native.ts';
import { RemoteView } from './remote_view.ts';
import { forget, hasNotes } from './tracking.ts';

/** A native provider's place; an External's finalizer frees it. Recycled: making one is slow. */
export type Slot = { readonly external: External; readonly index: number };

const MAX_FREE = 1024;
const freeSlots: Slot[] = [];

export function takeSlot(): Slot {
  const slot = freeSlots.pop();
  if (slot !== undefined) return slot;
  const external = check(native.newSlot());
  return { external, index: native.slotIndex(external) };
}

export function giveSlot(slot: Slot): void {
  if (freeSlots.length < MAX_FREE) freeSlots.push(slot);
}

/** The granted fields of a provider, shared by all providers of one layout and request. */
export type ProviderInfo = PartMemory & {
  readonly described: Described;
  /** Of an indirect one: does JavaScript know its own memory among the parts? */
  readonly knowsParts: boolean;
};

/** Of a provider with no memory of JavaScript's behind it. */
export const PINNED: PartMemory = { jsBuffer: null, shift: 0, isShared: false };

let sharedEmpty = new ArrayBuffer(0);

function isUsable(buffer: ArrayBufferLike): boolean {
  try {
    new Uint8Array(buffer);
    return true;
  } catch {
    return false;
  }
}

/**
 * Blocks without bytes have JavaScript's own buffer, if that was not detached, or share one
 * ordinary buffer; whoever detached it gets them a new one.
 */
function emptyBuffer(own: ArrayBufferLike | null): ArrayBufferLike {
  if (own !== null && isUsable(own)) return own;
  if (!isUsable(sharedEmpty)) sharedEmpty = new ArrayBuffer(0);
  return sharedEmpty;
}

/** What stands behind a packed copy that was made because the request needed one. */
export type CopySource = {
  /** The provider of the real memory, to write back to; null when nothing is written back. */
  readonly source: { copyFrom(copy: unknown): void; release(): void } | null;
};

/** What only some providers come to need. */
type Extra = {
  /** Accesses so far that did without a buffer. */
  early: number;
  /** Set when the provider is a packed copy. */
  copy: CopySource | null;
  dataView: DataView | null;
  /** The blocks of elements of an indirect provider, as far as somebody asked for them. */
  parts: Root[];
  /** Of a part: the indirect provider, which keeps its locks as long as a part is in use. */
  owner: Root | null;
};

/**
 * Why a block has no buffer while its elements can be had one by one: it is too large for one
 * here, externals are forbidden, or user code has transferred the buffer.
 */
const WITHOUT_BUFFER: readonly string[] = [
  'ERR_NBUF_UNSUPPORTED',
  'ERR_NBUF_EXTERNAL_FORBIDDEN',
  'ERR_NBUF_DETACHED',
];

const LARGE_BLOCK = 2 ** 26;
const FEW_ACCESSES = 64;

// Few fields: one is made at each acquire.
export class Root {
  /** Null once released. */
  slot: Slot | null;
  readonly info: ProviderInfo;
  readonly label: string | undefined;
  /** The buffer once there is one; of JavaScript's own memory from the start. */
  buffer: ArrayBufferLike | null;
  #extra: Extra | null = null;

  constructor(slot: Slot, info: ProviderInfo, label: string | undefined) {
    this.slot = slot;
    this.info = info;
    this.label = label;
    this.buffer = info.jsBuffer;
  }

  get released(): boolean {
    return this.slot === null;
  }

  get #more(): Extra {
    this.#extra ??= { early: 0, copy: null, dataView: null, parts: [], owner: null };
    return this.#extra;
  }

  get copy(): CopySource | null {
    return this.#extra === null ? null : this.#extra.copy;
  }
  set copy(copy: CopySource | null) {
    this.#more.copy = copy;
  }

  /** The slot's index for a native call, while the provider lives. */
  live(): number {
    if (this.slot === null) throw releasedError();
    return this.slot.index;
  }

  /** Gives the slot back, and those of all parts; true when more bytes wait than should. */
  end(freeNow: boolean): boolean {
    const { slot } = this;
    if (slot === null) return false;
    this.slot = null;
    if (hasNotes) forget(slot.index);
    let waits = releaseSlot(slot.index, freeNow) > 0;
    giveSlot(slot);
    if (this.#extra !== null)
      for (const part of this.#extra.parts) if (part?.end(freeNow)) waits = true;
    return waits;
  }

  /**
   * A block of elements of an indirect provider (1, 2, ...; block 0 has the pointers): the root
   * of a provider of all its bytes, which ends with this one.
   */
  part(block: number): Root {
    const { parts } = this.#more;
    parts[block] ??= this.#openPart(block);
    return parts[block];
  }

  #openPart(block: number): Root {
    const parent = this.live();
    const slot = takeSlot();
    try {
      checkStatus(native.acquirePart(parent, slot.index, block));
    } catch (error) {
      giveSlot(slot);
      throw error;
    }
    const described = check<Described>(native.describe(slot.index));
    const memory = check<PartMemory | null>(native.partMemory(parent, block)) ?? PINNED;
    const part = new Root(slot, { described, ...memory, knowsParts: false }, this.label);
    part.#more.owner = this;
    return part;
  }

  /** The bytes of the block start here in `buffer`. */
  get shift(): number {
    return this.info.shift;
  }

  /** Reaches the memory for elements: no user code will see this buffer. */
  private reach(): ArrayBufferLike | null {
    const index = this.live();
    const { blockSize, flags } = this.info.described;
    if (blockSize === 0) return emptyBuffer(this.buffer);
    if (this.buffer !== null) {
      this.checkAttached();
      return this.isAttached() ? this.buffer : null;
    }
    // Another environment's or JavaScript's own memory must not be wrapped a second time.
    if ((flags & (BORROWED | ENV_BOUND)) !== 0) return null;
    const buffer = native.buffer(index, 0);
    if (typeof buffer !== 'number') {
      this.buffer = buffer;
      return buffer;
    }
    const code = native.statusCode(-buffer);
    if (WITHOUT_BUFFER.includes(code)) return null;
    return check<ArrayBuffer>(buffer);
  }

  /**
   * Serves the first few accesses to a large block: V8 takes the bytes of a buffer for garbage
   * that it should collect soon, so that wrapping 1 GiB for one element costs milliseconds.
   */
  early(): DataView | null {
    const { blockSize } = this.info.described;
    if (blockSize < LARGE_BLOCK || this.buffer !== null) return null;
    const more = this.#more;
    if (more.early >= FEW_ACCESSES) return null;
    more.early++;
    return this.remote();
  }

  /** The whole block byte by byte, at any alignment. */
  view(): DataView {
    const more = this.#more;
    if (more.dataView === null || !this.isAttached()) {
      const buffer = this.reach();
      more.dataView = buffer === null ? this.remote() : new DataView(buffer);
    }
    return more.dataView;
  }

  /** The buffer for user code: from now on its bytes outlive the release until collected. */
  expose(): ArrayBufferLike {
    const index = this.live();
    const { blockSize, flags } = this.info.described;
    if (blockSize === 0) return emptyBuffer(this.buffer);
    if (this.buffer !== null && isExposedTo(this)) {
      if (!this.isAttached()) throw detached();
      return this.buffer;
    }
    if ((flags & (BORROWED | ENV_BOUND)) !== 0)
      throw new BufferError(
        'ERR_NBUF_UNSUPPORTED',
        "this memory belongs to JavaScript elsewhere: use its own buffer, or copy: 'if-needed'",
      );
    const buffer = check<ArrayBuffer>(native.buffer(index, 1));
    markExposed(buffer, () => native.blockKey(index));
    this.buffer = buffer;
    return buffer;
  }

  /** Is the buffer, if there is one, still over the memory? User code may have transferred it. */
  isAttached(): boolean {
    const { buffer, info } = this;
    // Not buffer.byteLength: an own property could lie, and run code in the middle of a call.
    return (
      buffer === null ||
      info.described.blockSize === 0 ||
      !hasNoBytes(buffer, info.isShared)
    );
  }

  /** Throws where the memory went with the buffer, because JavaScript owns it. */
  checkAttached(): void {
    if (this.info.jsBuffer !== null && !this.isAttached()) throw detached();
  }

  /** The block's elements one by one: no buffer is at hand, or it was transferred. */
  remote(): DataView {
    this.checkAttached();
    return new RemoteView(() => this.live()) as unknown as DataView;
  }
}

/** Has user code seen the root's buffer already? */
function isExposedTo(root: Root): boolean {
  return root.info.jsBuffer !== null || isExposedBuffer(root.buffer as ArrayBufferLike);
}

export function releasedError(): BufferError {
  return new BufferError('ERR_NBUF_RELEASED', 'the provider was released');
}
