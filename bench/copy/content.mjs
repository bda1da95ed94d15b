// What lies in the sources: the same bytes in every worker (worker.py has the same function).

const PERIOD = 1048573; // a prime, so that no size or stride hides a shift

// 1 to 126: read as floating-point numbers, these are neither NaNs, which JavaScript may
// change, nor denormal, which processors take long for; in either byte order.
const tile = new Uint8Array(PERIOD);
for (let k = 0; k < PERIOD; k++)
  tile[k] = 1 + ((k * k * 31 + k * 17 + Math.floor(k / 8) * 7) % 126);

/** Fills the block of that number. */
export function fillBlock(bytes, number) {
  let from = (number * 7919) % PERIOD;
  for (let at = 0; at < bytes.length; from = 0) {
    const count = Math.min(PERIOD - from, bytes.length - at);
    bytes.set(tile.subarray(from, from + count), at);
    at += count;
  }
}
