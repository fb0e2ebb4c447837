/** The least, the middle and the greatest of some numbers; of none all are 0. */
export interface Span {
  readonly smallest: number;
  readonly median: number;
  readonly largest: number;
}

export function spanOf(values: readonly number[]): Span {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return {
    smallest: sorted[0] ?? 0,
    median: sorted.length === 0 ? 0 : (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2,
    largest: sorted[sorted.length - 1] ?? 0,
  };
}
