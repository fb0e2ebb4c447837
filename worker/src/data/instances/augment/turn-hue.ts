/**
 * The hue of each pixel turned: RGB → HSV → RGB (Smith 1978), as torchvision's adjust_hue.
 * In: RGB in 0 … 1, float32 [pixels, 3], changed in place; the turn in units of a full one.
 */
export function turnHue(tile: Float32Array, turn: number): void {
  for (let pixel = 0; pixel < tile.length; pixel += 3) {
    const [red, green, blue] = [tile[pixel], tile[pixel + 1], tile[pixel + 2]];
    const value = Math.max(red, green, blue);
    const range = value - Math.min(red, green, blue);
    if (range === 0) continue; // grey has no hue
    const hue = (((hueOf(red, green, blue, value, range) + turn) % 1) + 1) % 1;
    tile.set(fromHsv(hue, range / value, value), pixel);
  }
}

/** 0 … 1 */
function hueOf(red: number, green: number, blue: number, value: number, range: number): number {
  const sixths =
    value === red
      ? (green - blue) / range
      : value === green
        ? 2 + (blue - red) / range
        : 4 + (red - green) / range;
  return (sixths / 6 + 1) % 1;
}

function fromHsv(hue: number, saturation: number, value: number): [number, number, number] {
  const sector = Math.floor(hue * 6);
  const within = hue * 6 - sector;
  const low = clamp(value * (1 - saturation));
  const falling = clamp(value * (1 - saturation * within));
  const rising = clamp(value * (1 - saturation * (1 - within)));
  const sectors: [number, number, number][] = [
    [value, rising, low],
    [falling, value, low],
    [low, value, rising],
    [low, falling, value],
    [rising, low, value],
    [value, low, falling],
  ];
  return sectors[sector % 6];
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}
