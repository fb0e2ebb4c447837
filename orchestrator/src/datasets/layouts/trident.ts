/**
 * Layout `trident`: the job folder of TRIDENT, `20x_256px_0px_overlap/features_uni_v1/SLIDE.h5`; coordinates lie in the
 * same files. Its folders of coordinates, contours and features of whole slides are passed over.
 * https://github.com/mahmoodlab/TRIDENT
 */
import { chooseFeatures } from './choose-features.js';
import { bagIdOf, folderOf, nameOf } from './key-names.js';
import { type Layout, NO_LABEL_FILES } from './layout.js';

export const tridentLayout: Layout = {
  name: 'trident',
  about: "TRIDENT's job folder: features_*/SLIDE.h5",
  claims: (objects) => objects.some(({ key }) => isFeatures(key)),
  find(objects, features) {
    const files = objects.filter(({ key }) => isFeatures(key));
    if (files.length === 0) return { bags: [], labelFiles: NO_LABEL_FILES };
    const chosen = chooseFeatures(
      files.map(({ key }) => folderOf(key)),
      features,
    );
    const bags = files.filter(({ key }) => folderOf(key) === chosen);
    return { bags: bags.map((file) => ({ id: bagIdOf(file.key), ...file })), labelFiles: NO_LABEL_FILES };
  },
};

function isFeatures(key: string): boolean {
  return nameOf(folderOf(key)).startsWith('features_') && key.endsWith('.h5');
}
