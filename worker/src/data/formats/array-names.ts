/**
 * What the arrays of a bag are called in files that hold several, the same in all formats.
 * In: the names that a file has. Out: which of them is what.
 */
import { type BagFile, bagError } from '../bag-file.js';

/** Of several names that a file has, the first of these counts. Case does not matter. */
export const ARRAY_NAMES = {
  features: ['features', 'feats', 'feat', 'embeddings', 'x'],
  coords: ['coords', 'coordinates', 'coord'],
  instanceLabels: ['inst_labels', 'instance_labels', 'patch_labels', 'tile_labels', 'labels'],
  edges: ['edge_index', 'edges'],
} as const;
export type ArrayRole = keyof typeof ARRAY_NAMES;

/** The file's name for each role; all but features may be missing. */
export type NamesByRole = { readonly features: string } & {
  readonly [role in Exclude<ArrayRole, 'features'>]: string | undefined;
};

/**
 * One array alone is the features, unless its name says that it is something else.
 * @throws BagfleetError `bag-format` where no name is that of features
 */
export function namesByRole(names: readonly string[], file: BagFile): NamesByRole {
  const roles = Object.keys(ARRAY_NAMES) as ArrayRole[];
  const found = new Map(roles.map((role) => [role, nameOf(role, names)]));
  const alone = names.length === 1 && [...found.values()].every((name) => name === undefined);
  const features = alone ? names[0] : found.get('features');
  if (features === undefined) throw withoutFeatures(names, file);
  const [coords, instanceLabels, edges] = (['coords', 'instanceLabels', 'edges'] as const).map((role) =>
    found.get(role),
  );
  return { features, coords, instanceLabels, edges };
}

/** The file's name for one role. */
export function nameOf(role: ArrayRole, names: readonly string[]): string | undefined {
  for (const known of ARRAY_NAMES[role]) {
    const name = names.find((candidate) => candidate.toLowerCase() === known);
    if (name !== undefined) return name;
  }
  return undefined;
}

function withoutFeatures(names: readonly string[], file: BagFile) {
  const shown = names.slice(0, 10).map((name) => JSON.stringify(name.slice(0, 60)));
  const more = names.length > shown.length ? ` and ${names.length - shown.length} more` : '';
  return bagError(
    'bag-format',
    file,
    names.length === 0
      ? 'it holds no array'
      : `it holds ${shown.join(', ')}${more}: none of them is features`,
    `Save the features under one of the names ${ARRAY_NAMES.features.join(', ')}.`,
  );
}
