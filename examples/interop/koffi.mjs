// C functions work on memory of nbuf, and nbuf on memory that C functions return.
import assert from 'node:assert/strict';
import koffi from 'koffi';
import { acquire, HostArray } from 'nbuf';
import { toPointer, unsafeFromPointer } from 'nbuf/interop';

const c = koffi.load(process.platform === 'win32' ? 'msvcrt.dll' : null); // null: this process
const memset = c.func('void *memset(void *to, int byte, size_t size)');
const malloc = c.func('void *malloc(size_t size)');
const free = c.func('void free(void *memory)');
koffi.proto('int Compare(const void *a, const void *b)');
const qsort = c.func('void qsort(void *base, size_t n, size_t size, Compare *compare)');

// Out: an address, and the sizes that the C function needs. The provider holds the memory: keep
// it until the call has returned.
{
  const numbers = acquire(HostArray.from([3, 1, 2]), { writable: true, label: 'qsort' });
  const { pointer, itemsize } = toPointer(numbers);
  qsort(pointer, numbers.size, itemsize, (a, b) => {
    return koffi.decode(a, 'double') - koffi.decode(b, 'double');
  });
  assert.deepEqual(numbers.toArray(), [1, 2, 3]);

  // A function that knows no strides must get elements in one piece.
  const every2nd = numbers.slice([null, null, 2]);
  assert.throws(() => toPointer(every2nd), { code: 'ERR_NBUF_CONTIGUITY' });
  numbers.release();
}

// In: memory that C allocated, with a layout, until nobody uses it; then it is freed.
{
  const memory = malloc(4 * 4 * 4);
  memset(memory, 0, 4 * 4 * 4);
  const freed = new Promise((resolve) => {
    const matrix = unsafeFromPointer(
      memory,
      4 * 4 * 4,
      { shape: [4, 4], format: 'f', free: () => resolve(free(memory)) },
      { writable: true },
    );
    matrix.slice(1, ':').fill(1.5);
    assert.equal(koffi.decode(memory, 4 * 4, 'float'), 1.5);
    matrix.release();
  });
  await freed;
}
console.log('koffi: sorted in place, and given back to free()');
