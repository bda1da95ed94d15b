// An image whose rows are memory of their own: the C++ decoder follows pointers, the C one
// has not asked for any.
import { createRequire } from 'node:module';
import { acquire, HostArray, IndirectArray } from 'nbuf';

const { decodeInto } = createRequire(import.meta.url)(process.env.GUIDE_CONSUMER);
const rows = [0, 1].map(() => HostArray.allocate([3]));
const image = acquire(IndirectArray.fromRows(rows), { writable: true });
try {
  decodeInto(Uint8Array.of(2, 5, 4, 6), image.transpose());
  console.log(String(image.toArray()));
} catch (error) {
  console.log(error.code);
}
