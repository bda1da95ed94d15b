// What scijs and stdlib have in common: typed arrays, strides counted in elements.

const BYTES = 64 * 2 ** 20;
const ELEMENTS = 32 * 2 ** 20;

/** Why a copy is not measured with an array library in JavaScript, or null. */
export function leftOut({ itemsize, shape, swap, bytes, dst, src }, types) {
  if (swap > 0) return 'has no byte order';
  if (types[itemsize] === undefined) return `has no items of ${itemsize} bytes`;
  if (bytes > BYTES || shape.reduce((all, extent) => all * extent, 1) > ELEMENTS)
    return 'too slow for this size';
  if (dst.views.length > 4096) return 'too slow for so many blocks';
  const isEven = ({ offset, strides }) =>
    [offset, ...strides].every((step) => step % itemsize === 0);
  return [...dst.views, ...src.views].every(isEven) ? null : 'elements are not aligned';
}

/**
 * Arrays made by `make(data, shape, strides, offset)`, counted in elements, of both sides:
 * [[target, source], …], a pair for each row where there are pointers; and the target's bytes.
 */
export function pairsOf({ dst, src, itemsize }, Type, make, fillBlock) {
  const sideOf = ({ blocks, views }, fill) => {
    const data = blocks.map((size, number) => {
      const bytes = new Uint8Array(size);
      if (fill) fillBlock(bytes, number);
      return bytes;
    });
    const arrays = views.map(({ block, shape, strides, offset }) =>
      make(
        new Type(data[block].buffer),
        shape,
        strides.map((stride) => stride / itemsize),
        offset / itemsize,
      ),
    );
    return { data, arrays };
  };
  const to = sideOf(dst, false);
  const from = sideOf(src, true);
  const pairs = to.arrays.map((target, index) => [target, from.arrays[index]]);
  return { pairs, target: to.data };
}
