/**
 * The bytes of one of a bag's objects, the version that the manifest names, and no other on the way (If-Match).
 * In: the store of the dataset's folder, the object, what earlier reads found and kept. Out: its bytes, checked, or an error
 * that names the bag.
 */
import type { ObjectEntry } from '@bagfleet/proto/dataset-manifest';
import type { BagfleetError } from '@bagfleet/proto/errors';
import type { ObjectStore } from '../storage/object-store.js';
import { codeOf } from '../storage/store-errors.js';
import { type BagFile, bagError } from './bag-file.js';
import type { ObjectCache } from './disk-cache/object-cache.js';
import { checkObject } from './integrity/check-object.js';
import type { ContentRecord } from './integrity/content-record.js';

interface Version {
  readonly etag: string;
  readonly bytes: number;
}

export interface ObjectSource {
  readonly store: ObjectStore;
  readonly record: ContentRecord;
  readonly cache: ObjectCache;
}

export async function fetchObject(
  source: ObjectSource,
  object: ObjectEntry,
  file: BagFile,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const { store } = source;
  try {
    return await keptOrFetched(source, object, file, await versionOf(store, object, file), signal);
  } catch (thrown) {
    const code = codeOf(thrown);
    if (code === 'store-missing') throw missing(store, file, thrown);
    if (code !== 'store-conflict') throw thrown;
    // A checksum says whether it is the content that is meant; without one, another version is another file.
    if (object.checksum === undefined) throw replaced(file, thrown);
    return keptOrFetched(source, object, file, await standing(store, object, file), signal);
  }
}

/** A folder is near enough: only what comes from S3 is kept. */
async function keptOrFetched(
  source: ObjectSource,
  object: ObjectEntry,
  file: BagFile,
  version: Version,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const { store, cache } = source;
  signal?.throwIfAborted();
  if (!store.uri.startsWith('s3://')) return fetchVersion(source, object, file, version, signal);
  const kept = await cache.get(object.key, version.etag, version.bytes);
  if (kept) return kept;
  const bytes = await fetchVersion(source, object, file, version, signal);
  await cache.put(object.key, version.etag, bytes);
  return bytes;
}

async function fetchVersion(
  { store, record }: ObjectSource,
  object: ObjectEntry,
  file: BagFile,
  version: Version,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const options = { ifMatch: version.etag, ...(signal ? { signal } : {}) };
  const bytes = new Uint8Array(Buffer.allocUnsafeSlow(version.bytes).buffer);
  if (bytes.length > 0) await store.readInto(object.key, bytes, options);
  if (!mayBeGarbled(store, object)) return bytes;
  const readAgain = async (start: number, into: Uint8Array) => {
    await store.readInto(object.key, into, { ...options, start });
  };
  await checkObject({ object, file, etag: version.etag, bytes, readAgain }, record, signal);
  return bytes;
}

/** A folder is read as it is, unless the manifest has a checksum: reading it twice would read the same memory. */
function mayBeGarbled({ uri }: ObjectStore, { checksum }: ObjectEntry): boolean {
  return checksum !== undefined || uri.startsWith('s3://');
}

/** What the manifest says, or what the store has: one small request, while other bags are on their way. */
async function versionOf(store: ObjectStore, object: ObjectEntry, file: BagFile): Promise<Version> {
  if (object.etag !== undefined) return { etag: object.etag, bytes: object.bytes };
  return standing(store, object, file);
}

/** A file that is shorter than it should be is read all the same: its format can say best where it was cut. */
async function standing(store: ObjectStore, object: ObjectEntry, file: BagFile): Promise<Version> {
  const found = await store.head(object.key);
  if (!found) throw missing(store, file);
  if (found.bytes > object.bytes)
    throw bagError(
      'bag-format',
      file,
      `it has ${found.bytes} bytes, the manifest says ${object.bytes}`,
      'If the file is right, build the manifest again with `bagfleet data index`.',
    );
  return found;
}

function missing(store: ObjectStore, file: BagFile, cause?: unknown): BagfleetError {
  return bagError(
    'bag-missing',
    file,
    `it is not in ${store.uri}`,
    'Put the file there, or build the manifest again with `bagfleet data index`.',
    cause,
  );
}

function replaced(file: BagFile, cause: unknown): BagfleetError {
  return bagError(
    'bag-changed',
    file,
    'it is not, or no longer, the version that is meant',
    'If the new file is right, build the manifest again with `bagfleet data index` and begin a new run.',
    cause,
  );
}
