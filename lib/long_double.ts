/** C's long double as a number: 8 bytes (a double), x87's 80 bits, or IEEE binary128. */

/** `size` bytes, least significant first, to the nearest double. */
export function decodeLongDouble(bytes: Uint8Array): number {
  if (bytes.length === 8)
    return new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0, true);
  return usesX87() ? decodeX87(bytes) : decodeQuad(bytes);
}

/** A double, exactly, as `bytes.length` bytes, least significant first. */
export function encodeLongDouble(value: number, bytes: Uint8Array): void {
  bytes.fill(0);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (bytes.length === 8) view.setFloat64(0, value, true);
  else if (usesX87()) encodeX87(value, view);
  else encodeQuad(value, view);
}

function usesX87(): boolean {
  return process.arch === 'x64' || process.arch === 'ia32';
}

const BIAS = 16383;

/** significand * 2^exponent, rounded once; the significand may have more than 53 bits. */
function scale(significand: bigint, exponent: number): number {
  const length = significand.toString(2).length;
  // Subnormal doubles have fewer bits: cut to what will be kept, so that it rounds once.
  const kept = Math.min(53, length + exponent + 1074);
  if (kept < 0) return 0;
  const cut = Math.max(0, length - kept);
  const unit = 1n << BigInt(cut);
  let rounded = significand / unit;
  const rest = 2n * (significand % unit);
  if (rest > unit || (rest === unit && rounded % 2n === 1n)) rounded += 1n;
  return product(Number(rounded), exponent + cut);
}

/** x * 2^e in two steps: 2^e alone may be out of range where the product is not. */
function product(x: number, e: number): number {
  const half = Math.trunc(Math.max(-2200, Math.min(2200, e)) / 2);
  return x * 2 ** half * 2 ** (Math.max(-2200, Math.min(2200, e)) - half);
}

function finish(negative: boolean, size: number): number {
  return negative ? -size : size;
}

function decodeX87(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const head = view.getUint16(8, true);
  const significand = view.getBigUint64(0, true);
  const exponent = head & 0x7fff;
  const negative = head >= 0x8000;
  if (exponent === 0x7fff)
    return significand << 1n === 1n << 64n ? finish(negative, Infinity) : NaN;
  if (significand === 0n) return finish(negative, 0);
  return finish(negative, scale(significand, Math.max(exponent, 1) - BIAS - 63));
}

function decodeQuad(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const high = view.getBigUint64(8, true);
  const fraction = ((high & 0xffffffffffffn) << 64n) | view.getBigUint64(0, true);
  const exponent = Number((high >> 48n) & 0x7fffn);
  const negative = high >> 63n === 1n;
  if (exponent === 0x7fff) return fraction === 0n ? finish(negative, Infinity) : NaN;
  const significand = exponent === 0 ? fraction : fraction | (1n << 112n);
  if (significand === 0n) return finish(negative, 0);
  return finish(negative, scale(significand, Math.max(exponent, 1) - BIAS - 112));
}

/** Sign, unbiased exponent and a significand with its top bit at 2^63. */
function split(value: number): { sign: number; exponent: number; significand: bigint } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const sign = Number(bits >> 63n);
  const biased = Number((bits >> 52n) & 2047n);
  let significand = (bits & 0xfffffffffffffn) << 11n;
  let exponent = biased - 1023;
  if (biased > 0) significand |= 1n << 63n;
  else if (significand !== 0n) {
    const shift = 64 - significand.toString(2).length;
    significand <<= BigInt(shift);
    exponent = -1022 - shift;
  }
  return { sign, exponent, significand };
}

function encodeX87(value: number, view: DataView): void {
  const { sign, exponent, significand } = split(value);
  let biased = significand === 0n ? 0 : exponent + BIAS;
  let digits = significand;
  if (!Number.isFinite(value)) {
    biased = 0x7fff;
    digits = Number.isNaN(value) ? 3n << 62n : 1n << 63n;
  }
  view.setBigUint64(0, digits, true);
  view.setUint16(8, (sign << 15) | biased, true);
}

function encodeQuad(value: number, view: DataView): void {
  const { sign, exponent, significand } = split(value);
  let biased = significand === 0n ? 0 : exponent + BIAS;
  let fraction = (significand << 49n) & ((1n << 112n) - 1n);
  if (!Number.isFinite(value)) {
    biased = 0x7fff;
    fraction = Number.isNaN(value) ? 1n << 111n : 0n;
  }
  const head = (BigInt(sign) << 15n) | BigInt(biased);
  view.setBigUint64(8, (head << 48n) | (fraction >> 64n), true);
  view.setBigUint64(0, fraction & 0xffffffffffffffffn, true);
}
