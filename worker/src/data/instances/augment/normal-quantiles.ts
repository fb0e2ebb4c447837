/**
 * 65,536 equally likely values of the normal distribution: its quantiles in the middles of as many equal parts, -4.3 to
 * 4.3. In: nothing. Out: a table for 16 random bits.
 * The quantile function is algorithm AS 241, PPND7 (Wichura, Applied Statistics 37, 1988): 7 digits.
 */
const COUNT = 65_536;

let table: Float64Array | null = null;

/** Ascending. */
export function normalQuantiles(): Float64Array {
  table ??= Float64Array.from({ length: COUNT }, (_, i) => quantile((i + 0.5) / COUNT));
  return table;
}

/** Of 0 < share < 1. */
function quantile(share: number): number {
  const fromMiddle = share - 0.5;
  if (Math.abs(fromMiddle) <= 0.425) return fromMiddle * middle(0.180625 - fromMiddle * fromMiddle);
  const distance = Math.sqrt(-Math.log(Math.min(share, 1 - share)));
  return Math.sign(fromMiddle) * tail(distance - 1.6);
}

function middle(r: number): number {
  const above = ((59.10937472 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179;
  return above / (((67.1875636 * r + 78.757757664) * r + 17.895169469) * r + 1);
}

/** Far enough for 2^-17, the smallest share that is asked for. */
function tail(r: number): number {
  const above = ((0.17023821103 * r + 1.3067284816) * r + 2.75681539) * r + 1.4234372777;
  return above / ((0.12021132975 * r + 0.7370016425) * r + 1);
}
