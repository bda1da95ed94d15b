/** What the tests of copyAsync share. */
import { acquire, HostArray } from 'nbuf';
import { expect } from 'vitest';

export const MIB: number = 2 ** 20;
export const unlocked: { memory: number; layout: number } = { memory: 0, layout: 0 };

/** Bytes that differ from their neighbours, all over a large array. */
export function counted(shape: readonly number[]): HostArray {
  const array = HostArray.allocate(shape, 'B');
  using p = acquire(array, { writable: true });
  const bytes = p.bytes();
  for (let k = 0; k < bytes.length; k++) bytes[k] = (k * 31 + (k >> 8)) & 255;
  return array;
}

export function bytesOf(source: unknown): Uint8Array {
  using p = acquire(source);
  return p.toBytes();
}

/** The error of a promise that has to be rejected. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('expected a rejection');
}

export async function refuses(code: string, promise: Promise<unknown>): Promise<Error> {
  const error = (await failureOf(promise)) as Error & { code?: string };
  expect(`${error.code} ${error.message}`).toMatch(new RegExp(`^${code} `));
  return error;
}
