/**
 * The pixels of a tile: the values that its file holds, no colour management, no rotation.
 * In: a tile. Out: its shape and uint8 values; or an error that names bag, file and tile.
 */
import { refuseWithoutEnd } from './image-kind.js';
import { imagePipeline } from './image-library.js';
import { tileWrong } from './tile-errors.js';
import { headerOfImage, type Tile, type TileHeader, type TileShape, undecodable } from './tile-header.js';

export interface DecodedTile {
  readonly shape: TileShape;
  /** Row-major [height, width, channels]. */
  readonly values: Uint8Array;
}

/** @throws BagfleetError `bag-format`, `bag-truncated` */
export async function decodeTile(tile: Tile, signal: AbortSignal | undefined): Promise<DecodedTile> {
  signal?.throwIfAborted();
  const image = await tile.readAll(signal);
  const header = await headerOfImage(image, tile);
  refuseWithoutEnd(image, tile.file);
  return { shape: header.shape, values: await valuesOf(image, header, tile) };
}

async function valuesOf(image: Uint8Array, { shape, alpha }: TileHeader, tile: Tile): Promise<Uint8Array> {
  const [height, width, channels] = shape;
  // Opacity is lost when grey stays grey, so grey with opacity comes as RGB with it.
  const given = alpha ? 4 : channels;
  const pipeline = await imagePipeline(image);
  const { data, info } = await pipeline
    .toColourspace(given === 1 ? 'b-w' : 'srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((cause: unknown) => {
      throw undecodable(tile.file, cause);
    });
  if (info.height !== height || info.width !== width || info.channels !== given)
    throw tileWrong(
      tile.file,
      `decodes to ${info.height} × ${info.width} × ${info.channels} values, its header says else`,
    );
  return alpha ? withoutAlpha(data, channels, tile) : data; // [height, width, channels]
}

/** What is half seen through has no one colour; opaque everywhere, as slide libraries write it, says nothing. */
function withoutAlpha(rgba: Uint8Array, channels: number, { file }: Tile): Uint8Array {
  const pixels = rgba.length / 4;
  const values = new Uint8Array(pixels * channels);
  for (let i = 0; i < pixels; i++) {
    if (rgba[4 * i + 3] !== 255)
      throw tileWrong(file, 'is transparent in places', "Save it without: image.convert('RGB') in Pillow.");
    for (let channel = 0; channel < channels; channel++)
      values[i * channels + channel] = rgba[4 * i + channel];
  }
  return values;
}
