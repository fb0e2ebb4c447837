/**
 * Checkpoints under way. Every member keeps a copy of a state that is to become a checkpoint until it is
 * committed; rank 0 writes it in the background. If that worker dies, the next rank 0 writes the same bytes.
 * In: copies taken at step boundaries. Out: committed checkpoints, pointers moved, old ones pruned.
 *
 * A copy needs no word that it is committed: before rank 0 begins to write one, the one before is whole, and no
 * member can take a third copy before rank 0 has come that far. So the last two are all that can matter.
 */
import { BagfleetError, bagsOfSplit, type JobSpec, type MetricValues, stepsPerEpoch } from '@bagfleet/proto';
import { pruneCheckpoints } from '../checkpoint/prune-checkpoints.js';
import { writeCheckpoint } from '../checkpoint/write-checkpoint.js';
import type { Dataset } from '../data/load-manifest.js';
import type { Faults } from '../faults/faults.js';
import type { ObjectStore } from '../storage/object-store.js';
import type { RunReporter } from '../train/reporter.js';
import { snapshotOf, type TrainingState } from '../train/training-state.js';
import { EPOCH_ROW, type Position } from './held-rows.js';
import { CHECKPOINT_CULPRIT } from './suspects.js';

const COPIES = 2;

export interface CheckpointFacts {
  /** The run's folder. */
  readonly store: ObjectStore;
  readonly runId: string;
  readonly job: JobSpec;
  readonly dataset: Dataset;
  readonly fingerprint: Record<string, unknown>;
  readonly faults: Faults;
}

/** What a checkpoint tells besides the state. */
export interface CopyFacts {
  readonly validation: MetricValues | null;
  readonly isBest: boolean;
}

interface Copy extends CopyFacts {
  readonly state: TrainingState;
  committed: boolean;
}

export class CheckpointKeeper {
  readonly #facts: CheckpointFacts;
  readonly #state: TrainingState;
  readonly #reporter: RunReporter;
  /** Resolves when all rows up to a position are stored: a checkpoint never knows more than the ledger. */
  readonly #rowsStored: (upto: Position) => Promise<void>;
  #copies: Copy[] = [];
  #writing: Promise<void> = Promise.resolve();

  constructor(
    facts: CheckpointFacts,
    state: TrainingState,
    reporter: RunReporter,
    rowsStored: (upto: Position) => Promise<void>,
  ) {
    this.#facts = facts;
    this.#state = state;
    this.#reporter = reporter;
    this.#rowsStored = rowsStored;
  }

  /** Takes a copy of the state as it is; the caller's state may change at once. */
  readonly copy = (facts: CopyFacts): void => {
    const state = snapshotOf(this.#state);
    this.#copies = [...this.#copies, { ...facts, state, committed: false }].slice(-COPIES);
  };

  /** What the present state is to become, if it is to become a checkpoint and is not one yet. */
  pending(): CopyFacts | null {
    const last = this.#copyOfNow();
    return last && !last.committed ? { validation: last.validation, isBest: last.isBest } : null;
  }

  /** Writes what is not committed, in the background; waits for the write before. A failed one is told here. */
  async commit(): Promise<void> {
    this.#reporter.doing('checkpoint', this.#state.progress.epoch, 0);
    await this.settled();
    this.goOn();
  }

  /** As commit, but after the write before, which may have failed: at the beginning of a generation. */
  goOn(): void {
    this.#writing = this.#writing.catch(() => undefined).then(() => this.#writeAll());
    this.#writing.catch(() => undefined); // told by the next commit or by settled
  }

  /** Resolves when everything begun is committed; rejects when it could not be. */
  settled(): Promise<void> {
    return this.#writing;
  }

  /** A checkpoint of the present state besides the regular ones. Resolves with its step once it is committed. */
  async extra(): Promise<number> {
    const { step } = this.#state.progress;
    if (step === 0) return 0; // nothing was learned
    if (this.#isClosing()) return this.#copies.at(-1)?.state.progress.step ?? 0;
    if (!this.#copyOfNow()) this.copy({ validation: null, isBest: false });
    await this.commit();
    await this.settled();
    return step;
  }

  /** All steps of an epoch are applied and it is not closed: the checkpoint of this step will say how it scored. */
  #isClosing(): boolean {
    const { job, dataset } = this.#facts;
    const bags = bagsOfSplit(dataset.manifest, 'train', job.data.fold).length;
    return this.#state.progress.stepInEpoch === stepsPerEpoch(bags, job.train.batch);
  }

  #copyOfNow(): Copy | undefined {
    return this.#copies.find(({ state }) => state.progress.step === this.#state.progress.step);
  }

  async #writeAll(): Promise<void> {
    for (const copy of this.#copies) {
      if (copy.committed) continue;
      await this.#withDeadline(copy.state, this.#write(copy));
      copy.committed = true;
    }
  }

  async #write({ state, validation, isBest }: Copy): Promise<void> {
    const { store, runId, job, dataset, fingerprint, faults } = this.#facts;
    const { name, instanceShape, classes } = dataset.manifest;
    await this.#rowsStored(positionOf(state));
    await writeCheckpoint(store, state, {
      run: runId,
      job,
      dataset: { name, sha256: dataset.digest, instanceShape, classes },
      validation,
      fingerprint,
      isBest,
      onFile: () => faults.at('checkpoint', { epoch: state.progress.epoch, step: 0 }),
    });
    this.#reporter.happened('checkpoint', `step ${state.progress.step}${isBest ? ', the best so far' : ''}`);
    await pruneCheckpoints(store, job.checkpoint.keepLast);
  }

  async #withDeadline(state: TrainingState, work: Promise<void>): Promise<void> {
    const seconds = this.#facts.job.fleet.checkpointTimeout;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(tooLate(state.progress.step, seconds)), seconds * 1000);
    });
    await Promise.race([work, late]).finally(() => clearTimeout(timer));
  }
}

/** Where the run stands with this state. */
function positionOf({ progress: { epoch, stepInEpoch } }: TrainingState): Position {
  return stepInEpoch === 0 ? { epoch, step: EPOCH_ROW } : { epoch: epoch + 1, step: stepInEpoch };
}

function tooLate(step: number, seconds: number): BagfleetError {
  return new BagfleetError('wait-timeout', `was not committed within ${seconds} s`, {
    culprit: `${CHECKPOINT_CULPRIT} ${step}`,
    hint: 'It waits for the store, and for the coordinator to store the ledger; the limit is fleet.checkpointTimeout.',
  });
}
