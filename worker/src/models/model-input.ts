/**
 * What a model must know of the data, and the error when the two do not fit.
 */
import { BagfleetError, type ModelConfig } from '@bagfleet/proto';

export interface ModelInput {
  /** The manifest's: [features], or [height, width, channels]. */
  readonly instanceShape: readonly number[];
  /** 1 logit for two classes, else one per class. */
  readonly outputs: number;
}

/** `wanted` completes "the model takes …". */
export function unfitInstances(config: ModelConfig, data: ModelInput, wanted: string): BagfleetError {
  const given = `[${data.instanceShape.join(', ')}]`;
  return new BagfleetError(
    'job-invalid',
    `${config.name} takes ${wanted}, but the dataset's manifest says instanceShape ${given}`,
    {
      culprit: 'job field model.name, manifest field instanceShape',
      hint: 'Choose a model for such instances (abmil: feature vectors, lenet_abmil: tiles), or another data.manifest.',
    },
  );
}
