/** What the tests of saveNpy share: sources of known content, and what happened to them. */

import { acquire, type BufferError, HostArray, openNpy, type View } from 'nbuf';

export const MIB: number = 2 ** 20;

/** Bytes 1 in `count` elements; written from where they lie, in pieces of at most 16 MiB. */
export function ones(count = 3): HostArray {
  const array = HostArray.allocate([count], 'B');
  const provider = acquire(array, { writable: true });
  provider.fill(1);
  provider.release();
  return array;
}

/** The same as every second byte of an array: packed, in pieces of at most 4 MiB. */
export function spacedOnes(count: number): View {
  return acquire(ones(2 * count)).slice([null, null, 2]);
}

/** Both, with a length that takes three pieces. */
export const THREE_PIECES: readonly [string, () => HostArray | View, number][] = [
  ['written directly', () => ones(36 * MIB), 36 * MIB],
  ['packed', () => spacedOnes(9 * MIB), 9 * MIB],
];

/** The length and first byte of what a file holds. */
export function contentOf(path: string): number[] {
  const provider = acquire(openNpy(path, { mode: 'r' }));
  const values = provider.toBytes();
  provider.release();
  return [values.length, values[0] ?? -1];
}

export async function failureOf(saving: Promise<void>): Promise<BufferError> {
  try {
    await saving;
  } catch (error) {
    return error as BufferError;
  }
  throw new Error('expected an error');
}
