/**
 * What the training of one generation is made of; the worker process wires it.
 */
import type { CostModel, JobSpec, MetricValues } from '@bagfleet/proto';
import type { Collective } from '../collective/collective.js';
import type { Bag } from '../data/bag.js';
import type { Dataset } from '../data/load-manifest.js';
import type { BagPrefetch } from '../data/prefetch.js';
import type { ComputeClient } from '../engine/compute-client.js';
import type { Faults } from '../faults/faults.js';
import type { RunReporter } from './reporter.js';
import type { Scratch } from './scratch.js';
import type { TrainingState } from './training-state.js';

export interface RunParts {
  readonly job: JobSpec;
  readonly dataset: Dataset;
  readonly generation: { readonly lease: number; readonly number: number };
  /** Ids of the members, in rank order. */
  readonly members: readonly string[];
  readonly collective: Collective;
  readonly compute: ComputeClient;
  readonly state: TrainingState;
  readonly reporter: RunReporter;
  /** What bags cost, as the members agreed when the generation began. */
  readonly costs: CostModel;
  /** Aborts when the generation is over: what waits or computes for it ends; an update that has begun does not. */
  readonly signal: AbortSignal;
  readonly faults: Faults;
  readonly scratch: Scratch;
  /** Reads bags (indices into the manifest) ahead and hands them out in this order. */
  readonly stream: (bags: readonly number[]) => BagPrefetch;
  /** Reads one bag that is not in the stream. */
  readonly readBag: (bag: number) => Promise<Bag>;
  /** A bag's index in the manifest, by its id. */
  readonly bagIndex: (id: string) => number;
  /** The probe bag computed again on this machine, and the digest that all machines gave when they joined. */
  readonly probe: () => Promise<string>;
  readonly probeReference: string;
  /** Called between two steps: throws if the generation ends here, writes the checkpoint that was asked for. */
  readonly boundary: () => Promise<void>;
  /** Takes a copy of the state as it is now, on every member: the next checkpoint. */
  readonly copy: (validation: MetricValues | null, isBest: boolean) => void;
  /** All members hold the same state: rank 0 begins to write the copies that are not committed. */
  readonly commit: () => Promise<void>;
}
