/**
 * The library that decodes images, loaded with the first image and not before: it takes a quarter of a second.
 * It decodes on libuv's threads, so the thread that asks goes on meanwhile.
 */
import type { Sharp, SharpOptions } from 'sharp';

/** 4096 × 4096: far more than a tile has, and at most 64 MiB decoded. */
export const MOST_PIXELS = 2 ** 24;

const OPTIONS: SharpOptions = {
  limitInputPixels: MOST_PIXELS,
  failOn: 'warning', // damaged tiles are refused, not repaired
  ignoreIcc: true, // values as stored, as Pillow and OpenCV give them
  sequentialRead: true,
};

let library: Promise<(bytes: Uint8Array) => Sharp> | undefined;

/** A pipeline over the bytes of a PNG or JPEG file. */
export async function imagePipeline(bytes: Uint8Array): Promise<Sharp> {
  library ??= load();
  return (await library)(bytes);
}

async function load(): Promise<(bytes: Uint8Array) => Sharp> {
  const { default: sharp } = await import('sharp');
  sharp.cache(false); // a tile is decoded once
  sharp.concurrency(1); // tiles are small: several at once, one thread each
  // Nothing but these two decoders ever sees a byte from elsewhere.
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: ['VipsForeignLoadPng', 'VipsForeignLoadJpeg'] });
  return (bytes) => sharp(bytes, OPTIONS);
}
