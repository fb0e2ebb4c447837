/**
 * How far apart the tiles of a slide were cut, from their coordinates.
 */
import type { Points } from './cell-grid.js';

/**
 * The distance that most neighbours in a row (of one y) have in x, and those in a column in y; of several equally
 * frequent ones the smallest. An axis without any takes the other's; null where there is none at all.
 */
export function tileStep(points: Points): { readonly x: number; readonly y: number } | null {
  const [x, y] = [commonGap(points, 0), commonGap(points, 1)];
  if (x === null && y === null) return null;
  return { x: x ?? (y as number), y: y ?? (x as number) };
}

function commonGap({ coords, count }: Points, axis: 0 | 1): number | null {
  const [along, across] = [
    (point: number) => coords[2 * point + axis],
    (point: number) => coords[2 * point + 1 - axis],
  ];
  const inLines = Array.from({ length: count }, (_, point) => point).sort(
    (a, b) => across(a) - across(b) || along(a) - along(b),
  );
  const counts = new Map<number, number>();
  for (let i = 1; i < count; i++) {
    const gap = along(inLines[i]) - along(inLines[i - 1]);
    if (across(inLines[i]) === across(inLines[i - 1]) && gap > 0) counts.set(gap, (counts.get(gap) ?? 0) + 1);
  }
  const [common] = [...counts].sort(([a, often], [b, oftener]) => oftener - often || a - b);
  return common === undefined ? null : common[0];
}
