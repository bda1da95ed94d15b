/** IEEE 754 binary16 in plain arithmetic, for runtimes without Float16Array too. */

const SUBNORMAL = 2 ** -24;
const bits64 = new DataView(new ArrayBuffer(8));

/** The number that 16 bits stand for. Exact. */
export function decodeHalf(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * SUBNORMAL;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** The nearest integer, halves to even; 0 <= x < 2^52. */
export function roundToEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

/** floor(log2(size)) of a normal double > 0; -1023 for a subnormal one. */
export function exponentOf(size: number): number {
  bits64.setFloat64(0, size);
  return ((bits64.getUint16(0) >> 4) & 2047) - 1023;
}

/** The bits of the nearest half, ties to even: rounded once, not through a float. */
export function encodeHalf(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size < 2 ** -14) return sign | roundToEven(size / SUBNORMAL);
  if (size >= 65520) return sign | 0x7c00; // halfway to the next one and above
  const exponent = exponentOf(size);
  // 1024 ... 2048; 2048 carries into the exponent by itself.
  const significand = roundToEven(size * 2 ** (10 - exponent));
  return sign | (((exponent + 14) << 10) + significand);
}
