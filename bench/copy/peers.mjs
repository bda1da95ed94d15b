/** The sides of the copy benchmark in the order of the table, and how they are called. */
export const PEERS = {
  nbuf: 'nbuf',
  memcpy: 'memcpy',
  numpy: 'NumPy',
  scijs: 'ndarray-ops',
  stdlib: '@stdlib',
  cpython: 'CPython',
};
