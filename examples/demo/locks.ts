/** What the two locks refuse and allow, and what a release leaves behind. */
import { acquire, BufferError, type HostArray, type Provider, type View } from 'nbuf';
import type { Encode } from './encode.ts';

/** Calls and what came of them. */
export type LockStory = readonly {
  readonly call: string;
  readonly result: string;
  readonly reason?: string;
}[];

function attempt(call: string, work: () => void): LockStory[number] {
  try {
    work();
    return { call, result: 'done' };
  } catch (error) {
    if (!(error instanceof BufferError)) throw error;
    return { call, result: error.code, reason: error.message };
  }
}

const show = (extents: readonly number[] | null): string => `[${extents?.join(', ')}]`;

/** Changes to an array while an encoder works on its memory, on other threads. */
export async function tellLocks(packed: HostArray, encode: Encode): Promise<LockStory> {
  const [height = 0, width = 0] = packed.shape;
  const bigger = [2 * height, width, 4];
  const list = [height * width, 4];
  using pixels = acquire(packed, { label: 'encoder' });
  const encoding = pixels.lend((bytes) => encode(bytes, { width, height }));
  const setLayout = `packed.setLayout({ shape: ${show(list)} })`;
  const story = [
    attempt(`packed.resize(${show(bigger)})`, () => packed.resize(bigger)),
    attempt(setLayout, () => packed.setLayout({ shape: list })),
    attempt('pixels.unlockLayout()', () => pixels.unlockLayout()),
    attempt(setLayout, () => packed.setLayout({ shape: list })),
    {
      call: 'packed.shape, pixels.shape',
      result: `${show(packed.shape)}, ${show(pixels.shape)}`,
    },
  ];
  await encoding;
  pixels.release();
  const done = `await encoding; pixels.release(); packed.resize(${show(bigger)})`;
  return [...story, attempt(done, () => packed.resize(bigger))];
}

/** The last release over a memory detaches the ArrayBuffer that JavaScript was given. */
export function tellRelease(image: Provider, crop: View): LockStory {
  const stale = image.buffer;
  const before = stale.byteLength;
  image.release();
  return [
    { call: 'stale = image.buffer; stale.byteLength', result: `${before}` },
    { call: 'image.release(); stale.byteLength', result: `${stale.byteLength}` },
    attempt('crop.get(0, 0, 0)', () => void crop.get(0, 0, 0)),
  ];
}
