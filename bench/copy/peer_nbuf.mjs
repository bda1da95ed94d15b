// nbuf, through its public functions only: copyFrom between views.
import * as nbuf from 'nbuf';

const FORMATS = { 1: 'B', 2: 'H', 4: 'f', 8: 'd', 16: 'Zd' };

/** The format, in the other byte order if it shall be `swapped`. */
function formatOf(itemsize, swapped) {
  return `${swapped ? '>' : '<'}${FORMATS[itemsize] ?? `${itemsize}s`}`;
}

/** The blocks of a side, each with its view's layout, and a provider that holds each. */
function arraysOf({ blocks, views, whole }, format, fill) {
  return blocks.map((size, number) => {
    const array = nbuf.HostArray.allocate([size]);
    const provider = nbuf.acquire(array, { writable: true });
    const bytes = provider.typedArray();
    if (fill !== null) fill(bytes, number);
    else bytes.fill(0); // real pages before the first copy
    const { shape, strides, offset } = whole ?? views[number];
    provider.unlockLayout();
    array.setLayout({ shape, strides, offset, format });
    return { array, provider, bytes };
  });
}

/** Pointers to the rows where there are any; a plain view of one block else. */
function viewOf(side, arrays, request) {
  if (side.axes === null) return nbuf.acquire(arrays[0].array, request);
  const rows = nbuf.IndirectArray.fromRows(arrays.map(({ array }) => array));
  return nbuf.acquire(rows, request).transpose(...side.axes);
}

export function prepare({ dst, src, itemsize, swap }, fillBlock) {
  if ((dst.axes ?? src.axes) !== null && nbuf.IndirectArray === undefined)
    return { left: 'no IndirectArray in this build' };
  const to = arraysOf(dst, formatOf(itemsize, false), null);
  const from = arraysOf(src, formatOf(itemsize, swap > 0), fillBlock);
  const target = viewOf(dst, to, { writable: true });
  const source = viewOf(src, from, {});
  const options = swap > 0 ? { convert: 'same-kind' } : undefined;
  return {
    copy(count) {
      for (let k = 0; k < count; k++) target.copyFrom(source, options);
    },
    target: to.map(({ bytes }) => bytes),
    free() {
      for (const { array } of [...to, ...from]) array.dispose();
    },
  };
}
