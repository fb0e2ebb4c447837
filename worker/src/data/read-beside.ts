/**
 * What lies beside a file of instances in files of its own: coordinates, labels of instances, edges.
 * In: the part of the manifest that names them, and how objects are fetched. Out: those that it names, checked against
 * the number of instances; an error names the bag and the file that is wrong.
 */
import type { BagPart, ObjectEntry } from '@bagfleet/proto/dataset-manifest';
import type { BagContent } from './bag.js';
import { type BagFile, bagError } from './bag-file.js';
import { openArrayFile } from './formats/array-files.js';
import { ARRAY_NAMES, type ArrayRole, nameOf } from './formats/array-names.js';
import { decodeCoords, decodeEdges, decodeLabels } from './formats/assemble-bag.js';
import { checkCoordsShape, checkEdgesShape, checkLabelsShape } from './formats/bag-shapes.js';
import { bytesInMemory } from './formats/byte-sources.js';
import { edgesOfMatrix, isDenseAdjacency } from './formats/dense-adjacency.js';
import type { StoredArray } from './formats/stored-array.js';

type Beside = Exclude<ArrayRole, 'features'>;
type Decode<Role extends Beside> = (
  array: StoredArray,
  instances: number,
  file: BagFile,
  signal: AbortSignal | undefined,
) => Promise<NonNullable<BagContent[Role]>>;

const DECODERS: { readonly [Role in Beside]: Decode<Role> } = {
  coords(array, instances, file, signal) {
    checkCoordsShape(array, instances, file);
    return decodeCoords(array, file, signal);
  },
  instanceLabels(array, instances, file, signal) {
    checkLabelsShape(array, instances, file);
    return decodeLabels(array, file, signal);
  },
  edges(array, instances, file, signal) {
    if (isDenseAdjacency(array, instances)) return edgesOfMatrix(array, instances, file, signal);
    checkEdgesShape(array, instances, file);
    return decodeEdges(array, instances, file, signal);
  },
};

/** Only what the part names; it counts more than what the file of instances has. */
export async function readBeside(
  part: BagPart,
  bag: string,
  fetch: (object: ObjectEntry, file: BagFile) => Promise<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<Partial<Pick<BagContent, Beside>>> {
  const found: { -readonly [Role in Beside]?: BagContent[Role] } = {};
  const read = async <Role extends Beside>(role: Role) => {
    const object = part[role];
    if (!object) return;
    const file: BagFile = { bag, file: object.key };
    const array = await arrayOf(role, await fetch(object, file), object, file);
    found[role] = await (DECODERS[role] as Decode<Role>)(array, part.instances, file, signal);
  };
  await read('coords');
  await read('instanceLabels');
  await read('edges');
  return found;
}

/** The array of that role, or the only one that there is. */
async function arrayOf(
  role: Beside,
  bytes: Uint8Array,
  object: ObjectEntry,
  file: BagFile,
): Promise<StoredArray> {
  if (bytes.length !== object.bytes)
    throw bagError(
      'bag-format',
      file,
      `it has ${bytes.length} bytes, the manifest says ${object.bytes}`,
      'If the file is right, build the manifest again with `bagfleet data index`.',
    );
  const { names, array } = await openArrayFile(bytesInMemory(bytes), file);
  const name = nameOf(role, names) ?? (names.length === 1 ? names[0] : undefined);
  if (name !== undefined) return { ...(await array(name)), name: ARRAY_NAMES[role][0] };
  throw bagError(
    'bag-format',
    file,
    `it holds ${names.length} arrays, none of them named ${ARRAY_NAMES[role].join(', ')}`,
    'Save that array alone, or under one of those names.',
  );
}
