/**
 * What is done to a row of measurements before it is drawn.
 * In: points in the order of x. Out: points, fewer or smoother.
 */
import type { Point } from './svg.js';

/** Mean of y over a window of `width` points around each (what there is of it at the ends): no lag, unlike a running mean. */
export function smooth(points: readonly Point[], width: number): Point[] {
  const half = Math.floor(width / 2);
  const sums = [0];
  for (const [, y] of points) sums.push(sums[sums.length - 1] + y);
  return points.map(([x], i) => {
    const from = Math.max(0, i - half);
    const to = Math.min(points.length, i + half + 1);
    return [x, (sums[to] - sums[from]) / (to - from)];
  });
}

/** Window for `smooth`: odd, about a thirtieth of the points. */
export function smoothingWidth(count: number): number {
  return 2 * Math.round(count / 60) + 1;
}

/** At most 2·columns points: of each column of the picture the smallest and the largest, so that spikes stay. */
export function thin(points: readonly Point[], columns: number): Point[] {
  if (points.length <= 2 * columns) return [...points];
  const out: Point[] = [];
  for (let column = 0; column < columns; column++) {
    const from = Math.floor((column * points.length) / columns);
    const to = Math.floor(((column + 1) * points.length) / columns);
    let low = from;
    let high = from;
    for (let i = from + 1; i < to; i++) {
      if (points[i][1] < points[low][1]) low = i;
      if (points[i][1] > points[high][1]) high = i;
    }
    out.push(...[low, high].sort((a, b) => a - b).map((i) => points[i]));
  }
  return out;
}

/** The value below which `share` (0 … 1) of the values lie; 0 without values. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length === 0 ? 0 : sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}
