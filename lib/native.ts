/**
 * The only load of the `.node` file. JavaScript passes
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
import { atExit } from './exit.ts';
import type { Layout, Levels } from './layout.ts';
import type { Native } from './native_types.ts';
import { type Refusal, refusalOf, refusalText } from './refusal.ts';

export type {
  ArrayState,
  Described,
  DescribedLevels,
  External,
  NativeBuffer,
  NativeHolder,
  NativeProvider,
  PartMemory,
} from './native_types.ts';

// The CommonJS bundle's import.meta is empty; __dirname counts only there, for `node -p`
// defines a global one.
export const here: string =
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
// JavaScript still runs, after all handlers that might still use the buffers or move them.
if (!isMainThread)
  atExit((isLast) => {
    if (isLast) native.noteExit();
  });

const { words, acquireArrayFast, copy, release } = native;

/** The error of a negative status. */
export function nativeError(status: number): Error {
  const message = native.lastError(); // first: every other call clears it
  native.lastRefusal();
  const [unmet = 0, grantable = 0] = words;
  const code = native.statusCode(-status);
  if (code === 'ERR_OUT_OF_RANGE') return rangeError(message);
  if (code === 'ERR_INVALID_ARG_TYPE') return typeError(message);
  if (unmet === 0) return new BufferError(code as BufferErrorCode, message);
  const refusal: Refusal = refusalOf(unmet, grantable);
  return new BufferError(code as BufferErrorCode, refusalText(message, refusal), refusal);
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

/** Where layouts are passed, and where `locate` and `follow` answer. */
export const scratch: Float64Array = native.scratch;

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

/**
 * target (layout 0) = source (layout 1), for their slots. `swap`: bytes of each group that is
 * reversed on the way, 0 for none.
 */
export function copyLayouts(target: number, source: number, swap: number): void {
  words[0] = target;
  words[1] = source;
  words[2] = swap;
  copy();
  checkStatus(words[3] as number);
}

const MAX_AXES = 64;
const LAYOUT_LENGTH = 4 + 4 * MAX_AXES;

/** Writes a layout where the next native call reads it; nothing may run in between. */
export function passLayout(layout: Layout, which: 0 | 1 = 0): void {
  const { shape, strides, levels } = layout;
  let at = which * LAYOUT_LENGTH;
  scratch[at] = shape.length;
  scratch[at + 1] = layout.offset;
  scratch[at + 2] = layout.itemsize;
  scratch[at + 3] = 1;
  at += 4;
  for (let k = 0; k < shape.length; k++) {
    scratch[at + k] = shape[k] as number;
    scratch[at + MAX_AXES + k] = strides[k] as number;
  }
  if (levels !== null) passLevels(levels, at);
}

function passLevels({ axis, post }: Levels, at: number): void {
  scratch[at - 1] = post.length + 1;
  for (let k = 0; k < axis.length; k++)
    scratch[at + 2 * MAX_AXES + k] = axis[k] as number;
  for (let k = 0; k < post.length; k++)
    scratch[at + 3 * MAX_AXES + k] = post[k] as number;
}

/** Writes an element's index, one integer for each axis, for `locate`; after passLayout. */
export function passIndex(index: readonly number[]): void {
  for (let k = 0; k < index.length; k++) scratch[LAYOUT_LENGTH + k] = index[k] as number;
}
