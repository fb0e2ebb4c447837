/**
 * Layout `tiles`: a folder of image tiles per slide, `SLIDE/tile_7.png`. The bag's id is the folder's name, its instances
 * are the tiles in the natural order of their names.
 */
import { formatOf } from '@bagfleet/worker/data/formats/bag-formats';
import { byNaturalOrder } from '@bagfleet/worker/data/tiles/natural-order';
import { grouped } from '../grouped.js';
import { folderOf, nameOf } from './key-names.js';
import { type FoundBag, type FoundObject, type Layout, NO_LABEL_FILES } from './layout.js';

export const tilesLayout: Layout = {
  name: 'tiles',
  about: 'a folder of PNG or JPEG tiles per slide',
  claims(objects) {
    const files = objects.filter(({ key }) => formatOf(key) !== undefined);
    return files.length > 0 && files.every(({ key }) => isTile(key));
  },
  find(objects) {
    const tiles = objects.filter(({ key }) => isTile(key));
    const folders = grouped(tiles, ({ key }) => folderOf(key));
    return { bags: [...folders].map(([folder, tiles]) => bagOf(folder, tiles)), labelFiles: NO_LABEL_FILES };
  },
};

function bagOf(folder: string, tiles: readonly FoundObject[]): FoundBag {
  return {
    id: nameOf(folder),
    key: `${folder}/`,
    bytes: tiles.reduce((sum, { bytes }) => sum + bytes, 0),
    parts: [...tiles].sort((a, b) => byNaturalOrder(a.key, b.key)),
  };
}

function isTile(key: string): boolean {
  return folderOf(key) !== '' && /\.(png|jpe?g)$/i.test(key) && !nameOf(key).startsWith('.');
}
