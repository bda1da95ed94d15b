/** `saveNpy`: views as NumPy's .npy files. */

import { checkIsSignal, checkSignal } from './abort.ts';
import { acquire } from './acquire.ts';
import { BufferError, rangeError, show, typeError } from './errors.ts';
import { treeOf } from './format_tree.ts';
import {
  isContiguous,
  type Layout,
  makeLayout,
  packedStrides,
  transpose,
} from './layout.ts';
import { byteLengthOf, MAX_NDIM } from './layout_check.ts';
import { movedBy, withInnerAxes } from './levels.ts';
import { checkPath } from './mapped_file.ts';
import { NpyFile } from './npy.ts';
import { type NpyUnits, npyElement } from './npy_descr.ts';
import { makeNpyHeader } from './npy_header.ts';
import { UNIT } from './npy_simple.ts';
import { SaveTarget } from './npy_target.ts';
import { writeElements } from './npy_write.ts';
import type { Root } from './root.ts';
import { partsOf } from './view.ts';
import type { Parts } from './view_copy.ts';

export type SaveNpyOptions = {
  /**
   * Called after each piece that was written, with bytes of elements; at last with both equal.
   * What it throws ends the saving.
   */
  onProgress?: ((doneBytes: number, totalBytes: number) => void) | undefined;
  /**
   * Which int64 items are datetimes, as `units` of what `openNpy` returns. Default: those of
   * `source`, where that is such a file.
   */
  units?: ReadonlyMap<string, string> | undefined;
  /** Ends the saving with the signal's reason. */
  signal?: AbortSignal | undefined;
};

function checkUnits(units: unknown, source: unknown): NpyUnits {
  if (units === undefined)
    return {
      byPath: source instanceof NpyFile ? source.units : new Map(),
      isStrict: false,
    };
  if (!(units instanceof Map))
    throw typeError(`units: expected a Map, found ${show(units)}`);
  const byPath = new Map<string, string>();
  for (const [path, unit] of units as Map<unknown, unknown>) {
    if (typeof path !== 'string' || typeof unit !== 'string')
      throw typeError(
        `units: expected strings, found ${show(path)} and ${show(unit)} in it`,
      );
    if (!UNIT.test(unit))
      throw rangeError(
        `units: expected such as 'datetime64[ns]' or 'timedelta64[25s]', found ${show(unit)}`,
      );
    byPath.set(path, unit);
  }
  return { byPath, isStrict: true };
}

type Settings = {
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
  readonly signal: AbortSignal | undefined;
  readonly units: NpyUnits;
};

function checkOptions(options: unknown, source: unknown): Settings {
  if (typeof options !== 'object' || options === null)
    throw typeError(`options: expected an object, found ${show(options)}`);
  const { onProgress, signal, units } = options as SaveNpyOptions;
  if (onProgress !== undefined && typeof onProgress !== 'function')
    throw typeError(`onProgress: expected a function, found ${show(onProgress)}`);
  checkIsSignal(signal);
  return {
    onProgress: onProgress ?? (() => {}),
    signal,
    units: checkUnits(units, source),
  };
}

/** What goes into the file. */
type Plan = {
  readonly header: Uint8Array;
  /** The elements that follow, in C order. */
  readonly layout: Layout;
};

/** In Fortran order where the memory is and as NumPy does; sub-arrays become axes. */
function planOf({ info }: Parts, units: NpyUnits): Plan {
  const { layout } = info;
  const tree = treeOf(info.format.text, layout.itemsize);
  const element = npyElement(tree, layout.itemsize, units);
  const inner = element.shape;
  const shape = [...layout.shape, ...inner];
  if (shape.length > MAX_NDIM)
    throw new BufferError(
      'ERR_NBUF_FORMAT',
      `saveNpy: expected at most ${MAX_NDIM} axes with those of the sub-array, found ${shape.length}`,
    );
  const strides = [...layout.strides, ...packedStrides(inner, element.itemsize, 'C')];
  const moved = movedBy(layout.offset, layout.levels, element.offset);
  const levels = withInnerAxes(moved.levels, inner.length);
  const made = makeLayout(shape, strides, moved.offset, element.itemsize, levels);
  const isFortran =
    inner.length === 0 && isContiguous(layout, 'F') && !isContiguous(layout, 'C');
  return {
    header: makeNpyHeader(element.descr, isFortran, shape),
    layout: isFortran ? transpose(made, []) : made,
  };
}

async function writeFile(
  path: string,
  { header, layout }: Plan,
  root: Root,
  settings: Settings,
): Promise<void> {
  const target = await SaveTarget.open(path);
  try {
    await target.reserve(header.length + byteLengthOf(layout.shape, layout.itemsize));
    await target.write(header);
    await writeElements(target, root, layout, (done, total) => {
      settings.onProgress(done, total);
      checkSignal(settings.signal);
    });
    await target.commit();
  } catch (error) {
    await target.discard();
    throw error;
  }
}

/**
 * Saves a view, or anything that exports, as a .npy file that NumPy loads bit for bit: dtype
 * with offsets, padding and byte order, shape, memory order. Fields without a name are called
 * f0, f1, ...; the axes of a lone sub-array become the array's last ones; a lone number in an
 * element with padding is saved without that.
 *
 * The source's memory is locked until the promise settles (holder `saveNpy`); what is written
 * to it meanwhile may or may not be saved. Memory that lies as in the file is written by another
 * thread without a copy, anything else through two buffers of 4 MiB. The file is complete when
 * it appears: it replaces an existing one, whose mode it keeps, at the end.
 *
 * Rejects with FORMAT for what NumPy has no dtype for (before a file is made), IO with the
 * system's error as `cause`, the signal's reason, and whatever `onProgress` throws; then no file
 * is left behind.
 */
export async function saveNpy(
  source: unknown,
  path: string | URL,
  options: SaveNpyOptions = {},
): Promise<void> {
  const file = checkPath(path);
  const settings = checkOptions(options, source);
  checkSignal(settings.signal);
  const provider = acquire(source, { label: 'saveNpy', layout: 'snapshot' });
  try {
    const parts = partsOf(provider) as Parts;
    await writeFile(file, planOf(parts, settings.units), parts.root, settings);
  } finally {
    provider.release();
  }
}
