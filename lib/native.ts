/**
 * The only load of the `.node` file, and the types of its free functions. JavaScript passes
 * small indices of things that it holds by an External; layouts travel through `scratch`.
 * A function that can fail returns a negative status; `check` makes the error of it.
 */
import { constants } from 'node:buffer';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { isMainThread } from 'node:worker_threads';
import { BufferError, type BufferErrorCode, rangeError, typeError } from './errors.ts';
import type { Layout } from './layout.ts';

/** A value of the addon that only its finalizer understands. */
export type External = { readonly __external: never };

/** A provider's fields as the core granted them; null = not requested. Sizes in bytes. */
export type Described = {
  readonly shape: number[] | null;
  readonly strides: number[] | null;
  readonly format: string | null;
  readonly itemsize: number;
  readonly byteLength: number;
  readonly ndim: number;
  readonly flags: number;
  /** First element, from the block's start. */
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
  readonly capacity: number;
  readonly memoryLocks: number;
  readonly layoutLocks: number;
  readonly disposed: boolean;
  readonly readonly: boolean;
};

type Native = {
  readonly scratch: Float64Array;
  /** Arguments 0 to 2 and result 3 of acquireArrayFast and release. */
  readonly words: Int32Array;
  lastError(): string;
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
    label?: string,
  ): number;
  acquireValue(
    value: unknown,
    slot: number,
    flags: number,
    jsBuffer: unknown,
    label?: string,
  ): number;
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
  setLayout(array: number, given: number, format?: string): number;
  resize(array: number): number;
  dispose(array: number): number;
  flush(array: number): number;
  arrayState(array: number): ArrayState | number;
  /** `swap`: bytes of each group that is reversed on the way, 0 for none. */
  copy(to: number, from: number, swap: number): number;
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
};

// The CommonJS bundle's import.meta is empty; __dirname counts only there, for `node -p`
// defines a global one.
const here =
  import.meta.url === undefined ? __dirname : dirname(fileURLToPath(import.meta.url));
const load = createRequire(join(here, 'package.json'))('node-gyp-build') as (
  root: string,
) => Native;

export const native: Native = load(join(here, '..', '..'));

/** Bytes that may wait for garbage collection before a warning says so. */
const waitingLimit = Number(process.env.NBUF_WAITING_LIMIT ?? 2 ** 30);

/**
 * ArrayBuffer.prototype.transfer as the engine has it, if it has: a polyfill on Node 20 clones
 * external buffers, and leaves them attached.
 */
function engineTransfer(): unknown {
  const { transfer } = ArrayBuffer.prototype as { transfer?: unknown };
  const isEngines =
    typeof transfer === 'function' &&
    Function.prototype.toString.call(transfer).includes('[native code]');
  return transfer === undefined || isEngines
    ? transfer
    : runInNewContext('ArrayBuffer.prototype.transfer');
}

const versions: NodeJS.ProcessVersions & { bun?: string; deno?: string } =
  process.versions;
const isNode = versions.bun === undefined && versions.deno === undefined;
native.configure(
  isNode ? 1 : 0,
  isMainThread ? 0 : 1,
  constants.MAX_LENGTH,
  Number.isFinite(waitingLimit) ? waitingLimit : 2 ** 30,
  engineTransfer(),
  queueMicrotask,
);

// A worker's end cannot tell moved buffers from unmoved ones (DESIGN 6.3): note it while
// JavaScript still runs, after all handlers that might still use the buffers or move them, and
// only when it is the end and not somebody's emit('exit').
if (!isMainThread) {
  const mark: unique symbol = Symbol.for('nbuf.exit') as never; // on each copy's note
  const note = () => {
    const { _exiting } = process as { _exiting?: unknown };
    const handlers = process.rawListeners('exit');
    const later = handlers.slice(handlers.indexOf(note) + 1);
    if (_exiting === true && later.every((handler) => mark in handler)) native.noteExit();
  };
  Object.defineProperty(note, mark, { value: true });
  process.on('exit', note);
  // Handlers that come later go before it. Copies of nbuf leave each other's where they are, or
  // they would take turns for ever.
  process.on('newListener', (event, handler: object) => {
    if (event === 'exit' && !(mark in handler))
      queueMicrotask(() => process.off('exit', note).on('exit', note));
  });
}

/** The error of a negative status. */
export function nativeError(status: number): Error {
  const message = native.lastError(); // first: every other call clears it
  const code = native.statusCode(-status);
  if (code === 'ERR_OUT_OF_RANGE') return rangeError(message);
  if (code === 'ERR_INVALID_ARG_TYPE') return typeError(message);
  return new BufferError(code as BufferErrorCode, message);
}

/** Throws the error of a negative status, returns everything else. */
export function check<T>(result: T | number): Exclude<T, number> {
  if (typeof result === 'number' && result < 0) throw nativeError(result);
  return result as Exclude<T, number>;
}

/** `check` for functions whose good results are numbers too. */
export function checkStatus(status: number): number {
  if (status < 0) throw nativeError(status);
  return status;
}

const { scratch, words, acquireArrayFast, release } = native;

/** Acquires without a label: the layout's epoch, or a negative status. */
export function fastAcquire(array: number, slot: number, flags: number): number {
  words[0] = array;
  words[1] = slot;
  words[2] = flags;
  acquireArrayFast();
  return words[3] as number;
}

/** Empties a slot; 1 when too many bytes wait for collection. */
export function releaseSlot(slot: number, freeNow: boolean): number {
  words[0] = slot;
  words[1] = freeNow ? 1 : 0;
  release();
  return words[3] as number;
}
const MAX_AXES = 64;
const LAYOUT_LENGTH = 3 + 2 * MAX_AXES;

/** Writes a layout where the next native call reads it; nothing may run in between. */
export function passLayout(layout: Layout, which: 0 | 1 = 0): void {
  const { shape, strides } = layout;
  let at = which * LAYOUT_LENGTH;
  scratch[at] = shape.length;
  scratch[at + 1] = layout.offset;
  scratch[at + 2] = layout.itemsize;
  at += 3;
  for (let k = 0; k < shape.length; k++) {
    scratch[at + k] = shape[k] as number;
    scratch[at + MAX_AXES + k] = strides[k] as number;
  }
}
