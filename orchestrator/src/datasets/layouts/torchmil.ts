/**
 * Layout `torchmil`: folders of .npy files with the same names: features/ (or features/features_NAME/), labels/,
 * inst_labels/ (or patch_labels/), coords/ and adj/. All but the first may be missing.
 * https://github.com/Franblueee/torchmil, ProcessedMILDataset
 */
import { chooseFeatures } from './choose-features.js';
import { bagIdOf, folderOf, nameOf } from './key-names.js';
import type { FoundBag, FoundObject, Layout } from './layout.js';

const FEATURES = 'features';
const INSTANCE_LABELS = ['inst_labels', 'patch_labels'];
const BESIDE = ['labels', ...INSTANCE_LABELS, 'coords', 'adj'];

export const torchmilLayout: Layout = {
  name: 'torchmil',
  about: "torchmil's features/, labels/, inst_labels/, coords/, adj/",
  claims(objects) {
    const folders = new Set(objects.map(({ key }) => folderOf(key)));
    const roots = objects.flatMap(({ key }) => (isFeatures(key) ? [rootOf(folderOf(key))] : []));
    return roots.some((root) => BESIDE.some((name) => folders.has(inside(root, name))));
  },
  find(objects, features) {
    const files = objects.filter(({ key }) => isFeatures(key));
    if (files.length === 0) return { bags: [], labelFiles: new Map() };
    const chosen = chooseFeatures(
      files.map(({ key }) => folderOf(key)),
      features,
    );
    const byKey = new Map(objects.map((object) => [object.key, object]));
    const mine = files.filter(({ key }) => folderOf(key) === chosen);
    return {
      bags: mine.map((file) => withBeside(file, rootOf(chosen), byKey)),
      labelFiles: labelFilesOf(mine, rootOf(chosen), byKey),
    };
  },
};

function withBeside(file: FoundObject, root: string, byKey: ReadonlyMap<string, FoundObject>): FoundBag {
  const beside = (folders: readonly string[]) =>
    folders.map((folder) => byKey.get(inside(root, `${folder}/${nameOf(file.key)}`))).find(Boolean);
  const [coords, instanceLabels, edges] = [['coords'], INSTANCE_LABELS, ['adj']].map(beside);
  return {
    id: bagIdOf(file.key),
    ...file,
    ...(coords && { coords }),
    ...(instanceLabels && { instanceLabels }),
    ...(edges && { edges }),
  };
}

function labelFilesOf(
  files: readonly FoundObject[],
  root: string,
  byKey: ReadonlyMap<string, FoundObject>,
): Map<string, FoundObject> {
  const labelled = files.map(({ key }) => [bagIdOf(key), byKey.get(inside(root, `labels/${nameOf(key)}`))]);
  return new Map(labelled.filter((pair): pair is [string, FoundObject] => pair[1] !== undefined));
}

/** features/SLIDE.npy and features/features_UNI/SLIDE.npy */
function isFeatures(key: string): boolean {
  const folder = folderOf(key);
  const isNested = nameOf(folder).startsWith('features_') && nameOf(folderOf(folder)) === FEATURES;
  return key.endsWith('.npy') && (isNested || nameOf(folder) === FEATURES);
}

/** The folder that holds features/, labels/ and the others. */
function rootOf(featuresFolder: string): string {
  const folder = nameOf(featuresFolder) === FEATURES ? featuresFolder : folderOf(featuresFolder);
  return folderOf(folder);
}

function inside(root: string, name: string): string {
  return root === '' ? name : `${root}/${name}`;
}
