/**
 * What a model must know of the data, and the error when the two do not fit.
 */
import {
  BagfleetError,
  type DatasetManifest,
  type JobSpec,
  type ModelConfig,
  outputsOf,
} from '@bagfleet/proto';
import { seenShape } from '../data/instances/seen-shape.js';

export interface ModelInput {
  /** What the model sees of an instance: [features], or [height, width, channels]. */
  readonly instanceShape: readonly number[];
  /** 1 logit for two classes, else one per class. */
  readonly outputs: number;
}

/** In: of a dataset's manifest, or of what a checkpoint says of its dataset. */
export function modelInputOf(
  dataset: Pick<DatasetManifest, 'instanceShape' | 'classes'>,
  { crop }: Pick<JobSpec['data'], 'crop'>,
): ModelInput {
  return { instanceShape: seenShape(crop, dataset.instanceShape), outputs: outputsOf(dataset) };
}

/** `wanted` completes "the model takes …". */
export function unfitInstances(config: ModelConfig, data: ModelInput, wanted: string): BagfleetError {
  const given = `[${data.instanceShape.join(', ')}]`;
  return new BagfleetError('job-invalid', `${config.name} takes ${wanted}, but instances are ${given}`, {
    culprit: 'job field model.name, manifest field instanceShape',
    hint: 'Choose a model for such instances (docs/models.md: lenet_abmil and panda take tiles, the others feature vectors), or another data.manifest.',
  });
}

/** What a model of tiles is made from. @throws BagfleetError `job-invalid` for other instances, or without `model.hidden` */
export function demandTiles(config: ModelConfig, data: ModelInput, smallestSide: number) {
  const [height, width, channels] = data.instanceShape;
  if (data.instanceShape.length !== 3 || Math.min(height, width) < smallestSide)
    throw unfitInstances(
      config,
      data,
      `tiles of at least ${smallestSide} x ${smallestSide}, [height, width, channels]`,
    );
  const { hidden } = config;
  if (hidden === null) throw refuseSetting(config, 'hidden', hidden, 'a width of the embedding');
  return { height, width, channels, hidden };
}

/** `wanted` completes "the model takes …"; `field` is relative to the section `model`. */
export function refuseSetting(
  config: ModelConfig,
  field: string,
  given: unknown,
  wanted: string,
): BagfleetError {
  return new BagfleetError('job-invalid', `${config.name} takes ${wanted}, given is ${String(given)}`, {
    culprit: `job field model.${field}`,
    hint: 'Change that field, or choose another model.',
  });
}
