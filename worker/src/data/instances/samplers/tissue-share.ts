/**
 * How much of a tile shows tissue: pixels that are neither grey or white (glass) nor black (outside of the scan).
 * The thresholds are CLAM's for segmentation (Lu et al. 2021): saturation above 8 / 255, brightness above 40 / 255.
 */
const LEAST_SATURATION = 8 / 255;
const LEAST_VALUE = 40 / 255;

/** In: [height, width, 3], RGB in 0 … 1. Out: 0 … 1. */
export function tissueShare(tile: Float32Array): number {
  let tissue = 0;
  for (let i = 0; i < tile.length; i += 3) {
    const most = Math.max(tile[i], tile[i + 1], tile[i + 2]);
    const least = Math.min(tile[i], tile[i + 1], tile[i + 2]);
    if (most > LEAST_VALUE && most - least > LEAST_SATURATION * most) tissue++;
  }
  return (3 * tissue) / tile.length;
}
