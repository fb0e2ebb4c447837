/**
 * Neighbours within a bound: in a circle (radius), or in the box around a tile (grid).
 * In: points, the bound. Out: for each point the others within, in the order of their index.
 */
import { cellGrid, type Points } from './cell-grid.js';
import type { Neighbours } from './neighbours.js';

/** All within this distance, the bound itself included. */
export function withinRadius(points: Points, radius: number): Neighbours {
  return within(points, radius, radius, (dx, dy) => dx * dx + dy * dy <= radius * radius);
}

/**
 * The tiles around a tile: nearer than one and a half steps along both axes. On one grid these are its (up to) 8
 * neighbours; tiles of pieces of tissue that were cut by grids of their own meet those that lie next to them.
 */
export function onGrid(points: Points, { x, y }: { readonly x: number; readonly y: number }): Neighbours {
  const [width, height] = [1.5 * x, 1.5 * y];
  return within(points, width, height, (dx, dy) => Math.abs(dx) < width && Math.abs(dy) < height);
}

function within(
  points: Points,
  width: number,
  height: number,
  isNear: (dx: number, dy: number) => boolean,
): Neighbours {
  const { coords } = points;
  // A little wider than the bound, so that no rounding puts neighbours two cells apart.
  const grid = cellGrid(points, width * (1 + 1e-9), height * (1 + 1e-9));
  return (point) => {
    const found: number[] = [];
    const [column, row] = [grid.columnOf(point), grid.rowOf(point)];
    for (let r = row - 1; r <= row + 1; r++)
      for (let c = column - 1; c <= column + 1; c++)
        for (const other of grid.membersOf(c, r)) {
          const dx = coords[2 * other] - coords[2 * point];
          const dy = coords[2 * other + 1] - coords[2 * point + 1];
          if (other !== point && isNear(dx, dy)) found.push(other);
        }
    return found.sort((a, b) => a - b);
  };
}
