/** The types of the addon's functions, and of what they return. */

/** A value of the addon that only its finalizer understands. */
export type External = { readonly __external: never };

/** The level in which each axis moves, and the bytes added behind each level's pointer. */
export type DescribedLevels = { readonly axis: number[]; readonly post: number[] };

/** JavaScript's own memory behind a part of an indirect array, and where the block starts in it. */
export type PartMemory = {
  readonly jsBuffer: ArrayBufferLike | null;
  readonly shift: number;
  readonly isShared: boolean;
};

/** A provider's fields as the core granted them; null = not requested. Sizes in bytes. */
export type Described = {
  readonly shape: number[] | null;
  readonly strides: number[] | null;
  readonly format: string | null;
  readonly itemsize: number;
  readonly byteLength: number;
  readonly ndim: number;
  readonly flags: number;
  /** Null where the layout is direct. */
  readonly levels: DescribedLevels | null;
  /** What PEP 3118 would say; null where it cannot, or has nothing to say. */
  readonly suboffsets: number[] | null;
  /** Of an indirect provider block 0 has the pointer tables, 1 ... have elements. */
  readonly blocks: number;
  /** First element, or first pointer of an indirect layout, from the start of block 0. */
  readonly offset: number;
  readonly blockSize: number;
  readonly blockAddress: bigint;
};

export type ArrayState = {
  readonly shape: number[];
  readonly strides: number[];
  readonly format: string;
  readonly itemsize: number;
  readonly byteLength: number;
  readonly offset: number;
  readonly levels: DescribedLevels | null;
  readonly suboffsets: number[] | null;
  readonly capacity: number;
  readonly memoryLocks: number;
  readonly layoutLocks: number;
  readonly disposed: boolean;
  readonly readonly: boolean;
};

/** One holder: `slot` is that of a provider of this environment, or -1. */
export type NativeHolder = {
  readonly label: string | null;
  /** Milliseconds; known of those with a label. */
  readonly age: number | null;
  readonly layout: boolean;
  readonly slot: number;
};

/** What is known of a live provider; of one held elsewhere without a label only that it is. */
export type NativeProvider = NativeHolder & {
  readonly shape?: number[] | null;
  readonly format?: string | null;
  readonly byteLength?: number;
  readonly readonly?: boolean;
  readonly copied?: boolean;
};

export type NativeBuffer = {
  readonly byteLength: number;
  readonly providers: number;
  readonly state: 'attached' | 'kept' | 'moved' | 'waiting';
};

/** The addon's exports. */
export type Native = {
  readonly scratch: Float64Array;
  /** Arguments 0 to 2 and result 3 of acquireArrayFast and release. */
  readonly words: Int32Array;
  lastError(): string;
  /** words 0 and 1: what of the last error's request is unmet, and what would be granted. */
  lastRefusal(): void;
  statusCode(status: number): string;
  configure(
    isNode: number,
    isWorker: number,
    maxBuffer: number,
    waitingLimit: number,
    transfer: unknown,
    microtask: typeof queueMicrotask,
  ): number;
  noteExit(): number;
  drain(): number;
  canWrap(): boolean;
  newSlot(): External | number;
  slotIndex(slot: External): number;
  acquireArray(array: number, slot: number, flags: number, label?: string): number;
  acquireArrayFast(): void;
  acquireView(
    parent: number,
    slot: number,
    flags: number,
    format: string,
    readonly: number,
    label?: string,
  ): number;
  acquireValue(
    value: unknown,
    slot: number,
    flags: number,
    jsBuffer: unknown,
    label?: string,
  ): number;
  /** The buffer of JavaScript's behind a slot: where its block starts there, -1 if it does not. */
  knowBuffer(slot: number, buffer: ArrayBufferLike, bytes: Uint8Array): number;
  describe(slot: number): Described | number;
  buffer(slot: number, expose: number): ArrayBuffer | number;
  blockKey(slot: number): bigint;
  release(): void;
  unlockLayout(slot: number): number;
  holdsLayout(slot: number): boolean;
  exportArray(array: number): External | number;
  exportView(slot: number, format: string, readonly: number): External | number;
  exportBlock(key: bigint, buffer: ArrayBuffer): External | number;
  arrayIndex(array: unknown): number;
  allocate(format: string, bytes: number, align: number): External | number;
  allocateFrom(format: string, bytes: Uint8Array, readonly: number): External | number;
  adopt(
    format: string,
    address: bigint,
    bytes: number,
    readonly: number,
    owner: unknown,
    free: unknown,
  ): External | number;
  mapFile(path: string, mode: number, offset: number, length: number): External | number;
  /** `given`: 1 shape, 2 strides, 4 format, 8 levels (then shape and strides too). */
  setLayout(array: number, given: number, format?: string): number;
  resize(array: number): number;
  dispose(array: number): number;
  flush(array: number): number;
  arrayState(array: number): ArrayState | number;
  copy(): void;
  copyAsync(
    to: number,
    from: number,
    threads: number,
    wantsProgress: number,
    report: (part: number, stage: number) => void,
  ): number;
  cancelCopy(copy: number): number;
  pack(view: number, bytes: Uint8Array): number;
  unpack(view: number, bytes: Uint8Array): number;
  fill(view: number, item: Uint8Array): number;
  /**
   * 1 equal, 0 not, of layouts 0 and 1. `how`: as bytes, or as numbers of 2, 4, 8 bytes (-0 is 0,
   * an item may be several); `nan`: 1 when NaN equals NaN; `swapA`, `swapB`: as for `copy`, 0 or
   * the size of the number.
   */
  equal(
    a: number,
    b: number,
    how: 0 | 1 | 2 | 3,
    nan: number,
    swapA: number,
    swapB: number,
  ): number;
  /** Who holds an array's memory; with `layoutOnly` 1, who holds its layout. At most 1000. */
  holders(array: number, layoutOnly: number): NativeHolder[] | number;
  liveProviders(): NativeProvider[];
  heldElsewhere(): NativeProvider[] | number;
  liveBuffers(): NativeBuffer[];
  noteCopy(slot: number): void;
  writeBlock(
    slot: number,
    offset: number,
    bytes: number,
    fd: number,
  ): Promise<number> | number;
  reserveSpace(fd: number, bytes: number): number;
  peek(slot: number, offset: number, item: Uint8Array): number;
  poke(slot: number, offset: number, item: Uint8Array): number;
  parseFormat(format: string, itemsize: number): Float64Array | number;
  /**
   * An array over the memory of live slots, locked as 'IndirectArray' until it goes; the layout
   * with levels in scratch. `entries`: pairs [part, byte offset], one for each table entry:
   * from the start of that part's block 0 (of its tables, where it is indirect itself), from
   * the start of these entries for part -1, a null pointer for part -2. `memories`, one for
   * each part, says which lie in JavaScript's own memory: checked whenever they are used.
   */
  makeIndirect(
    parts: readonly number[],
    entries: Float64Array,
    format: string,
    readonly: number,
    memories?: readonly (PartMemory | null)[],
  ): External | number;
  /** Fills `slot` with the bytes of element block `block` of an indirect parent. */
  acquirePart(parent: number, slot: number, block: number): number;
  /** What makeIndirect was given for the part that this block belongs to, or null. */
  partMemory(parent: number, block: number): PartMemory | null | number;
  /**
   * Where the last level of an indirect layout (in scratch) starts, for each combination of
   * its pointer axes (those of other levels with extent > 1 and stride != 0) in C order.
   */
  resolve(slot: number): { blocks: Int32Array; offsets: Float64Array } | number;
  /** One element, its index written by `passIndex`: the block; its byte offset in scratch[0]. */
  locate(slot: number): number;
  /**
   * Where level 1 of a layout (in scratch) starts, whose axes of level 0 stand at index 0: the
   * block (0: the tables, more levels follow); the byte offset in scratch[0].
   */
  follow(slot: number): number;
};
