/**
 * How large a tile is drawn, and the cell that it takes with its frame and its weight.
 * In: height and width of a tile in its own pixels. Out: px of the picture.
 */

export interface TileSize {
  readonly height: number;
  readonly width: number;
}

/** Width of the frame around a tile. */
export const FRAME = 6;
export const GAP = 14;
/** Height of the line below a tile. */
const WEIGHT_LINE = 24;

/** Small tiles are enlarged by a whole factor, so that each pixel stays a square; large ones shrink. */
export function shownSize({ height, width }: TileSize): { width: number; height: number; factor: number } {
  const factor = width <= 96 ? Math.max(1, Math.round(84 / width)) : 112 / width;
  return { width: width * factor, height: height * factor, factor };
}

/** A tile with its frame, its weight and the gap to the next. */
export function cellOf(tiles: TileSize): { width: number; height: number } {
  const { width, height } = shownSize(tiles);
  return { width: width + 2 * FRAME + GAP, height: height + 2 * FRAME + WEIGHT_LINE + GAP };
}

/** Cells that fit side by side, at least one. */
export function columnsIn(width: number, cell: { readonly width: number }): number {
  return Math.max(1, Math.floor((width + GAP) / cell.width));
}

export function renderingAt(factor: number): string {
  return factor >= 1 ? 'optimizeSpeed' : 'optimizeQuality';
}
