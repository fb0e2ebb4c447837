/**
 * A tile in a file of its own, PNG or JPEG: a part of a bag, of one instance.
 */

import { openTiles } from '../tiles/open-tiles.js';
import { IMAGE_SUFFIXES } from '../tiles/tile-names.js';
import type { BagFormat } from './bag-format.js';

export const imageBag: BagFormat = {
  name: 'image',
  suffixes: IMAGE_SUFFIXES,
  open: async (source, file) =>
    openTiles([
      {
        file: { ...file, tile: null },
        bytes: source.bytes,
        readStart: (length) => source.read(0, Math.min(length, source.bytes)),
        readAll: () => source.read(0, source.bytes),
      },
    ]),
};
