/**
 * A bag from a file that holds arrays by name, whatever the format.
 * In: the arrays. Out: the opened file; of the arrays only those that a bag has were looked at.
 */
import type { BagFile } from '../bag-file.js';
import { namesByRole } from './array-names.js';
import { assembleBag } from './assemble-bag.js';
import type { OpenedFile } from './bag-format.js';
import type { NamedArrays } from './stored-array.js';

export async function openByNames({ names, array }: NamedArrays, file: BagFile): Promise<OpenedFile> {
  const { features, coords, instanceLabels, edges } = namesByRole(names, file);
  const arrayOf = async (name: string | undefined) => (name === undefined ? null : array(name));
  const arrays = {
    features: await array(features),
    coords: await arrayOf(coords),
    instanceLabels: await arrayOf(instanceLabels),
    edges: await arrayOf(edges),
  };
  return assembleBag(arrays, file);
}
