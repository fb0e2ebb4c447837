/**
 * The parameters of a warm start: another run's, without its optimizer and its progress.
 * In: the job's `model.initial`, the model's layout, the dataset. Out: flat parameters, the same bytes on every worker
 * because the job names the digest; an error that says what does not fit.
 */
import {
  BagfleetError,
  type CheckpointManifest,
  type DatasetManifest,
  type JobSpec,
  type ModelConfig,
} from '@bagfleet/proto';
import type { SharedFloats } from '../engine/compute-protocol.js';
import type { ParameterLayout } from '../train/parameter-layout.js';
import { sha256Of } from './checkpoint-files.js';
import { type LocatedCheckpoint, locateByUri } from './locate-checkpoint.js';
import { readParameters } from './read-checkpoint.js';

type Initial = NonNullable<ModelConfig['initial']>;

export interface WarmStart {
  readonly job: JobSpec;
  readonly manifest: DatasetManifest;
  readonly layout: ParameterLayout;
}

/** Errors: `checkpoint-missing`, `checkpoint-corrupt` (also: another one stands there), `state-mismatch`. */
export async function readInitial(
  initial: Initial,
  { job, manifest, layout }: WarmStart,
): Promise<SharedFloats> {
  const place = await locateByUri(initial.checkpoint, job.store);
  try {
    demandDigestOf(place, initial.sha256);
    refuseOtherClasses(place, manifest);
    return (await readParameters(place, layout)).parameters;
  } finally {
    place.store.close();
  }
}

function demandDigestOf({ uri, manifestBytes }: LocatedCheckpoint, expected: string | null): void {
  if (expected === null)
    throw new BagfleetError('job-invalid', 'has no digest, so workers could begin with different bytes', {
      culprit: 'job field model.initial.sha256',
      hint: 'Start the run with `bagfleet submit`, which fills it in.',
    });
  const actual = sha256Of(manifestBytes);
  if (actual === expected) return;
  throw new BagfleetError(
    'checkpoint-corrupt',
    `its manifest's sha256 is ${actual}, the job expects ${expected}`,
    {
      culprit: uri,
      hint: 'Another checkpoint stands there now: submit the job again, or mend model.initial.',
    },
  );
}

/** Tensors of one shape may stand for other classes, or for the same ones in another order. */
function refuseOtherClasses({ uri, manifest }: LocatedCheckpoint, data: DatasetManifest): void {
  const trained = manifest.dataset;
  if (JSON.stringify(trained.classes) === JSON.stringify(data.classes)) return;
  throw new BagfleetError(
    'state-mismatch',
    `it tells ${wordsOf(trained)} apart, the dataset has the classes ${wordsOf(data)}`,
    { culprit: uri, hint: 'Begin with a model of the same classes in the same order, or from scratch.' },
  );
}

function wordsOf({ classes }: Pick<CheckpointManifest['dataset'], 'classes'>): string {
  return classes.join(', ');
}
