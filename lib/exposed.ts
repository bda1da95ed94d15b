/** ArrayBuffers of nbuf that user code has seen: each leads back to its block. */
import { BufferError } from './errors.ts';
import { check, native } from './native.ts';

/** ArrayBuffers that user code has seen, with their block's key. */
const exposedBuffers = new WeakMap<ArrayBufferLike, bigint>();
export const EXPORTER: unique symbol = Symbol.for('nbuf.exporter') as never;

function exportOf(this: unknown): unknown {
  const buffer = this as ArrayBuffer;
  const key = typeof buffer === 'object' ? exposedBuffers.get(buffer) : undefined;
  if (key === undefined)
    throw new BufferError('ERR_NBUF_NOT_EXPORTER', 'not an ArrayBuffer of nbuf');
  const external = native.exportBlock(key, buffer);
  const isDetached =
    typeof external === 'number' && native.statusCode(-external) === 'ERR_NBUF_DETACHED';
  // Whoever asks sees that itself, and then says DETACHED instead of what this throws.
  return isDetached ? undefined : check(external);
}

const exporterProperty: PropertyDescriptor = {
  value: exportOf,
  enumerable: false,
  writable: false,
  configurable: true,
};

/** Does nbuf stand behind this buffer? */
export function isExposedBuffer(buffer: ArrayBufferLike): boolean {
  return exposedBuffers.has(buffer);
}

/** The block's buffer, from now on such a one. */
export function markExposed(buffer: ArrayBuffer, key: () => bigint): void {
  if (exposedBuffers.has(buffer)) return;
  exposedBuffers.set(buffer, key());
  Object.defineProperty(buffer, EXPORTER, exporterProperty);
}
