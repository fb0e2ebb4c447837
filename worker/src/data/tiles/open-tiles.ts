/**
 * Several tiles as one bag: the same for archives of any kind and for a single image.
 * In: tiles in the bag's order. Out: an opened file, known by the header of its first tile and their number.
 */
import type { BagContent } from '../bag.js';
import type { FileHeader, OpenedFile } from '../formats/bag-format.js';
import { sharedFeatures } from '../formats/shared-features.js';
import { mapAtMost } from '../map-at-most.js';
import { decodeTile } from './decode-tile.js';
import { nameOf, tileMisfit, tileWrong } from './tile-errors.js';
import { readTileHeader, type Tile, type TileShape } from './tile-header.js';
import { coordsOfNames } from './tile-names.js';

/** As many as libuv has threads by default. */
const TILES_AT_ONCE = 4;

/** @param tiles at least one */
export async function openTiles(tiles: readonly Tile[]): Promise<OpenedFile> {
  const { shape } = await readTileHeader(tiles[0]);
  const coords = coordsOfNames(tiles.map(({ file }) => file.tile ?? file.file)); // [tiles, 2]
  const header: FileHeader = {
    instances: tiles.length,
    instanceShape: shape,
    type: 'uint8',
    hasCoords: coords !== null,
    hasInstanceLabels: false,
    hasEdges: false,
  };
  return {
    header,
    async decode(signal) {
      const features = await decodeAll(tiles, shape, signal);
      const { instances, instanceShape } = header;
      return { instances, instanceShape, type: 'uint8', features, coords, instanceLabels: null, edges: null };
    },
  };
}

/** The first tile is decoded before the room for all is taken: its header alone could be a lie. */
async function decodeAll(
  tiles: readonly Tile[],
  shape: TileShape,
  signal: AbortSignal | undefined,
): Promise<BagContent['features']> {
  const [first, ...others] = tiles;
  const decoded = await decodeTile(first, signal);
  if (decoded.shape.join() !== shape.join())
    throw tileWrong(first.file, `is ${sizeOf(decoded.shape)}, and was ${sizeOf(shape)} before`);
  const features = sharedFeatures('uint8', tiles.length, shape); // [tiles, height, width, channels]
  features.set(decoded.values);
  await mapAtMost(others, TILES_AT_ONCE, async (tile, i) => {
    const { shape: own, values } = await decodeTile(tile, signal);
    if (own.join() !== shape.join())
      throw tileMisfit(tile.file, `is ${sizeOf(own)}, ${nameOf(first.file)} is ${sizeOf(shape)}`);
    features.set(values, (i + 1) * values.length);
  });
  return features;
}

function sizeOf([height, width, channels]: TileShape): string {
  return `${width} × ${height} pixels of ${channels === 1 ? 'one channel' : '3 channels'}`;
}
