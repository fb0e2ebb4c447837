/**
 * What a training run is made of; the worker process wires it.
 */
import type { JobSpec, MetricValues } from '@bagfleet/proto';
import type { Collective } from '../collective/collective.js';
import type { Dataset } from '../data/load-manifest.js';
import type { BagPrefetch } from '../data/prefetch.js';
import type { ComputeClient } from '../engine/compute-client.js';
import type { RunReporter } from './reporter.js';
import type { TrainingState } from './training-state.js';

export interface RunParts {
  readonly job: JobSpec;
  readonly dataset: Dataset;
  readonly collective: Collective;
  readonly compute: ComputeClient;
  readonly state: TrainingState;
  readonly reporter: RunReporter;
  readonly workerId: string;
  /** Reads bags (indices into the manifest) ahead and hands them out in this order. */
  readonly stream: (bags: readonly number[]) => BagPrefetch;
  /** Keeps a checkpoint of the state as it is now; on workers that write none, does nothing. */
  readonly keep: (validation: MetricValues | null, isBest: boolean) => Promise<void>;
}
