/**
 * The bytes of one of a bag's objects, the version that the manifest names.
 * In: the store of the dataset's folder, the object. Out: its bytes, or an error that names the bag.
 */
import type { ObjectEntry } from '@bagfleet/proto/dataset-manifest';
import { BagfleetError } from '@bagfleet/proto/errors';
import type { ObjectStore } from '../storage/object-store.js';
import { type BagFile, bagError } from './bag-file.js';

export async function fetchObject(
  store: ObjectStore,
  object: ObjectEntry,
  file: BagFile,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  try {
    const { bytes } = await store.get(object.key, signal ? { signal } : {});
    return bytes;
  } catch (thrown) {
    if (!(thrown instanceof BagfleetError && thrown.code === 'store-missing')) throw thrown;
    throw bagError(
      'bag-missing',
      file,
      `it is not in ${store.uri}`,
      'Put the file there, or build the manifest again with `bagfleet data index`.',
      thrown,
    );
  }
}
