/**
 * A job's warm start before its run begins: which checkpoint is meant, and that it fits.
 * In: a job whose `model.initial` may name a run, the dataset. Out: the job with the checkpoint's URI and digest, so
 * that every worker begins with the same bytes; an error that says what does not fit.
 */
import { BagfleetError, type DatasetManifest, type JobSpec } from '@bagfleet/proto';
import { sha256Of } from '@bagfleet/worker/checkpoint/checkpoint-files';
import { readInitial } from '@bagfleet/worker/checkpoint/read-initial';
import { modelInputOf } from '@bagfleet/worker/models/model-input';
import { codeOf } from '@bagfleet/worker/storage/store-errors';
import { layoutOf } from '@bagfleet/worker/train/parameter-layout';
import { findCheckpoint } from '../registry/find-checkpoint.js';

export async function pinInitial(
  job: JobSpec,
  manifest: DatasetManifest,
  workingFolder: string,
): Promise<JobSpec> {
  if (job.model.initial === null) return job;
  const found = await findCheckpoint(job.model.initial.checkpoint, job.store, workingFolder);
  found.store.close();
  const sha256 = job.model.initial.sha256 ?? sha256Of(found.manifestBytes);
  const initial = { checkpoint: found.uri, sha256 };
  // Imported here: TensorFlow.js takes a third of a second to load, and most jobs do without.
  const { createModel } = await import('@bagfleet/worker/models/create-model');
  const { parameters } = createModel(job.model, modelInputOf(manifest, job.data));
  await readInitial(initial, { job, manifest, layout: layoutOf(parameters) }).catch((thrown: unknown) => {
    throw codeOf(thrown) === 'state-mismatch' ? misfit(thrown as BagfleetError) : thrown;
  });
  return { ...job, model: { ...job.model, initial } };
}

/** Before a run begins it is the job that is wrong. */
function misfit({ culprit, message, hint }: BagfleetError): BagfleetError {
  return new BagfleetError('job-invalid', `${culprit} does not fit: ${message}`, {
    culprit: 'job field model.initial',
    ...(hint === undefined ? {} : { hint }),
  });
}
