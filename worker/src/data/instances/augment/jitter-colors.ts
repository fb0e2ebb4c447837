/**
 * Colours of a tile varied as torchvision's ColorJitter does: brightness, contrast, saturation and hue, in the order
 * drawn. In: RGB in 0 … 1, float32 [pixels, 3], changed in place.
 */
import { turnHue } from './turn-hue.js';

export interface ColorShift {
  /** Names of the fields below, in the order in which they are applied. */
  readonly order: readonly ('brightness' | 'contrast' | 'saturation' | 'hue')[];
  /** Factors, 0 or more; 1 changes nothing. */
  readonly brightness: number;
  readonly contrast: number;
  readonly saturation: number;
  /** Turn of the hue, -0.5 … 0.5; 0 changes nothing. */
  readonly hue: number;
}

export function jitterColors(tile: Float32Array, shift: ColorShift): void {
  const change = {
    brightness: () => blend(tile, shift.brightness, () => 0),
    contrast: () => {
      const mean = meanGrey(tile);
      blend(tile, shift.contrast, () => mean);
    },
    saturation: () => blend(tile, shift.saturation, (pixel) => greyAt(tile, pixel)),
    hue: () => turnHue(tile, shift.hue),
  };
  for (const what of shift.order) change[what]();
}

/** factor · value + (1 - factor) · other, in 0 … 1. */
function blend(tile: Float32Array, factor: number, otherOf: (pixel: number) => number): void {
  for (let pixel = 0; pixel < tile.length; pixel += 3) {
    const other = (1 - factor) * otherOf(pixel);
    tile[pixel] = Math.min(1, Math.max(0, factor * tile[pixel] + other));
    tile[pixel + 1] = Math.min(1, Math.max(0, factor * tile[pixel + 1] + other));
    tile[pixel + 2] = Math.min(1, Math.max(0, factor * tile[pixel + 2] + other));
  }
}

/** ITU-R BT.601, with the digits that torchvision has. */
function greyAt(tile: Float32Array, pixel: number): number {
  return 0.2989 * tile[pixel] + 0.587 * tile[pixel + 1] + 0.114 * tile[pixel + 2];
}

function meanGrey(tile: Float32Array): number {
  let sum = 0;
  for (let pixel = 0; pixel < tile.length; pixel += 3) sum += greyAt(tile, pixel);
  return (3 * sum) / tile.length;
}
