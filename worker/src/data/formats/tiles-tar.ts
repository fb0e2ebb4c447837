/**
 * A bag of tiles in a tar archive: its PNG and JPEG files, in the natural order of their names. Other files in it are
 * passed over.
 */
import { tarEntries } from '../tar/tar-entries.js';
import { openTiles } from '../tiles/open-tiles.js';
import { tilesAmong } from '../tiles/tiles-among.js';
import type { BagFormat } from './bag-format.js';

export const tilesTar: BagFormat = {
  name: 'tiles in tar',
  suffixes: ['.tar'],
  async open(source, file) {
    const entries = tilesAmong(await tarEntries(source, file), file);
    return openTiles(
      entries.map(({ name, start, bytes }) => ({
        file: { ...file, tile: name },
        bytes,
        readStart: (length) => source.read(start, Math.min(length, bytes)),
        readAll: () => source.read(start, bytes),
      })),
    );
  },
};
