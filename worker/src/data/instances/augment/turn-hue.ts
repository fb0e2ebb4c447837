/**
 * The hue of each pixel turned: RGB → HSV → RGB (Smith 1978), as torchvision's adjust_hue.
 * In: RGB in 0 … 1, float32 [pixels, 3], changed in place; the turn in units of a full one.
 */
export function turnHue(tile: Float32Array, turn: number): void {
  for (let pixel = 0; pixel < tile.length; pixel += 3) {
    const red = tile[pixel];
    const green = tile[pixel + 1];
    const blue = tile[pixel + 2];
    const value = Math.max(red, green, blue);
    const range = value - Math.min(red, green, blue);
    if (range === 0) continue; // grey has no hue
    const hue = hueOf(red, green, blue, value, range) + turn;
    putHsv(tile, pixel, 6 * (hue - Math.floor(hue)), range / value, value);
  }
}

/** 0 … 1 */
function hueOf(red: number, green: number, blue: number, value: number, range: number): number {
  if (value === red) return ((green - blue) / range / 6 + 1) % 1;
  return (value === green ? 2 + (blue - red) / range : 4 + (red - green) / range) / 6;
}

/** `sixths` is the hue, 0 … 6: in each sixth one channel is high, one low, and one on its way. */
function putHsv(tile: Float32Array, pixel: number, sixths: number, saturation: number, value: number): void {
  const sector = Math.floor(sixths) % 6;
  const within = sixths - Math.floor(sixths);
  const low = Math.max(0, value * (1 - saturation));
  const way = value * (1 - saturation * (sector % 2 === 0 ? 1 - within : within)); // rising or falling
  tile[pixel] = sector === 0 || sector === 5 ? value : sector === 1 || sector === 4 ? way : low;
  tile[pixel + 1] = sector === 1 || sector === 2 ? value : sector === 0 || sector === 3 ? way : low;
  tile[pixel + 2] = sector === 3 || sector === 4 ? value : sector === 2 || sector === 5 ? way : low;
}
