/**
 * The datasets of an HDF5 file as stored arrays: those of its root and, where the features are in one of its groups,
 * those of that group.
 * In: a byte source. Out: the names, and each array when it is asked for; no value is read before.
 */
import type { BagFile } from '../bag-file.js';
import { nameOf } from '../formats/array-names.js';
import type { ByteSource } from '../formats/bag-format.js';
import type { NamedArrays } from '../formats/stored-array.js';
import { isDataset, openDataset } from './dataset.js';
import { hdf5Unread, hdf5Wrong, printable, shown } from './hdf5-errors.js';
import type { Link } from './links.js';
import type { Metadata } from './metadata.js';
import { type Message, readMessages } from './object-header.js';
import { readGroup } from './read-group.js';
import { openSuperblock } from './superblock.js';

/** Messages of each dataset, by its name. */
type Datasets = ReadonlyMap<string, readonly Message[]>;

interface Group {
  readonly name: string;
  readonly datasets: Datasets;
}

export async function openHdf5(source: ByteSource, file: BagFile): Promise<NamedArrays> {
  const { metadata, root } = await openSuperblock(source, file);
  const links = await readGroup(metadata, await readMessages(metadata, root));
  if (!links) throw hdf5Wrong(file, 'its root is no group');
  const { datasets, groups } = await readLinks(metadata, links);
  const inGroup = hasFeatures(datasets) ? null : await groupWithFeatures(metadata, groups, file);
  const all = new Map([...datasets, ...(inGroup?.datasets ?? [])]);
  return {
    names: [...all.keys()],
    async array(name) {
      const messages = all.get(name);
      if (!messages) throw new RangeError(`${name} is none of this file's datasets`);
      return openDataset(metadata, messages, printable(name));
    },
  };
}

async function readLinks(metadata: Metadata, links: readonly Link[]) {
  const datasets = new Map<string, readonly Message[]>();
  const groups = new Map<string, readonly Message[]>();
  for (const { name, address } of links) {
    const messages = await readMessages(metadata, address);
    (isDataset(messages) ? datasets : groups).set(name, messages);
  }
  return { datasets, groups };
}

function hasFeatures(datasets: Datasets): boolean {
  return nameOf('features', [...datasets.keys()]) !== undefined;
}

/** Other objects than groups, such as named types, hold nothing. */
async function groupWithFeatures(
  metadata: Metadata,
  groups: ReadonlyMap<string, readonly Message[]>,
  file: BagFile,
): Promise<Group | null> {
  const found: Group[] = [];
  for (const [name, messages] of groups) {
    const links = (await readGroup(metadata, messages)) ?? [];
    const { datasets } = await readLinks(metadata, links);
    if (hasFeatures(datasets)) found.push({ name, datasets });
  }
  if (found.length > 1)
    throw hdf5Unread(
      file,
      `${found.length} of its groups hold features: ${found
        .slice(0, 3)
        .map(({ name }) => shown(name))
        .join(', ')}`,
      'Save one bag per file.',
    );
  return found[0] ?? null;
}
