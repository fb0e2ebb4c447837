/**
 * A pseudonymized dataset's objects under names that tell nothing. Its manifest must name the objects as they lie, and
 * such names often hold ids of slides and patients; from here on nobody sees them: not errors, logs or caches.
 * In: a manifest. Out: the manifest with aliases for keys, and which key an alias stands for. Pure.
 *
 * An alias says what readers take from a name: the bag, the folder (tiles of one folder are one slide), the place of a
 * tile on its slide, the ending.
 */
import { type BagEntry, type BagPart, type DatasetManifest, partsOf } from '@bagfleet/proto/dataset-manifest';
import { type ObjectRole, renameObjects } from './rename-objects.js';
import { coordsOfName } from './tiles/tile-names.js';

/** Of what lies beside a file. */
const SUFFIX: Readonly<Record<ObjectRole, string>> = {
  file: '',
  coords: '.coords',
  instanceLabels: '.labels',
  edges: '.edges',
};

export interface AliasedManifest {
  readonly manifest: DatasetManifest;
  /** By alias. */
  readonly keys: ReadonlyMap<string, string>;
}

export function aliasKeys(manifest: DatasetManifest): AliasedManifest {
  const keys = new Map<string, string>();
  const bags = manifest.bags.map((bag) => aliasBag(bag, keys));
  return { manifest: { ...manifest, bags }, keys };
}

function aliasBag(bag: BagEntry, keys: Map<string, string>): BagEntry {
  const folders: string[] = [];
  const parts = partsOf(bag).map((part, place) => aliasPart(bag.id, part, place, folders, keys));
  if (!bag.parts) return { ...bag, ...parts[0] };
  return { ...bag, key: `${bag.id}/`, parts };
}

function aliasPart<Part extends BagPart>(
  id: string,
  part: Part,
  place: number,
  folders: string[],
  keys: Map<string, string>,
): Part {
  const folder = part.key.slice(0, part.key.lastIndexOf('/') + 1);
  if (!folders.includes(folder)) folders.push(folder);
  const at = coordsOfName(part.key);
  const name = `${id}/${folders.indexOf(folder)}/${place}${at ? `-x_${at[0]}_y_${at[1]}` : ''}`;
  return renameObjects(part, (key, role) => {
    const alias = `${name}${SUFFIX[role]}${endingOf(key)}`;
    keys.set(alias, key);
    return alias;
  });
}

/** `.h5`, by which the format is known. */
function endingOf(key: string): string {
  return /\.[a-z0-9]{1,12}$/i.exec(key)?.[0].toLowerCase() ?? '';
}
