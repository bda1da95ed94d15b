/** The elements of a view into a file: from where they lie, or packed piece by piece. */

import { BORROWED } from './flags.ts';
import { newBytes } from './js_memory.ts';
import { isContiguous, type Layout, makeLayout, packedStrides } from './layout.ts';
import { byteLengthOf } from './layout_check.ts';
import { checkStatus, native, passLayout } from './native.ts';
import { pieces } from './npy_pieces.ts';
import type { SaveTarget } from './npy_target.ts';
import type { Root } from './root.ts';

/** Bytes that are packed while as many others are being written. */
const PACKED_BYTES = 4 << 20;

/** Bytes that are written at once from where they lie. */
const DIRECT_BYTES = 16 << 20;

type Report = (doneBytes: number, totalBytes: number) => void;

function pack(root: Root, piece: Layout, bytes: Uint8Array): void {
  const { shape, itemsize } = piece;
  const index = root.live();
  passLayout(piece, 0);
  passLayout(makeLayout(shape, packedStrides(shape, itemsize, 'C'), 0, itemsize), 1);
  checkStatus(native.pack(index, bytes));
}

/** Packs into one buffer while the other is written. */
async function writePacked(
  target: SaveTarget,
  root: Root,
  layout: Layout,
  report: (doneBytes: number) => void,
): Promise<void> {
  const total = byteLengthOf(layout.shape, layout.itemsize);
  let free = newBytes(Math.min(total, PACKED_BYTES));
  let busy = newBytes(total > PACKED_BYTES ? PACKED_BYTES : 0);
  let given = 0;
  let writing: Promise<void> | null = null;
  try {
    for (const piece of pieces(layout, PACKED_BYTES)) {
      const length = byteLengthOf(piece.shape, piece.itemsize);
      pack(root, piece, free);
      await writing;
      if (writing !== null) report(given);
      writing = target.write(free.subarray(0, length));
      given += length;
      [free, busy] = [busy, free];
    }
    await writing;
    report(given);
  } finally {
    // The file may only be closed when nobody writes it any more.
    await Promise.allSettled([writing]);
  }
}

async function writeDirectly(
  target: SaveTarget,
  root: Root,
  layout: Layout,
  report: (doneBytes: number) => void,
): Promise<void> {
  let done = 0;
  for (const piece of pieces(layout, DIRECT_BYTES)) {
    const length = byteLengthOf(piece.shape, piece.itemsize);
    await target.writeBlock(root.live(), piece.offset, length);
    done += length;
    report(done);
  }
}

/** Another thread may read it: not JavaScript's own, which can be freed meanwhile. */
function isDirect(root: Root, layout: Layout): boolean {
  const { flags, blockSize } = root.info.described;
  return (
    process.platform !== 'win32' && // where file descriptors are not the system's
    blockSize > 0 &&
    (flags & BORROWED) === 0 &&
    isContiguous(layout, 'C')
  );
}

/**
 * Writes the elements in C order. `report` is called after each piece, at last with both
 * numbers equal; what it throws ends the writing.
 */
export async function writeElements(
  target: SaveTarget,
  root: Root,
  layout: Layout,
  report: Report,
): Promise<void> {
  const total = byteLengthOf(layout.shape, layout.itemsize);
  const tell = (done: number) => report(done, total);
  if (total === 0) tell(0);
  else if (isDirect(root, layout)) await writeDirectly(target, root, layout, tell);
  else await writePacked(target, root, layout, tell);
}
