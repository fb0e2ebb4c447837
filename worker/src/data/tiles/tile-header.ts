/**
 * The shape of a tile, from its header alone: most of the file is neither read nor decoded.
 * In: an image's content by pieces. Out: height, width and channels, or an error that names bag, file and tile.
 */
import type { Metadata } from 'sharp';
import { refuseOtherKind, refuseWithoutEnd } from './image-kind.js';
import { imagePipeline, MOST_PIXELS } from './image-library.js';
import { type TileFile, tileWrong } from './tile-errors.js';

/** One image, wherever it lies. */
export interface Tile {
  readonly file: TileFile;
  readonly bytes: number;
  /** The first `length` bytes, or all where there are fewer. */
  readStart(length: number): Promise<Uint8Array>;
  readAll(signal?: AbortSignal): Promise<Uint8Array>;
}

/** [height, width, channels] */
export type TileShape = readonly [number, number, 1 | 3];

export interface TileHeader {
  readonly shape: TileShape;
  /** It has a channel of opacity beside those of its shape. */
  readonly alpha: boolean;
}

/** Holds the headers of nearly all images. */
const START_BYTES = 4096;
/** Neither PNG (deflate: 1032) nor JPEG (two bits per block of 64 values and channel) packs more into a byte. */
const MOST_VALUES_PER_BYTE = 2048;
/** No image of MOST_PIXELS takes more, with whatever text it carries. */
const MOST_BYTES = 2 ** 27;

/** @throws BagfleetError `bag-format` for an image of a kind that is not read, `bag-truncated` */
export async function readTileHeader(tile: Tile): Promise<TileHeader> {
  const { file } = tile;
  if (tile.bytes > MOST_BYTES) throw tileWrong(file, `has ${tile.bytes} bytes, more than is read`);
  const start = await tile.readStart(START_BYTES);
  refuseOtherKind(start, file);
  const metadata = (await metadataOf(start).catch(() => null)) ?? (await metadataOfAll(tile));
  return headerFrom(metadata, tile);
}

/** Of the whole image, once more: its start may have come from a file that has changed since. */
export async function headerOfImage(image: Uint8Array, tile: Tile): Promise<TileHeader> {
  refuseOtherKind(image, tile.file);
  const metadata = await metadataOf(image).catch((cause: unknown) => {
    throw undecodable(tile.file, cause);
  });
  return headerFrom(metadata, tile);
}

async function metadataOf(bytes: Uint8Array): Promise<Metadata> {
  return (await imagePipeline(bytes)).metadata();
}

async function metadataOfAll(tile: Tile): Promise<Metadata> {
  const image = await tile.readAll();
  return metadataOf(image).catch((cause: unknown) => {
    refuseWithoutEnd(image, tile.file);
    throw undecodable(tile.file, cause);
  });
}

function headerFrom({ width, height, channels, depth, space }: Metadata, { file, bytes }: Tile): TileHeader {
  if (width * height > MOST_PIXELS)
    throw tileWrong(
      file,
      `has ${width} × ${height} pixels, more than is read`,
      'A tile has at most 4096 × 4096 pixels.',
    );
  if (width * height * channels > bytes * MOST_VALUES_PER_BYTE)
    throw tileWrong(file, `claims ${width} × ${height} pixels in ${bytes} bytes, which cannot be`);
  if (depth !== 'uchar')
    throw tileWrong(file, `has values of type ${depth}`, 'Save tiles with 8 bits per channel.');
  if (space !== 'srgb' && space !== 'b-w')
    throw tileWrong(
      file,
      `has colours of the kind ${space}`,
      "Save it as RGB or grey: image.convert('RGB') in Pillow.",
    );
  const shown = channels - (channels % 2 === 0 ? 1 : 0);
  if (shown !== 1 && shown !== 3)
    throw tileWrong(file, `has ${channels} channels; read are 1 (grey) and 3 (RGB)`);
  return { shape: [height, width, shown], alpha: shown !== channels };
}

export function undecodable(file: TileFile, cause: unknown) {
  const why = cause instanceof Error ? cause.message.replace(/\s+/g, ' ').slice(0, 200) : String(cause);
  return tileWrong(file, `cannot be decoded: ${why}`, undefined, cause);
}
