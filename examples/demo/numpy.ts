/** A .npy file: mapped into memory, viewed, and given to the C addon. */
import { basename } from 'node:path';
import { inspect } from 'node:util';
import { acquire, BufferError, type MappedFile, openNpy, type View } from 'nbuf';
import { stats } from './addons.ts';
import { DemoError } from './demo_error.ts';
import { formatBytes, formatTime, heading, statisticsTable, viewTable } from './show.ts';

const BINS = 32;

function open(path: string): MappedFile {
  try {
    return openNpy(path);
  } catch (error) {
    if (!(error instanceof BufferError)) throw error;
    const { message } = error;
    throw new DemoError(message.includes(path) ? message : `${path}: ${message}`);
  }
}

/** The addon takes a third axis for channels; here there is one. */
function asOneChannel(view: View): View {
  return view.ndim === 3 ? view.slice('...', 'newaxis') : view;
}

async function statisticsOf(view: View): Promise<string> {
  const start = performance.now();
  try {
    const { channels } = await stats(asOneChannel(view), { bins: BINS });
    const time = formatTime(performance.now() - start);
    return `${statisticsTable(['all'], channels)}  in ${time}\n`;
  } catch (error) {
    // The addon's choice, not nbuf's: it has code for the commonest formats only.
    return `  not by this addon: ${(error as Error).message}\n`;
  }
}

/** Every other entry of the first axis, and all axes in reverse. */
function partOf(view: View): { made: string; part: View } {
  if (view.ndim === 0) return { made: 'array.transpose()', part: view.transpose() };
  const part = view.slice([0, null, 2]).transpose();
  return { made: 'array.slice([0, null, 2]).transpose()', part };
}

/** The first elements: of many axes, the last two. */
function firstOf(view: View): View {
  return view.ndim > 2 && view.shape?.[0] !== 0 ? firstOf(view.slice(0)) : view;
}

async function describe(path: string, array: View): Promise<string> {
  const { made, part } = partOf(array);
  const note = (name: string, how: string, view: View) => ({
    name,
    made: how,
    shape: view.shape ?? [],
    strides: view.strides ?? [],
  });
  const views = [
    note('array', 'acquire(openNpy(path))', array),
    note('part', made, part),
  ];
  return [
    `${basename(path)}: NumPy, format '${array.format}', ${formatBytes(array.byteLength)}\n`,
    heading('Views: the file is mapped, nothing is read before it is used'),
    viewTable(views),
    heading('Statistics of `part`: a C addon reads it in place, on another thread'),
    await statisticsOf(part),
    heading('The first elements'),
    `${inspect(firstOf(array), { breakLength: 96 })}\n`,
  ].join('');
}

export async function demoNumPy(path: string): Promise<string> {
  const file = open(path);
  try {
    using array = acquire(file, { label: 'demo' });
    return await describe(path, array);
  } finally {
    file.dispose();
  }
}
