/**
 * Points of a slide in square cells, so that those near a place are found without looking at all.
 * In: coordinates and the size of a cell. Out: the cell of each point, and the points of each cell.
 */

/** Some points of an array [points, 2]: x, y. */
export interface Points {
  readonly coords: ArrayLike<number>;
  readonly count: number;
}

export interface CellGrid {
  readonly columns: number;
  readonly rows: number;
  columnOf(point: number): number;
  rowOf(point: number): number;
  /** In the order of their index; empty outside the grid. */
  membersOf(column: number, row: number): readonly number[];
}

const NONE: readonly number[] = [];

/** @param side of a cell, above 0 */
export function cellGrid({ coords, count }: Points, width: number, height = width): CellGrid {
  const { left, top, right, bottom } = boundsOf({ coords, count });
  const columnOf = (point: number) => Math.floor((coords[2 * point] - left) / width);
  const rowOf = (point: number) => Math.floor((coords[2 * point + 1] - top) / height);
  const columns = Math.floor((right - left) / width) + 1;
  const rows = Math.floor((bottom - top) / height) + 1;
  const cells = new Map<number, number[]>();
  for (let point = 0; point < count; point++) {
    const cell = rowOf(point) * columns + columnOf(point);
    const members = cells.get(cell);
    if (members) members.push(point);
    else cells.set(cell, [point]);
  }
  const inside = (column: number, row: number) => column >= 0 && column < columns && row >= 0 && row < rows;
  return {
    columns,
    rows,
    columnOf,
    rowOf,
    membersOf: (column, row) => (inside(column, row) ? (cells.get(row * columns + column) ?? NONE) : NONE),
  };
}

/** All 0 where there are no points. */
export function boundsOf({ coords, count }: Points) {
  if (count === 0) return { left: 0, top: 0, right: 0, bottom: 0 };
  const bounds = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (let point = 0; point < count; point++) {
    const [x, y] = [coords[2 * point], coords[2 * point + 1]];
    bounds.left = Math.min(bounds.left, x);
    bounds.right = Math.max(bounds.right, x);
    bounds.top = Math.min(bounds.top, y);
    bounds.bottom = Math.max(bounds.bottom, y);
  }
  return bounds;
}
