/**
 * The bags that decide: pinned once by the digests of manifest and files, read by every night.
 * In: a dataset. Out: the hold-out as a file named by its digest; and back: a dataset that hands out nothing else.
 */
import { createHash } from 'node:crypto';
import {
  BagfleetError,
  type Cron,
  type DatasetManifest,
  holdOutFile,
  holdOutSchema,
  parseDatasetManifest,
  SCHEMA_VERSION,
} from '@bagfleet/proto';
import { canonicalJson } from '@bagfleet/worker/checkpoint/canonical-json';
import type { Dataset } from '@bagfleet/worker/data/load-manifest';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { eachConcurrently, type Progress } from '../datasets/each-concurrently.js';
import { PinnedStore } from './pinned-store.js';
import type { HoldOutSize } from './standard-error.js';

export interface PinnedHoldOut {
  readonly digest: string;
  readonly bytes: Uint8Array;
}

/** Reads each bag once. `bags` of the dataset become the hold-out, whatever split they have. */
export async function pinHoldOut(
  { manifest, store, uri }: Pick<Dataset, 'manifest' | 'store' | 'uri'>,
  bags: DatasetManifest['bags'],
  progress: Progress,
): Promise<PinnedHoldOut> {
  const missing = manifest.classes.find((_, label) => !bags.some((bag) => bag.label === label));
  if (missing !== undefined)
    throw new BagfleetError('manifest-invalid', `its hold-out has no bag of the class ${missing}`, {
      culprit: uri,
      hint: 'Give the split test bags of each class, or name another manifest with --hold-out.',
    });
  const digestOf = async ({ id, key, bytes: expected }: DatasetManifest['bags'][number]) => {
    const { bytes } = await store.get(key);
    if (bytes.length !== expected)
      throw new BagfleetError(
        'bag-truncated',
        `it has ${bytes.length} bytes, the manifest says ${expected}`,
        {
          culprit: `bag ${id}, file ${key}`,
          hint: 'Build the manifest again with `bagfleet data index`.',
        },
      );
    return [id, sha256(bytes)] as const;
  };
  const told = { label: 'pinning the hold-out', progress };
  const digests = await eachConcurrently(bags, digestOf, told);
  const held = bags.map(({ fold: _, ...bag }) => ({ ...bag, split: 'test' as const }));
  const bytes = canonicalJson({
    schemaVersion: SCHEMA_VERSION,
    manifest: { ...manifest, bags: held },
    sha256: Object.fromEntries(digests),
  });
  return { digest: sha256(bytes), bytes };
}

/** `bags`: the store of the folder that they lie in; closing the dataset's store closes it. */
export async function readHoldOut(runs: ObjectStore, cron: Cron, bags: ObjectStore): Promise<Dataset> {
  const { name, holdOut } = cron;
  const key = holdOutFile(name, holdOut.sha256);
  const uri = `${runs.uri}/${key}`;
  const { bytes } = await runs.get(key);
  const actual = sha256(bytes);
  if (actual !== holdOut.sha256)
    throw new BagfleetError('manifest-invalid', `the hold-out has changed: its sha256 is ${actual}`, {
      culprit: uri,
      hint: 'Pin it anew: `bagfleet cron apply … --hold-out MANIFEST`.',
    });
  const file = holdOutSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  const manifest = parseDatasetManifest(file.manifest, uri);
  const pinned = new Map(manifest.bags.map(({ id, key }) => [key, { bag: id, sha256: file.sha256[id] }]));
  return { manifest, digest: holdOut.sha256, uri, store: new PinnedStore(bags, pinned) };
}

/** Reads every bag: none is missing, none has changed. */
export async function verifyHoldOut({ manifest, store }: Dataset, progress: Progress): Promise<void> {
  const read = async ({ key }: { key: string }) => {
    await store.get(key);
  };
  await eachConcurrently(manifest.bags, read, { label: 'checking the hold-out', progress });
}

/** null for more than two classes. */
export function sizeOf({ classes, bags }: DatasetManifest): HoldOutSize | null {
  if (classes.length !== 2) return null;
  const positives = bags.filter(({ label }) => label === 1).length;
  return { positives, negatives: bags.length - positives };
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
