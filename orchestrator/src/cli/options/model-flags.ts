/**
 * A trained model as argument: the checkpoint of a run, or a checkpoint's folder; and the dataset it is used on.
 * In: words of the command line. Out: a located checkpoint, or a predictor and a dataset, closed after use.
 */
import type { CheckpointManifest, StoreOptions } from '@bagfleet/proto';
import type { LocatedCheckpoint } from '@bagfleet/worker/checkpoint/locate-checkpoint';
import type { Dataset } from '@bagfleet/worker/data/load-manifest';
import type { Predictor } from '@bagfleet/worker/inference/predictor';
import type { Argv } from 'yargs';
import { resolveJob } from '../../job-file/load-job.js';
import { placeFrom } from '../../job-file/resolve-paths.js';
import { findCheckpoint } from '../../registry/find-checkpoint.js';
import { withDataset } from '../job-dataset.js';
import { remark } from '../terminal.js';
import { type StoreFlags, storeOptionsOf, storeOverrides, withStore } from './store-flags.js';

export interface CheckpointFlags extends StoreFlags {
  readonly model: string;
}

export interface ModelFlags extends CheckpointFlags {
  readonly on?: string | undefined;
}

/** What a result says of the model and machine that it came from. */
export interface ModelInUse {
  readonly checkpoint: LocatedCheckpoint;
  /** Such as `tensorflow 2.21.0`. */
  readonly backend: string;
  /** Fold of the cross-validation that the model was trained in; null on other data. */
  readonly fold: number | null;
}

/** The positional must be called `model` in the command. */
export function withCheckpointName<T>(parser: Argv<T>): Argv<T & CheckpointFlags> {
  const described = parser.positional('model', {
    type: 'string',
    demandOption: true,
    describe: "Run id (its best checkpoint), RUN@latest, RUN@42, or a checkpoint's folder",
  });
  return withStore(described) as unknown as Argv<T & CheckpointFlags>;
}

export function withModel<T>(parser: Argv<T>): Argv<T & ModelFlags> {
  return withCheckpointName(parser).option('on', {
    type: 'string',
    requiresArg: true,
    describe: "Another dataset's manifest than the one it was trained on",
  }) as unknown as Argv<T & ModelFlags>;
}

export async function withCheckpoint<T>(
  flags: CheckpointFlags,
  use: (checkpoint: LocatedCheckpoint) => Promise<T>,
): Promise<T> {
  const checkpoint = await findCheckpoint(flags.model, storeOptionsOf(flags), process.cwd());
  try {
    return await use(checkpoint);
  } finally {
    checkpoint.store.close();
  }
}

export async function withPredictor<T>(
  flags: ModelFlags,
  use: (predictor: Predictor, dataset: Dataset, model: ModelInUse) => Promise<T>,
): Promise<T> {
  return withCheckpoint(flags, async (checkpoint) => {
    const { job, dataset: trainedOn } = checkpoint.manifest;
    const { labelMap } = job.data; // other bags are labelled as those that it was trained on
    const data =
      flags.on === undefined
        ? job.data
        : { manifest: placeFrom(process.cwd(), flags.on), validation: null, folder: null, labelMap };
    return withDataset(data, dataAccess(checkpoint.manifest, flags), async (dataset) => {
      const isSame = dataset.digest === trainedOn.sha256;
      if (!isSame && flags.on === undefined)
        remark(`note: ${dataset.uri} has changed since this model was trained`);
      // Imported here: TensorFlow.js takes a third of a second to load, and most commands do without.
      const { loadPredictor } = await import('../load-predictor.js');
      const { predictor, backend } = await loadPredictor(checkpoint);
      const fold = isSame || flags.on === undefined ? job.data.fold : null;
      try {
        return await use(predictor, dataset, { checkpoint, backend, fold });
      } finally {
        predictor.dispose();
      }
    });
  });
}

/** The dataset is reached as it was in training, but for what the flags say. */
function dataAccess({ job }: CheckpointManifest, flags: StoreFlags): StoreOptions {
  const values = { data: { manifest: job.data.manifest }, store: job.store };
  const request = { file: '-', overrides: storeOverrides(flags), workingFolder: process.cwd() };
  return resolveJob(values, "the checkpoint's job", request).store;
}
