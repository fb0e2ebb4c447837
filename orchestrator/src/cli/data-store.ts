/**
 * How the data commands reach a dataset's folder: flags for S3, and the stores that they lead to.
 * In: words of the command line. Out: an open store, or a loaded dataset, closed after use.
 * The flags mean what the fields of `store` in a job file mean; where the folder lies is no flag but a word.
 */
import { type Dataset, loadManifest, type OpenStore } from '@bagfleet/worker/data/load-manifest';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { openStore } from '@bagfleet/worker/storage/open-store';
import type { Argv } from 'yargs';
import { type StoreFlags, storeOptionsOf } from './options/store-flags.js';

export type DataStoreFlags = Omit<StoreFlags, 'store'>;

const GROUP = 'Datasets on S3:';

export function withDataStore<T>(parser: Argv<T>): Argv<T & DataStoreFlags> {
  return parser
    .option('profile', {
      group: GROUP,
      type: 'string',
      requiresArg: true,
      describe: 'Profile of the AWS credential chain',
    })
    .option('region', { group: GROUP, type: 'string', requiresArg: true, describe: 'Region of the bucket' })
    .option('endpoint', {
      group: GROUP,
      type: 'string',
      requiresArg: true,
      describe: 'URL of an S3-compatible server',
    })
    .option('path-style', {
      group: GROUP,
      type: 'boolean',
      describe: 'Bucket in the path, not in the host name',
    })
    .option('bucket-owner', {
      group: GROUP,
      type: 'string',
      requiresArg: true,
      describe: 'Account id that must own the bucket',
    })
    .option('insecure', {
      group: GROUP,
      type: 'boolean',
      describe: 'Plain http to a host that is not loopback',
    });
}

/** For commands that write: how the objects are encrypted. */
export function withEncryption<T>(parser: Argv<T>): Argv<T & DataStoreFlags> {
  return withDataStore(parser)
    .option('encryption', {
      group: GROUP,
      choices: ['none', 'sse-s3'] as const,
      describe: 'Server-side encryption of what is written',
    })
    .option('kms-key', {
      group: GROUP,
      type: 'string',
      requiresArg: true,
      describe: 'Key id for SSE-KMS',
      conflicts: 'encryption',
    }) as unknown as Argv<T & DataStoreFlags>;
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
