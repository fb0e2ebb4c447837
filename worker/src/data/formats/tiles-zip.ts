/**
 * A bag of tiles in a ZIP archive: its PNG and JPEG files, in the natural order of their names. Other files in it are
 * passed over.
 */
import { openTiles } from '../tiles/open-tiles.js';
import { tilesAmong } from '../tiles/tiles-among.js';
import { openZip } from '../zip/zip-archive.js';
import type { BagFormat } from './bag-format.js';

export const tilesZip: BagFormat = {
  name: 'tiles in zip',
  suffixes: ['.zip'],
  async open(source, file) {
    const zip = await openZip(source, file);
    const entries = tilesAmong([...zip.entries.values()], file);
    return openTiles(
      entries.map((entry) => ({
        file: { ...file, tile: entry.name },
        bytes: entry.bytes,
        readStart: (length) => zip.readStart(entry, length),
        readAll: (signal) => zip.read(entry, signal),
      })),
    );
  },
};
