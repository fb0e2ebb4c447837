/**
 * What must hold before a run may begin: the dataset is there, has bags to train on, and fits the model.
 * In: a resolved job. Out: the dataset's manifest, or an error that names the job field (I6).
 */
import { BagfleetError, bagsOfSplit, type DatasetManifest, type JobSpec, outputsOf } from '@bagfleet/proto';
import { loadManifest } from '@bagfleet/worker/data/load-manifest';
import { createModel } from '@bagfleet/worker/models/create-model';
import { openStore } from '@bagfleet/worker/storage/open-store';

export async function checkJob(job: JobSpec): Promise<DatasetManifest> {
  const { manifest, store } = await loadManifest(job.data.manifest, (uri) => openStore(uri, job.store));
  store.close();
  createModel(job.model, { instanceShape: manifest.instanceShape, outputs: outputsOf(manifest) });
  if (bagsOfSplit(manifest, 'train', job.data.fold).length === 0) throw nothingToTrain(job);
  if (bagsOfSplit(manifest, 'val', job.data.fold).length === 0 && job.validation.earlyStop) throw nothingToValidate(job);
  return manifest;
}

function nothingToTrain(job: JobSpec): BagfleetError {
  return new BagfleetError('manifest-invalid', 'no bag of it is in the split "train"', {
    culprit: job.data.manifest,
    hint: 'Give bags the split train with `bagfleet data index --split …`.',
  });
}

function nothingToValidate(job: JobSpec): BagfleetError {
  return new BagfleetError('job-invalid', 'early stopping needs validation bags, and the dataset has none', {
    culprit: 'job field validation.earlyStop',
    hint: `Give bags of ${job.data.manifest} the split val, or set validation.earlyStop to null.`,
  });
}
