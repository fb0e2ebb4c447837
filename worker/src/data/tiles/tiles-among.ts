/**
 * The tiles among the files of an archive, in the order that they have in the bag.
 */
import { type BagFile, bagError } from '../bag-file.js';
import { byNaturalOrder } from './natural-order.js';
import { IMAGE_SUFFIXES, isTileName } from './tile-names.js';

/** @throws BagfleetError `bag-format` where there is none */
export function tilesAmong<Entry extends { readonly name: string }>(
  entries: readonly Entry[],
  file: BagFile,
): Entry[] {
  const tiles = entries.filter(({ name }) => isTileName(name));
  if (tiles.length > 0) return tiles.sort((a, b) => byNaturalOrder(a.name, b.name));
  throw bagError(
    'bag-format',
    file,
    `none of its ${entries.length} files is a tile`,
    `Tiles are images whose names end in ${IMAGE_SUFFIXES.join(', ')}.`,
  );
}
