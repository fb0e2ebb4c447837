/**
 * A dataset from its URI: the manifest, checked, and the store of the folder that its keys are relative to.
 * In: `s3://bucket/prefix/manifest.json`, a path, or the folder of either. Out: manifest, digest, store.
 */
import { createHash } from 'node:crypto';
import { type DatasetManifest, parseDatasetManifest } from '@bagfleet/proto/dataset-manifest';
import { BagfleetError } from '@bagfleet/proto/errors';
import { AliasStore } from '../storage/alias-store.js';
import type { ObjectStore } from '../storage/object-store.js';
import { objectMissing } from '../storage/store-errors.js';
import { aliasKeys } from './alias-keys.js';
import { expectedOf } from './integrity/check-content.js';
import { garbled } from './integrity/check-object.js';
import { confirmContent } from './integrity/confirm-content.js';

export const MANIFEST_FILE = 'manifest.json';

export interface Dataset {
  readonly manifest: DatasetManifest;
  /** SHA-256 of the manifest file, in hex: what a run records of its data. */
  readonly digest: string;
  /** Where the manifest lies, in full. */
  readonly uri: string;
  /** The dataset's folder; whoever loaded the dataset closes it. */
  readonly store: ObjectStore;
}

export type OpenStore = (uri: string) => ObjectStore | Promise<ObjectStore>;

export async function loadManifest(uri: string, openStore: OpenStore): Promise<Dataset> {
  return withAliases(await readManifest(uri, openStore));
}

/** A manifest that lies elsewhere than the bags: its keys are relative to `folder`; null is its own folder. */
export async function loadManifestOf(
  uri: string,
  folder: string | null,
  openStore: OpenStore,
): Promise<Dataset> {
  const dataset = await readManifest(uri, openStore);
  if (folder === null) return withAliases(dataset);
  dataset.store.close();
  return withAliases({ ...dataset, store: await openStore(folder) });
}

/** As it stands there. */
async function readManifest(uri: string, openStore: OpenStore): Promise<Dataset> {
  const { folder, file } = splitManifestUri(uri);
  const store = await openStore(folder);
  try {
    const full = `${store.uri.replace(/\/$/, '')}/${file}`;
    const bytes = await fetchManifest(store, file, full);
    const manifest = parseDatasetManifest(parseJson(bytes, full), full);
    return { manifest, digest: createHash('sha256').update(bytes).digest('hex'), uri: full, store };
  } catch (thrown) {
    store.close();
    throw thrown;
  }
}

/** Of a pseudonymized dataset nobody hears what its objects are really called. */
function withAliases(dataset: Dataset): Dataset {
  if (!dataset.manifest.pseudonymized) return dataset;
  const { manifest, keys } = aliasKeys(dataset.manifest);
  return { ...dataset, manifest, store: new AliasStore(dataset.store, keys) };
}

/** The folder's URI and the manifest's name in it; a URI that does not end in .json is a folder. */
export function splitManifestUri(uri: string): { folder: string; file: string } {
  if (!uri.endsWith('.json')) return { folder: uri, file: MANIFEST_FILE };
  const cut = uri.lastIndexOf('/');
  const folder = cut < 0 ? '.' : uri.slice(0, cut) || '/';
  return { folder, file: uri.slice(cut + 1) };
}

async function fetchManifest(store: ObjectStore, file: string, full: string): Promise<Uint8Array> {
  try {
    if (store.uri.startsWith('s3://')) return await confirmedManifest(store, file, full);
    return (await store.get(file)).bytes;
  } catch (thrown) {
    if (!(thrown instanceof BagfleetError && thrown.code === 'store-missing')) throw thrown;
    throw new BagfleetError('store-missing', 'there is no dataset manifest', {
      culprit: full,
      hint: 'Make one with `bagfleet data index FOLDER --labels labels.csv`, or try `bagfleet data demo`.',
      cause: thrown,
    });
  }
}

/** A garbled answer could change a label and still be JSON. */
async function confirmedManifest(store: ObjectStore, file: string, full: string): Promise<Uint8Array> {
  const found = await store.head(file);
  if (!found) throw objectMissing(full);
  const { etag: ifMatch } = found;
  const bytes = new Uint8Array(found.bytes);
  const readAgain = async (start: number, into: Uint8Array) => {
    await store.readInto(file, into, { start, ifMatch });
  };
  if (bytes.length > 0) await readAgain(0, bytes);
  const { kind } = await confirmContent(bytes, expectedOf({}, ifMatch, null), readAgain);
  if (kind === 'unfit') throw garbled(full);
  return bytes;
}

function parseJson(bytes: Uint8Array, source: string): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    // The parser's own message quotes the file, and with it may quote a patient.
    throw new BagfleetError('manifest-invalid', `its ${bytes.length} bytes are not valid JSON`, {
      culprit: source,
      hint: 'Build it again with `bagfleet data index`.',
    });
  }
}
