/**
 * Keeps checkpoints of the state while training goes on: a copy is taken at once, written in the background,
 * and the next one waits for it. In: the state after an epoch. Out: a committed checkpoint, pointers moved,
 * old ones pruned.
 */
import type { JobSpec, MetricValues } from '@bagfleet/proto';
import { pruneCheckpoints } from '../checkpoint/prune-checkpoints.js';
import { writeCheckpoint } from '../checkpoint/write-checkpoint.js';
import type { Dataset } from '../data/load-manifest.js';
import type { ObjectStore } from '../storage/object-store.js';
import type { RunReporter } from '../train/reporter.js';
import { snapshotOf, type TrainingState } from '../train/training-state.js';

export interface StateKeeper {
  readonly keep: (validation: MetricValues | null, isBest: boolean) => Promise<void>;
  /** Resolves when everything kept is committed; rejects when it could not be. */
  readonly settled: () => Promise<void>;
}

/** For workers that write no checkpoints. */
export const NO_KEEPER: StateKeeper = { keep: () => Promise.resolve(), settled: () => Promise.resolve() };

export interface CheckpointFacts {
  /** The run's folder. */
  readonly store: ObjectStore;
  readonly runId: string;
  readonly job: JobSpec;
  readonly dataset: Dataset;
  readonly fingerprint: Record<string, unknown>;
}

export class CheckpointKeeper implements StateKeeper {
  readonly #facts: CheckpointFacts;
  readonly #state: TrainingState;
  readonly #reporter: RunReporter;
  #writing: Promise<void> = Promise.resolve();

  constructor(facts: CheckpointFacts, state: TrainingState, reporter: RunReporter) {
    this.#facts = facts;
    this.#state = state;
    this.#reporter = reporter;
  }

  readonly keep = async (validation: MetricValues | null, isBest: boolean): Promise<void> => {
    await this.#writing; // one at a time; a failed one ends the run here
    const snapshot = snapshotOf(this.#state);
    this.#writing = this.#write(snapshot, validation, isBest);
    this.#writing.catch(() => undefined); // told by the next keep or by settled
  };

  readonly settled = (): Promise<void> => this.#writing;

  async #write(state: TrainingState, validation: MetricValues | null, isBest: boolean): Promise<void> {
    const { store, runId, job, dataset, fingerprint } = this.#facts;
    const { name, instanceShape, classes } = dataset.manifest;
    await writeCheckpoint(store, state, {
      run: runId,
      job,
      dataset: { name, sha256: dataset.digest, instanceShape, classes },
      validation,
      fingerprint,
      isBest,
    });
    this.#reporter.happened('checkpoint', `step ${state.progress.step}${isBest ? ', the best so far' : ''}`);
    await pruneCheckpoints(store, job.checkpoint.keepLast);
  }
}
