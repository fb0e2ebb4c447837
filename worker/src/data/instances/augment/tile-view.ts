/**
 * Which part of a tile is seen, and how it is turned and mirrored.
 * In: a tile, a view. Out: the part, a copy. The order is crop, turn, mirror.
 */
export interface TileSize {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

export interface TileView {
  readonly top: number;
  readonly left: number;
  /** Quarter turns against the clock, 0 … 3. */
  readonly turns: number;
  /** Left to right. */
  readonly mirrored: boolean;
  /** Top to bottom. */
  readonly flipped: boolean;
}

/** `tile` [height, width, channels] → `out` [seen.height, seen.width, channels]; turned only if what is seen is square. */
export function seeTile(
  tile: Float32Array,
  { width: stride, channels }: TileSize,
  { top, left, turns, mirrored, flipped }: TileView,
  out: Float32Array,
  seen: TileSize,
): void {
  const last = seen.width - 1;
  for (let row = 0; row < seen.height; row++)
    for (let column = 0; column < seen.width; column++) {
      let y = flipped ? seen.height - 1 - row : row;
      let x = mirrored ? last - column : column;
      for (let turn = 0; turn < turns; turn++) [y, x] = [x, last - y];
      const from = ((top + y) * stride + left + x) * channels;
      const to = (row * seen.width + column) * channels;
      for (let channel = 0; channel < channels; channel++) out[to + channel] = tile[from + channel];
    }
}
