/**
 * Which bags train, validate and test: the manifest's splits, or a fold of a cross-validation.
 * Out: indices into the manifest's `bags`, in manifest order.
 */
import type { DatasetManifest, Split } from './dataset-manifest.js';

/**
 * Without a fold each bag has the manifest's split. With one, its bags are the test bags; the others keep
 * `val` if the manifest says so and train otherwise.
 */
export function bagsOfSplit(manifest: DatasetManifest, split: Split, fold: number | null): number[] {
  return manifest.bags.flatMap((bag, index) => (splitOf(bag, fold) === split ? [index] : []));
}

function splitOf(bag: DatasetManifest['bags'][number], fold: number | null): Split {
  if (fold === null) return bag.split;
  if (bag.fold === fold) return 'test';
  return bag.split === 'val' ? 'val' : 'train';
}
