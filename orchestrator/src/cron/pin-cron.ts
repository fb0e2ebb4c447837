/**
 * What a cron may not have moved under it: which bags decide, and on which side the bags stand that there are.
 * In: the job's dataset as it is now, the hold-out if it is another one. Out: digests; the files that they name are in
 * the store.
 */
import {
  BagfleetError,
  type Cron,
  cronManifestFile,
  type DatasetManifest,
  holdOutFile,
  type StoreOptions,
} from '@bagfleet/proto';
import { type Dataset, loadManifest, splitManifestUri } from '@bagfleet/worker/data/load-manifest';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { openStore } from '@bagfleet/worker/storage/open-store';
import type { Progress } from '../datasets/each-concurrently.js';
import { manifestBytes } from '../datasets/manifest-file.js';
import { keepUnderDigest } from './cron-store.js';
import { type PinnedHoldOut, pinHoldOut, sha256 } from './hold-out.js';

export interface Pins {
  readonly data: Omit<Cron['data'], 'labels'>;
  readonly holdOut: Cron['holdOut'];
}

export async function pinCron(args: {
  readonly runs: ObjectStore;
  readonly access: StoreOptions;
  readonly cron: string;
  readonly base: Dataset;
  /** The data folder, in which the base's bags lie. */
  readonly folder: string;
  /** A manifest all of whose bags are the hold-out; null: the base's test bags. */
  readonly holdOut: string | null;
  readonly progress: Progress;
}): Promise<Pins> {
  const { runs, cron, base, folder, holdOut } = args;
  const held = holdOut === null ? await pinTestBags(args) : await pinOther(args, holdOut);
  const bytes = manifestBytes(base.manifest);
  await keepUnderDigest(runs, cronManifestFile(cron, sha256(bytes)), bytes);
  await keepUnderDigest(runs, holdOutFile(cron, held.digest), held.bytes);
  return {
    data: { folder, base: sha256(bytes) },
    holdOut: { sha256: held.digest, folder: holdOut === null ? folder : splitManifestUri(holdOut).folder },
  };
}

type PinArgs = Parameters<typeof pinCron>[0];

function pinTestBags({ base, progress }: PinArgs): Promise<PinnedHoldOut> {
  const bags = base.manifest.bags.filter(({ split }) => split === 'test');
  return pinHoldOut(base, bags, progress);
}

async function pinOther({ base, access, progress }: PinArgs, uri: string): Promise<PinnedHoldOut> {
  const other = await loadManifest(uri, (folder) => openStore(folder, access));
  try {
    refuseMisfit(base.manifest, other.manifest, { ours: base.uri, theirs: other.uri });
    return await pinHoldOut(other, other.manifest.bags, progress);
  } finally {
    other.store.close();
  }
}

function refuseMisfit(
  ours: DatasetManifest,
  theirs: DatasetManifest,
  uris: { readonly ours: string; readonly theirs: string },
): void {
  const isSameShape = ours.instanceShape.join() === theirs.instanceShape.join();
  if (isSameShape && JSON.stringify(ours.classes) === JSON.stringify(theirs.classes)) return;
  throw new BagfleetError('manifest-invalid', `its instances or classes are not those of ${uris.ours}`, {
    culprit: uris.theirs,
    hint: 'A hold-out is made like the bags that train, with the same classes in the same order.',
  });
}
