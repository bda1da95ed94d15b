// As koffi.mjs, with the node:ffi of Node 26.9 and later.
import assert from 'node:assert/strict';
import { builtinModules } from 'node:module';
import { acquire, HostArray } from 'nbuf';
import { toPointer, unsafeFromPointer } from 'nbuf/interop';

if (!builtinModules.includes('node:ffi')) {
  console.log(`node:ffi: this Node (${process.version}) has none`);
  process.exit();
}
const ffi = await import('node:ffi');
const path = { linux: 'libc.so.6', darwin: 'libSystem.B.dylib', win32: 'msvcrt.dll' };
const { functions, lib } = ffi.dlopen(path[process.platform], {
  memset: { arguments: ['pointer', 'int32', 'uint64'], return: 'pointer' },
  malloc: { arguments: ['uint64'], return: 'pointer' },
  free: { arguments: ['pointer'], return: 'void' },
});
const { memset, malloc, free } = functions;

// Out: the provider holds the memory while the C function uses it.
{
  const image = acquire(HostArray.allocate([4, 6, 3], 'B'), { writable: true });
  const row = toPointer(image.slice(2));
  memset(row.pointer, 255, BigInt(row.byteLength));
  assert.equal(image.get(2, 5, 2), 255);
  assert.equal(image.get(3, 0, 0), 0);
  // The same bytes, as node:ffi sees them.
  assert.equal(ffi.getUint8(row.pointer, 0), 255);
  assert.equal(ffi.getRawPointer(image.bytes()), toPointer(image).pointer);
  const copied = new Uint8Array(ffi.toArrayBuffer(row.pointer, row.byteLength, true));
  assert.ok(copied.length === 18 && copied.every((byte) => byte === 255));
  image.release();
}

// In: C's memory, freed once nobody uses it. `owner` keeps what it needs reachable.
{
  const memory = malloc(16n);
  memset(memory, 1, 16n);
  const freed = new Promise((resolve) => {
    const words = unsafeFromPointer(memory, 16, {
      shape: [2, 2],
      format: 'i',
      owner: lib,
      free: () => resolve(free(memory)),
    });
    assert.deepEqual(words.toArray(), [
      [0x01010101, 0x01010101],
      [0x01010101, 0x01010101],
    ]);
    new Int32Array(ffi.toArrayBuffer(memory, 16, false))[3] = 7; // the same bytes again
    assert.equal(words.get(1, 1), 7);
    words.release();
  });
  await freed;

  // JavaScript's own bytes by their address: the owner keeps them alive.
  const bytes = new Uint8Array(64).fill(5);
  const { byteLength } = bytes;
  const view = unsafeFromPointer(ffi.getRawPointer(bytes), byteLength, { owner: bytes });
  assert.equal(view.get(63), 5);
  view.release();
}
console.log('node:ffi: written in place, and given back to free()');
