/**
 * Stands in for a DataView where no ArrayBuffer can be had: blocks larger than the runtime
 * wraps (Node 20: 4 GiB), and runtimes that forbid external buffers. Each access is a native
 * call that checks the bounds.
 */
import { checkStatus, native } from './native.ts';

const bytes = new Uint8Array(8);
const item = new DataView(bytes.buffer);
const pieces = {
  1: bytes.subarray(0, 1),
  2: bytes.subarray(0, 2),
  4: bytes.subarray(0, 4),
  8: bytes,
};

export class RemoteView {
  readonly #slot: () => number;

  constructor(slot: () => number) {
    this.#slot = slot;
  }

  #load(offset: number, size: 1 | 2 | 4 | 8): DataView {
    checkStatus(native.peek(this.#slot(), offset, pieces[size]));
    return item;
  }

  #store(offset: number, size: 1 | 2 | 4 | 8): void {
    checkStatus(native.poke(this.#slot(), offset, pieces[size]));
  }

  getInt8(offset: number): number {
    return this.#load(offset, 1).getInt8(0);
  }
  getUint8(offset: number): number {
    return this.#load(offset, 1).getUint8(0);
  }
  getInt16(offset: number, little?: boolean): number {
    return this.#load(offset, 2).getInt16(0, little);
  }
  getUint16(offset: number, little?: boolean): number {
    return this.#load(offset, 2).getUint16(0, little);
  }
  getInt32(offset: number, little?: boolean): number {
    return this.#load(offset, 4).getInt32(0, little);
  }
  getUint32(offset: number, little?: boolean): number {
    return this.#load(offset, 4).getUint32(0, little);
  }
  getFloat32(offset: number, little?: boolean): number {
    return this.#load(offset, 4).getFloat32(0, little);
  }
  getFloat64(offset: number, little?: boolean): number {
    return this.#load(offset, 8).getFloat64(0, little);
  }
  getBigInt64(offset: number, little?: boolean): bigint {
    return this.#load(offset, 8).getBigInt64(0, little);
  }
  getBigUint64(offset: number, little?: boolean): bigint {
    return this.#load(offset, 8).getBigUint64(0, little);
  }

  setInt8(offset: number, value: number): void {
    item.setInt8(0, value);
    this.#store(offset, 1);
  }
  setUint8(offset: number, value: number): void {
    item.setUint8(0, value);
    this.#store(offset, 1);
  }
  setInt16(offset: number, value: number, little?: boolean): void {
    item.setInt16(0, value, little);
    this.#store(offset, 2);
  }
  setUint16(offset: number, value: number, little?: boolean): void {
    item.setUint16(0, value, little);
    this.#store(offset, 2);
  }
  setInt32(offset: number, value: number, little?: boolean): void {
    item.setInt32(0, value, little);
    this.#store(offset, 4);
  }
  setUint32(offset: number, value: number, little?: boolean): void {
    item.setUint32(0, value, little);
    this.#store(offset, 4);
  }
  setFloat32(offset: number, value: number, little?: boolean): void {
    item.setFloat32(0, value, little);
    this.#store(offset, 4);
  }
  setFloat64(offset: number, value: number, little?: boolean): void {
    item.setFloat64(0, value, little);
    this.#store(offset, 8);
  }
  setBigInt64(offset: number, value: bigint, little?: boolean): void {
    item.setBigInt64(0, value, little);
    this.#store(offset, 8);
  }
  setBigUint64(offset: number, value: bigint, little?: boolean): void {
    item.setBigUint64(0, value, little);
    this.#store(offset, 8);
  }
}
