// @stdlib's ndarrays: its own function for copies, which works in blocks.
import { peer } from '../peers.mjs';
import { leftOut, pairsOf } from './js_arrays.mjs';

const ndarray = peer('@stdlib/ndarray-ctor');
const assign = peer('@stdlib/ndarray-base-assign');
const Complex128Array = peer('@stdlib/array-complex128');
const TYPES = {
  1: ['uint8', Uint8Array],
  2: ['uint16', Uint16Array],
  4: ['float32', Float32Array],
  8: ['float64', Float64Array],
  16: ['complex128', Complex128Array],
};

export function prepare(copy, fillBlock) {
  const left = leftOut(copy, TYPES);
  if (left !== null) return { left };
  const [dtype, Type] = TYPES[copy.itemsize];
  const make = (data, shape, strides, offset) =>
    ndarray(dtype, data, shape, strides, offset, 'row-major');
  const { pairs, target } = pairsOf(copy, Type, make, fillBlock);
  const arguments_ = pairs.map(([to, from]) => [from, to]);
  return {
    copy(count) {
      for (let k = 0; k < count; k++) for (const both of arguments_) assign(both);
    },
    target,
  };
}
