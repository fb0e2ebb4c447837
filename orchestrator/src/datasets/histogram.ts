/**
 * Bag sizes in a few bins with round bounds.
 * In: positive whole numbers. Out: bins that hold all of them, each number once.
 */
export interface Bin {
  /** Smallest and largest number that belongs here, both included. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

const MOST_BINS = 12;
/** Sizes that span more than this are binned 1-2-5-10-…, others evenly. */
const WIDE_SPAN = 20;

export function histogram(sizes: readonly number[]): Bin[] {
  const smallest = sizes.reduce((a, b) => Math.min(a, b), Infinity);
  const largest = sizes.reduce((a, b) => Math.max(a, b), 0);
  if (sizes.length === 0) return [];
  const bounds = largest / smallest > WIDE_SPAN ? oneTwoFive(smallest, largest) : even(smallest, largest);
  const bins = bounds.slice(0, -1).map((from, i) => ({ from, to: bounds[i + 1] - 1, count: 0 }));
  for (const size of sizes) bins[bins.findIndex(({ to }) => size <= to)].count++;
  return bins;
}

/** Lower bounds of the bins, and one past the last: 10, 20, 50, 100 for sizes from 12 to 80. */
function oneTwoFive(smallest: number, largest: number): number[] {
  const bounds: number[] = [];
  for (let power = 1; bounds.length === 0 || bounds[bounds.length - 1] <= largest; power *= 10)
    for (const digit of [1, 2, 5]) bounds.push(digit * power);
  const first = bounds.findLastIndex((bound) => bound <= smallest);
  const end = bounds.findIndex((bound) => bound > largest);
  return bounds.slice(first, end + 1);
}

/** Bins as wide as 1, 2, 5, 10, …, whichever first makes few enough. */
function even(smallest: number, largest: number): number[] {
  const widths = [1, 2, 5].flatMap((digit) => Array.from({ length: 12 }, (_, power) => digit * 10 ** power));
  const binsOf = (width: number) => Math.floor(largest / width) - Math.floor(smallest / width) + 1;
  const width = widths.sort((a, b) => a - b).find((candidate) => binsOf(candidate) <= MOST_BINS) ?? largest;
  const first = Math.floor(smallest / width) * width;
  return Array.from({ length: binsOf(width) + 1 }, (_, i) => first + i * width);
}
