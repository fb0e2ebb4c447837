/**
 * How the data commands reach a dataset's folder: flags for S3, and the stores that they lead to.
 * In: words of the command line. Out: an open store, or a loaded dataset, closed after use.
 * The flags mean what the fields of `store` in a job file mean; where the folder lies is no flag but a word.
 */
import { type Dataset, loadManifest, type OpenStore } from '@bagfleet/worker/data/load-manifest';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { openStore } from '@bagfleet/worker/storage/open-store';
import type { Argv } from 'yargs';
import { withEncryption, withS3Access } from './options/s3-flags.js';
import { type StoreFlags, storeOptionsOf } from './options/store-flags.js';

export type DataStoreFlags = Omit<StoreFlags, 'store'>;

const GROUP = 'Datasets on S3:';

export function withDataStore<T>(parser: Argv<T>): Argv<T & DataStoreFlags> {
  return withS3Access(parser, GROUP);
}

/** For commands that write: how the objects are encrypted. */
export function withEncryptedDataStore<T>(parser: Argv<T>): Argv<T & DataStoreFlags> {
  return withEncryption(withS3Access(parser, GROUP), GROUP);
}

export async function withDataFolder<T>(
  uri: string,
  flags: DataStoreFlags,
  use: (store: ObjectStore) => Promise<T>,
): Promise<T> {
  const store = await storeOpener(flags)(uri);
  try {
    return await use(store);
  } finally {
    store.close();
  }
}

export async function withDatasetAt<T>(
  uri: string,
  flags: DataStoreFlags,
  use: (dataset: Dataset) => Promise<T>,
): Promise<T> {
  const dataset = await loadManifest(uri, storeOpener(flags));
  try {
    return await use(dataset);
  } finally {
    dataset.store.close();
  }
}

function storeOpener(flags: DataStoreFlags): OpenStore {
  return (uri) => openStore(uri, storeOptionsOf({ ...flags, store: uri }));
}
