/**
 * What an audit of a run's ledger says: plain data, the same for people, programs and tests.
 */

/** Each names one way in which the books of a run can be wrong. */
export type AuditCode =
  /** A training bag that did not count in a complete epoch. */
  | 'bag-missing'
  | 'bag-twice'
  /** A bag that does not belong to the training split. */
  | 'bag-foreign'
  /** Counted although an earlier step had taken it out for the rest of the run. */
  | 'bag-after-skip'
  /** Counted in the epoch in which a step says that it left it out. */
  | 'bag-counted-and-skipped'
  /** Left out, but the job says that a poisoned bag ends the run. */
  | 'skip-not-allowed'
  /** The checkpoint leaves it out, but no step says so. */
  | 'skip-not-recorded'
  | 'epoch-missing'
  | 'step-missing'
  /** A row of an epoch or step that the job does not have. */
  | 'step-outside'
  /** Two different rows of one step in the same generation: it was applied in two ways. */
  | 'step-doubled'
  /** The average was not taken over the bags that counted. */
  | 'weight-wrong'
  /** A rank that the generation does not have. */
  | 'rank-outside'
  /** One generation with two lists of workers. */
  | 'generation-changed';

export interface AuditProblem {
  readonly code: AuditCode;
  readonly epoch: number;
  /** 1-based within the epoch. */
  readonly step?: number;
  readonly bag?: string;
  /** The whole finding as a sentence. */
  readonly message: string;
}

export interface SkippedBag {
  readonly bag: string;
  /** The step from which on it was left out. */
  readonly epoch: number;
  readonly step: number;
}

export interface UnfinishedEpoch {
  readonly epoch: number;
  readonly steps: number;
  readonly counted: number;
}

export interface AuditResult {
  /** True if there is no problem. */
  readonly ok: boolean;
  /** Epochs that are complete, and were held to be so. */
  readonly epochs: number;
  /** The epoch after them, as far as it goes. */
  readonly unfinished: UnfinishedEpoch | null;
  /** Steps whose last row was audited. */
  readonly steps: number;
  /** Bags of the training split. */
  readonly bags: number;
  /** Gradients that were summed, over all epochs. */
  readonly counted: number;
  readonly skipped: readonly SkippedBag[];
  /** Rows that a later generation replaced: steps that were done again. */
  readonly redone: number;
  readonly generations: number;
  /** Names of all workers that ever were a member, sorted. */
  readonly workers: readonly string[];
  readonly problems: readonly AuditProblem[];
}
