/**
 * The exact sum's arithmetic once more, with integers of any size: slow, short and obviously right.
 * In: float32 values. Out: what block-exponent, quantise and dequantise must give.
 */

/** A finite float32 is `significand · 2^power` with an integer significand. */
function parts(value: number): { significand: bigint; power: number } {
  const bits = new Uint32Array(Float32Array.of(value).buffer)[0];
  const exponent = (bits >>> 23) & 0xff;
  const fraction = bits & 0x7fffff;
  const magnitude = exponent === 0 ? fraction : fraction | 0x800000;
  return { significand: BigInt(bits >>> 31 ? -magnitude : magnitude), power: Math.max(exponent, 1) - 150 };
}

function shifted(value: bigint, power: number): { numerator: bigint; denominator: bigint } {
  return power >= 0
    ? { numerator: value << BigInt(power), denominator: 1n }
    : { numerator: value, denominator: 1n << BigInt(-power) };
}

/** The largest e ≤ 127 with S·(m·2^e + 1) ≤ 2^31 - 1; 127 (neutral) if m < 2^-96. */
export function twinExponent(block: Float32Array, slots: number): number {
  const m = Math.max(...Array.from(block, Math.abs));
  if (m < 2 ** -96) return 127;
  for (let e = 126; ; e--) {
    const { significand, power } = parts(m);
    const { numerator, denominator } = shifted(significand, power + e);
    if (BigInt(slots) * (numerator + denominator) <= (2n ** 31n - 1n) * denominator) return e;
  }
}

/** value·2^e, rounded half to even; 0 in a neutral block. */
export function twinQuantised(value: number, e: number): bigint {
  if (e === 127) return 0n;
  const { significand, power } = parts(value);
  const { numerator, denominator } = shifted(significand, power + e);
  return roundedHalfEven(numerator, denominator);
}

/** sum·2^-e / weight, rounded to float64, then to float32. */
export function twinDequantised(sum: number, e: number, weight: number): number {
  const scale = 2n ** 200n;
  const weightBits = BigInt(weight * 2 ** 40); // weights of tests have at most 40 fractional bits
  const numerator = BigInt(sum) * scale * 2n ** 40n * 2n ** BigInt(Math.max(0, -e));
  const denominator = weightBits * 2n ** BigInt(Math.max(0, e));
  return Math.fround(nearestDouble(numerator, denominator * scale));
}

function roundedHalfEven(numerator: bigint, denominator: bigint): bigint {
  if (numerator < 0n) return -roundedHalfEven(-numerator, denominator);
  const floor = numerator / denominator;
  const twice = 2n * (numerator % denominator);
  const up = twice > denominator || (twice === denominator && floor % 2n === 1n);
  return up ? floor + 1n : floor;
}

/** The float64 nearest to a quotient, ties to even; for quotients far from float64's subnormals. */
function nearestDouble(numerator: bigint, denominator: bigint): number {
  if (numerator === 0n) return 0;
  if (numerator < 0n) return -nearestDouble(-numerator, denominator);
  let power = numerator.toString(2).length - denominator.toString(2).length - 53;
  for (;;) {
    const { numerator: n, denominator: d } = shifted(1n, -power);
    const significand = roundedHalfEven(numerator * n, denominator * d);
    if (significand <= 2n ** 53n && significand >= 2n ** 52n) return Number(significand) * 2 ** power;
    power += significand > 2n ** 53n ? 1 : -1;
  }
}
