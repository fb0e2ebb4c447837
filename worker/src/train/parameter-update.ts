/**
 * One update of all parameters, each group of them (`train.parameterGroups`) in its own way.
 * In: the job's optimizer and groups, the layout. Out: parameters and moments changed in place, frozen ones not at all;
 * then the average of the weights, if the job keeps one.
 */
import type { TrainConfig } from '@bagfleet/proto';
import type { Optimizer, UpdateBuffers } from './optimizer.js';
import { createOptimizer } from './optimizers/create-optimizer.js';
import { parameterRanges } from './parameter-groups.js';
import type { ParameterLayout } from './parameter-layout.js';
import { moveAverage, WEIGHT_AVERAGE } from './weight-average.js';

interface Range {
  readonly from: number;
  readonly to: number;
}

interface TrainedRange extends Range {
  readonly optimizer: Optimizer;
  readonly rateFactor: number;
}

export class ParameterUpdate {
  readonly #frozen: readonly Range[];
  readonly #trained: readonly TrainedRange[];
  readonly #ema: TrainConfig['ema'];

  /** @throws BagfleetError `job-invalid` for a group that takes no parameter */
  constructor(train: Pick<TrainConfig, 'optimizer' | 'parameterGroups' | 'ema'>, layout: ParameterLayout) {
    this.#ema = train.ema;
    const ranges = parameterRanges(layout, train.parameterGroups);
    this.#frozen = ranges.filter(({ group }) => group?.frozen);
    this.#trained = ranges
      .filter(({ group }) => !group?.frozen)
      .map(({ from, to, group }) => {
        const weightDecay = group?.weightDecay ?? train.optimizer.weightDecay;
        const optimizer = createOptimizer({ ...train.optimizer, weightDecay });
        return { from, to, optimizer, rateFactor: group?.rateFactor ?? 1 };
      });
  }

  /** Zeros where parameters are frozen, so that they count neither for the norm nor for clipping. */
  leaveOutFrozen(gradient: Float32Array): void {
    for (const { from, to } of this.#frozen) gradient.fill(0, from, to);
  }

  /** `rate` is the step's rate before the groups' factors. */
  apply({ step, rate, ...buffers }: UpdateBuffers & { readonly step: number; readonly rate: number }): void {
    for (const { from, to, optimizer, rateFactor } of this.#trained) {
      const part = partOf(buffers, from, to);
      optimizer.update({ ...part, step, rate: rate * rateFactor });
      if (this.#ema) moveAverage(part.moments[WEIGHT_AVERAGE], part.parameters, this.#ema.decay);
    }
  }
}

/** Views, no copies. */
function partOf({ parameters, gradient, moments }: UpdateBuffers, from: number, to: number): UpdateBuffers {
  return {
    parameters: parameters.subarray(from, to),
    gradient: gradient.subarray(from, to),
    moments: Object.fromEntries(
      Object.entries(moments).map(([name, values]) => [name, values.subarray(from, to)]),
    ),
  };
}
