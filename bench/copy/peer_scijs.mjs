// scijs ndarray and ndarray-ops.
import { peer } from '../peers.mjs';
import { leftOut, pairsOf } from './js_arrays.mjs';

const ndarray = peer('ndarray');
const { assign } = peer('ndarray-ops');
const TYPES = { 1: Uint8Array, 2: Uint16Array, 4: Float32Array, 8: Float64Array };

export function prepare(copy, fillBlock) {
  const left = leftOut(copy, TYPES);
  if (left !== null) return { left };
  const { pairs, target } = pairsOf(copy, TYPES[copy.itemsize], ndarray, fillBlock);
  return {
    copy(count) {
      for (let k = 0; k < count; k++) for (const [to, from] of pairs) assign(to, from);
    },
    target,
  };
}
