/**
 * One axis of numbers as an array. A loop for each type, as for single numbers: then each array
 * is made for what its loop stores, and no number is boxed.
 */
import { BIG } from './element_codes.ts';

/** `count` numbers of a code (element_codes.ts), each `step` bytes behind the last. */
export function numbersOf(
  code: number,
  view: DataView,
  at: number,
  step: number,
  count: number,
): number[] {
  const little = code < BIG;
  switch (code & 7) {
    case 1:
      return uint8s(view, at, step, count);
    case 2:
      return float64s(view, at, step, count, little);
    case 3:
      return float32s(view, at, step, count, little);
    case 4:
      return int32s(view, at, step, count, little);
    case 5:
      return uint16s(view, at, step, count, little);
    case 6:
      return int16s(view, at, step, count, little);
    case 7:
      return uint32s(view, at, step, count, little);
    default:
      return int8s(view, at, step, count);
  }
}

function uint8s(view: DataView, at: number, step: number, count: number): number[] {
  const out = new Array<number>(count);
  for (let k = 0; k < count; k++) out[k] = view.getUint8(at + k * step);
  return out;
}

function float64s(
  view: DataView,
  at: number,
  step: number,
  count: number,
  little: boolean,
): number[] {
  const out = new Array<number>(count);
  for (let k = 0; k < count; k++) out[k] = view.getFloat64(at + k * step, little);
  return out;
}

function float32s(
  view: DataView,
  at: number,
  step: number,
  count: number,
  little: boolean,
): number[] {
  const out = new Array<number>(count);
  for (let k = 0; k < count; k++) out[k] = view.getFloat32(at + k * step, little);
  return out;
}

function int32s(
  view: DataView,
  at: number,
  step: number,
  count: number,
  little: boolean,
): number[] {
  const out = new Array<number>(count);
  for (let k = 0; k < count; k++) out[k] = view.getInt32(at + k * step, little);
  return out;
}

function uint16s(
  view: DataView,
  at: number,
  step: number,
  count: number,
  little: boolean,
): number[] {
  const out = new Array<number>(count);
  for (let k = 0; k < count; k++) out[k] = view.getUint16(at + k * step, little);
  return out;
}

function int16s(
  view: DataView,
  at: number,
  step: number,
  count: number,
  little: boolean,
): number[] {
  const out = new Array<number>(count);
  for (let k = 0; k < count; k++) out[k] = view.getInt16(at + k * step, little);
  return out;
}

function uint32s(
  view: DataView,
  at: number,
  step: number,
  count: number,
  little: boolean,
): number[] {
  const out = new Array<number>(count);
  for (let k = 0; k < count; k++) out[k] = view.getUint32(at + k * step, little);
  return out;
}

function int8s(view: DataView, at: number, step: number, count: number): number[] {
  const out = new Array<number>(count);
  for (let k = 0; k < count; k++) out[k] = view.getInt8(at + k * step);
  return out;
}
