/**
 * The dataset of a job: its manifest (whose bags may lie in another folder) with the labels that the job trains on, and,
 * where the job names one, a second manifest whose bags validate.
 * In: the job's data settings. Out: one Dataset; who reads bags from it need not know that it lies in two places.
 */
import { createHash } from 'node:crypto';
import type { DatasetManifest } from '@bagfleet/proto/dataset-manifest';
import { BagfleetError } from '@bagfleet/proto/errors';
import type { JobSpec } from '@bagfleet/proto/job-spec';
import { type LabelMap, mapLabels } from '@bagfleet/proto/label-map';
import { JoinedStore } from '../storage/joined-store.js';
import { type Dataset, loadManifest, loadManifestOf, type OpenStore } from './load-manifest.js';
import { renameObjects } from './rename-objects.js';

/** What the keys of the second manifest begin with, so that they cannot meet those of the first. */
const VALIDATION = 'validation-manifest/';

export type DatasetSettings = Pick<JobSpec['data'], 'manifest' | 'validation' | 'folder' | 'labelMap'>;

/**
 * With `validation`, all of its bags validate, and bags that the first manifest calls `val` take no part.
 * Errors: those of loadManifest; `manifest-invalid` if the two do not fit each other.
 */
export async function loadDataset(data: DatasetSettings, openStore: OpenStore): Promise<Dataset> {
  const main = await loadManifestOf(data.manifest, data.folder, openStore);
  try {
    const mapped = withLabelMap(main, data.labelMap);
    if (data.validation === null) return mapped;
    return join(mapped, await loadManifest(data.validation, openStore), data.labelMap);
  } catch (thrown) {
    main.store.close();
    throw thrown;
  }
}

/** The dataset with the labels that the job trains on. */
export function withLabelMap(dataset: Dataset, labelMap: LabelMap | null): Dataset {
  return labelMap === null ? dataset : { ...dataset, manifest: mapLabels(dataset.manifest, labelMap) };
}

function join(main: Dataset, other: Dataset, labelMap: LabelMap | null): Dataset {
  let validation = other;
  try {
    validation = withLabelMap(other, labelMap);
    refuseMisfit(main, validation);
  } catch (thrown) {
    other.store.close();
    throw thrown;
  }
  return {
    manifest: joinedManifest(main.manifest, validation.manifest),
    digest: createHash('sha256').update(main.digest).update(validation.digest).digest('hex'),
    uri: main.uri,
    store: new JoinedStore(main.store, VALIDATION, validation.store),
  };
}

function joinedManifest(main: DatasetManifest, validation: DatasetManifest): DatasetManifest {
  const moved = (key: string) => `${VALIDATION}${key}`;
  const others = main.bags.filter((bag) => bag.split !== 'val');
  const validating = validation.bags.map(({ fold: _, ...bag }) => ({
    ...renameObjects(bag, moved),
    ...(bag.parts && { parts: bag.parts.map((part) => renameObjects(part, moved)) }),
    split: 'val' as const,
  }));
  return { ...main, bags: [...others, ...validating] };
}

function refuseMisfit(main: Dataset, validation: Dataset): void {
  const [ours, theirs] = [main.manifest, validation.manifest];
  if (ours.instanceShape.join() !== theirs.instanceShape.join())
    throw misfit(
      validation,
      `has instances of [${theirs.instanceShape}], ${main.uri} of [${ours.instanceShape}]`,
    );
  if (JSON.stringify(ours.classes) !== JSON.stringify(theirs.classes))
    throw misfit(validation, `has the classes ${theirs.classes}, ${main.uri} has ${ours.classes}`);
  const known = new Set(ours.bags.filter((bag) => bag.split !== 'val').map((bag) => bag.id));
  const twice = theirs.bags.find((bag) => known.has(bag.id));
  if (twice) throw misfit(validation, `holds bag ${twice.id}, which ${main.uri} trains or tests with`);
}

function misfit({ uri }: Dataset, message: string): BagfleetError {
  return new BagfleetError('manifest-invalid', message, {
    culprit: uri,
    hint: 'The bags of data.validation must be made like those of data.manifest, and be others.',
  });
}
