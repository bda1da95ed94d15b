/**
 * Between copies of nbuf: a view over memory of JavaScript's own names the buffer, so that the
 * other copy can ask that for detachment, as this one does. The other copy believes only
 * what the native provider confirms: that the memory lies in this buffer.
 */
import { isSharedBuffer, jsMemoryOf } from './js_memory.ts';
import { native, type PartMemory } from './native.ts';

export const BUFFER: unique symbol = Symbol.for('nbuf.buffer') as never;

/** All bytes of the buffer that a value names; null for none. Runs user code, and throws nothing. */
export function bytesBehind(value: unknown): Uint8Array | null {
  if (typeof value !== 'object' || value === null) return null;
  try {
    const method: unknown = (value as { [BUFFER]?: unknown })[BUFFER];
    if (typeof method !== 'function') return null;
    const buffer: unknown = Reflect.apply(method, value, []);
    if (ArrayBuffer.isView(buffer)) return null;
    const memory = jsMemoryOf(buffer);
    return memory === null ? null : new Uint8Array(memory.buffer, 0, memory.byteLength);
  } catch {
    return null;
  }
}

/** Where the memory of a slot lies in those bytes; null if it does not. */
export function findIn(slot: number, bytes: Uint8Array): PartMemory | null {
  const { buffer } = bytes;
  const shift = native.knowBuffer(slot, buffer, bytes);
  return shift < 0 ? null : { jsBuffer: buffer, shift, isShared: isSharedBuffer(buffer) };
}
