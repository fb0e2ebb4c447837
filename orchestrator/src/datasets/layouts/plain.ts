/**
 * Layout `plain`: a file per bag, in the folder and the folders below it; archives of tiles are such files, too.
 * Images beside other files are thumbnails, and passed over.
 */
import { formatOf } from '@bagfleet/worker/data/formats/bag-formats';
import { imageBag } from '@bagfleet/worker/data/formats/image-bag';
import { bagIdOf } from './key-names.js';
import { type Layout, NO_LABEL_FILES } from './layout.js';

export const plainLayout: Layout = {
  name: 'plain',
  about: 'a file per bag',
  claims: () => true,
  find(objects) {
    const known = objects.filter(({ key }) => formatOf(key) !== undefined);
    const others = known.filter(({ key }) => formatOf(key) !== imageBag);
    const files = others.length > 0 ? others : known;
    return { bags: files.map((file) => ({ id: bagIdOf(file.key), ...file })), labelFiles: NO_LABEL_FILES };
  },
};
