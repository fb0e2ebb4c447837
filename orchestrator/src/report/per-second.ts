/**
 * Rates for people.
 * In: how many per second. Out: `0.42`, `4.12`, `41.2`, `412`, `4.12k`, `1.20M`: three digits.
 */
export function formatPerSecond(rate: number): string {
  if (rate >= 999_500) return `${threeDigits(rate / 1e6)}M`;
  return rate >= 999.5 ? `${threeDigits(rate / 1e3)}k` : threeDigits(rate);
}

function threeDigits(value: number): string {
  return value.toFixed(value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2);
}
