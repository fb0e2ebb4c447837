/**
 * IEEE 754 half precision → float32 through a table of all 65,536 values (256 KiB, built at first use).
 */
let table: Float32Array | undefined;

/** float32 values by the 16 bits of a half-precision number; infinities and NaN included. */
export function float16Table(): Float32Array {
  table ??= Float32Array.from({ length: 65_536 }, (_, bits) => float16ToNumber(bits));
  return table;
}

/** One number from its 16 bits: sign, 5 bits of exponent (bias 15), 10 bits of fraction. */
export function float16ToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24; // zero and subnormal numbers
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}
