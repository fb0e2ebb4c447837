/**
 * Opens the store that a URI names.
 * In: `s3://bucket/prefix`, `file:///folder` or a path (`~` and relative ones too), the job's store options.
 * Out: an ObjectStore. Nothing is sent or created yet; a local folder appears with its first object.
 */
import { LocalStore } from './local-store.js';
import type { ObjectStore } from './object-store.js';
import { parseStoreUri, type StoreAccess } from './store-uri.js';

/** Throws `usage` for what is no address of a store, and `store-insecure` for an endpoint in plain http. */
export async function openStore(uri: string, access: StoreAccess): Promise<ObjectStore> {
  const place = parseStoreUri(uri);
  if (place.kind === 'folder') return new LocalStore(place.path);
  const { S3Store } = await import('./s3-store.js'); // the SDK takes 0.15 s to load: only who needs it waits
  return new S3Store(place, access);
}
