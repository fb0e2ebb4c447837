/**
 * One instance of a bag as a picture that SVG can embed.
 * In: tiles of any [height, width, channels] as uint8 or float. Out: a data URI of a PNG in the tile's own size.
 */
import { PNG } from 'pngjs';

export interface Tiles {
  readonly height: number;
  readonly width: number;
  /** 1: grey. 3 or more: the first three are red, green, blue. 2: the first is grey. */
  readonly channels: number;
  /** [instances, height, width, channels], row-major. */
  readonly values: Uint8Array | Float32Array;
  /** Values drawn as black and as full brightness; by default 0 … 255 for bytes, else the extremes of the bag. */
  readonly range?: readonly [low: number, high: number];
}

export function instancesOf({ height, width, channels, values }: Tiles): number {
  return values.length / (height * width * channels);
}

export function rangeOf({ values, range }: Tiles): readonly [low: number, high: number] {
  if (range !== undefined) return range;
  if (values instanceof Uint8Array) return [0, 255];
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low, high];
}

/** `range` as `rangeOf` gives it, so that all tiles of a bag share one scale. */
export function tileUri(tiles: Tiles, instance: number, range: readonly [low: number, high: number]): string {
  const { height, width, channels, values } = tiles;
  const png = new PNG({ width, height });
  const from = instance * height * width * channels;
  for (let pixel = 0; pixel < height * width; pixel++) {
    for (let colour = 0; colour < 3; colour++) {
      const channel = channels >= 3 ? colour : 0;
      png.data[4 * pixel + colour] = brightness(values[from + pixel * channels + channel], range);
    }
    png.data[4 * pixel + 3] = 255;
  }
  return `data:image/png;base64,${PNG.sync.write(png).toString('base64')}`;
}

/** 0 … 255; a range without extent is drawn black. */
function brightness(value: number, [low, high]: readonly [number, number]): number {
  const share = high > low ? (value - low) / (high - low) : 0;
  return Math.round(255 * Math.min(1, Math.max(0, share)));
}
