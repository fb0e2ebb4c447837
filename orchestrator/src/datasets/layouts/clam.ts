/**
 * Layout `clam`: what CLAM's extract_features writes, `h5_files/SLIDE.h5` and `pt_files/SLIDE.pt`. Both hold the same
 * features; the first have coordinates besides, and are taken where nobody asks for others.
 * https://github.com/mahmoodlab/CLAM
 */
import { chooseFeatures } from './choose-features.js';
import { bagIdOf, folderOf, nameOf } from './key-names.js';
import { type Layout, NO_LABEL_FILES } from './layout.js';

/** By preference. */
const ENDINGS = { h5_files: '.h5', pt_files: '.pt' } as const;

export const clamLayout: Layout = {
  name: 'clam',
  about: "CLAM's h5_files/ and pt_files/",
  claims: (objects) => objects.some(({ key }) => isFeatures(key)),
  find(objects, features) {
    const files = objects.filter(({ key }) => isFeatures(key));
    if (files.length === 0) return { bags: [], labelFiles: NO_LABEL_FILES };
    const folders = [...new Set(files.map(({ key }) => folderOf(key)))];
    const preferred = folders.filter((folder) => nameOf(folder) === 'h5_files');
    const candidates = features === undefined && preferred.length > 0 ? preferred : folders;
    const chosen = chooseFeatures(candidates, features);
    const bags = files.filter(({ key }) => folderOf(key) === chosen);
    return { bags: bags.map((file) => ({ id: bagIdOf(file.key), ...file })), labelFiles: NO_LABEL_FILES };
  },
};

function isFeatures(key: string): boolean {
  const ending = (ENDINGS as Readonly<Record<string, string>>)[nameOf(folderOf(key))];
  return ending !== undefined && key.endsWith(ending);
}
