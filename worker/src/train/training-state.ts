/**
 * All that the next step depends on: parameters, optimizer moments (and the weights' average, if the job keeps one),
 * progress.
 * The arrays lie in shared memory: the compute thread updates them, the main thread digests and saves them.
 */
import type { JobSpec, Progress } from '@bagfleet/proto';
import type { SharedFloats } from '../engine/compute-protocol.js';
import type { MilModel } from '../models/model.js';
import { initialParameters } from './initialise.js';
import { createOptimizer } from './optimizers/create-optimizer.js';
import { layoutOf, type ParameterLayout } from './parameter-layout.js';
import { WEIGHT_AVERAGE } from './weight-average.js';

export interface TrainingState {
  readonly layout: ParameterLayout;
  /** [layout.length] */
  readonly parameters: SharedFloats;
  /** Each [layout.length]. */
  readonly moments: Readonly<Record<string, SharedFloats>>;
  progress: Progress;
}

export const NO_PROGRESS: Progress = {
  epoch: 0,
  step: 0,
  stepInEpoch: 0,
  bestMetric: null,
  bestEpoch: null,
  validationsWithoutGain: 0,
  lossSum: 0,
  weightSum: 0,
  threshold: null,
  skipped: [],
};

/** The state before the first step: a function of the seed and the model alone. */
export function initialState(job: JobSpec, model: MilModel): TrainingState {
  const layout = layoutOf(model.parameters);
  const parameters = sharedFloats(layout.length);
  parameters.set(initialParameters(model.parameters, layout, job.seed));
  const names = createOptimizer(job.train.optimizer).moments;
  const moments = Object.fromEntries(names.map((name) => [name, sharedFloats(layout.length)]));
  const average = job.train.ema ? { [WEIGHT_AVERAGE]: copyOf(parameters) } : {};
  return { layout, parameters, moments: { ...moments, ...average }, progress: NO_PROGRESS };
}

/** Other parameters before the first step: what is averaged over the run begins with them, too. */
export function beginWith({ parameters, moments }: TrainingState, initial: SharedFloats): void {
  parameters.set(initial);
  moments[WEIGHT_AVERAGE]?.set(initial);
}

/** A copy that later updates do not touch: what a checkpoint is written from. */
export function snapshotOf(state: TrainingState): TrainingState {
  const moments = Object.fromEntries(
    Object.entries(state.moments).map(([name, values]) => [name, copyOf(values)]),
  );
  return { layout: state.layout, parameters: copyOf(state.parameters), moments, progress: state.progress };
}

/** The state becomes another one, of the same layout: its buffers are overwritten, its progress replaced. */
export function replaceState(state: TrainingState, by: Omit<TrainingState, 'layout'>): void {
  state.parameters.set(by.parameters);
  for (const [name, values] of Object.entries(state.moments)) values.set(by.moments[name]);
  state.progress = by.progress;
}

export function sharedFloats(length: number): SharedFloats {
  return new Float32Array(new SharedArrayBuffer(length * 4));
}

function copyOf(values: SharedFloats): SharedFloats {
  const copy = sharedFloats(values.length);
  copy.set(values);
  return copy;
}
