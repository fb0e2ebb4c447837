/**
 * The k nearest neighbours of each point.
 * In: points, k. Out: for each point the nearest others, nearest first; of equally near ones the lower index.
 */
import { boundsOf, type CellGrid, cellGrid, type Points } from './cell-grid.js';
import type { Neighbours } from './neighbours.js';

interface Candidate {
  readonly index: number;
  /** Square of the distance. */
  readonly distance: number;
}

const POINTS_PER_CELL = 2;

/** Fewer than k where there are no more points. */
export function nearest(points: Points, k: number): Neighbours {
  const side = cellSide(points);
  const grid = cellGrid(points, side);
  const rings = Math.max(grid.columns, grid.rows);
  return (point) => {
    let best: Candidate[] = [];
    for (let ring = 0; ring < rings; ring++) {
      const found = candidatesIn(grid, points, point, ring);
      best = [...best, ...found].sort(nearestFirst).slice(0, k);
      // What lies in no ring so far is at least this far away; the margin covers the rounding of cells.
      const seen = ring * side * (1 - 1e-9);
      if (best.length === k && best[k - 1].distance < seen * seen) break;
    }
    return best.map(({ index }) => index);
  };
}

function nearestFirst(a: Candidate, b: Candidate): number {
  return a.distance - b.distance || a.index - b.index;
}

/** So that cells hold a few points on the average, and no line of cells is longer than the points are many. */
function cellSide(points: Points): number {
  const { left, right, top, bottom } = boundsOf(points);
  const [width, height] = [right - left, bottom - top];
  const cells = Math.max(1, points.count / POINTS_PER_CELL);
  return Math.max(Math.sqrt((width * height) / cells), Math.max(width, height) / cells) || 1;
}

/** The other points in the cells that lie `ring` cells away from the point's own: the border of a square. */
function candidatesIn(grid: CellGrid, { coords }: Points, point: number, ring: number): Candidate[] {
  const found: Candidate[] = [];
  const look = (column: number, row: number) => {
    for (const index of grid.membersOf(column, row)) {
      if (index === point) continue;
      const dx = coords[2 * index] - coords[2 * point];
      const dy = coords[2 * index + 1] - coords[2 * point + 1];
      found.push({ index, distance: dx * dx + dy * dy });
    }
  };
  const [column, row] = [grid.columnOf(point), grid.rowOf(point)];
  const [left, right] = [Math.max(0, column - ring), Math.min(grid.columns - 1, column + ring)];
  const [top, bottom] = [Math.max(0, row - ring), Math.min(grid.rows - 1, row + ring)];
  for (let r = top; r <= bottom; r++)
    if (Math.abs(r - row) === ring) for (let c = left; c <= right; c++) look(c, r);
    else for (const c of [column - ring, column + ring]) look(c, r);
  return found;
}
