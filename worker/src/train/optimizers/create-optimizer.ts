/**
 * From a job's optimizer settings to the optimizer itself.
 */
import type { OPTIMIZER_NAMES, TrainConfig } from '@bagfleet/proto';
import type { Optimizer } from '../optimizer.js';
import { adam } from './adam.js';
import { adamw } from './adamw.js';
import { radam } from './radam.js';
import { sgd } from './sgd.js';

type OptimizerConfig = TrainConfig['optimizer'];

const OPTIMIZERS: Readonly<Record<(typeof OPTIMIZER_NAMES)[number], (config: OptimizerConfig) => Optimizer>> =
  {
    adam,
    adamw,
    radam,
    sgd,
  };

export function createOptimizer(config: OptimizerConfig): Optimizer {
  return OPTIMIZERS[config.name](config);
}
