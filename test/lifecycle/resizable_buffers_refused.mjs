// 3.4: the size of a resizable or growable buffer is no promise.
import { acquire, HostArray } from 'nbuf';
import { refuses } from './support/tools.mjs';

const resizable = new ArrayBuffer(8, { maxByteLength: 64 });
const growable = new SharedArrayBuffer(8, { maxByteLength: 64 });
const target = acquire(HostArray.allocate([8]), { writable: true });
for (const buffer of [resizable, growable]) {
  for (const source of [
    buffer,
    new Uint8Array(buffer),
    new Uint8Array(buffer, 2, 4),
    new Float32Array(buffer),
    new DataView(buffer),
    Buffer.from(buffer),
  ]) {
    refuses('ERR_NBUF_UNSUPPORTED', () => acquire(source));
    refuses('ERR_NBUF_UNSUPPORTED', () => acquire(source, { pin: true }));
    refuses('ERR_NBUF_UNSUPPORTED', () => target.copyFrom(source));
    refuses('ERR_NBUF_UNSUPPORTED', () => HostArray.from(source));
  }
}
// A copy of fixed size is fine.
acquire(resizable.slice(0)).release();
