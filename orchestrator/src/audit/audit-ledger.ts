/**
 * Proves from the records of a run alone that every training bag counted exactly once in every epoch (I1).
 * In: the job, the dataset's manifest, all rows of the ledger, how far the run came. Out: what was found.
 *
 * The expected bags come from the manifest's training split, and where the job draws them (train.order) from the order
 * of each epoch, and from nowhere else: the code that plans epochs and steps has no say here, so its mistakes show.
 */
import {
  type BagEntry,
  bagsOfSplit,
  type DatasetManifest,
  epochEntries,
  type JobSpec,
  type LedgerRow,
  type Progress,
} from '@bagfleet/proto';
import { auditEpoch } from './audit-epoch.js';
import type { AuditProblem, AuditResult, SkippedBag, UnfinishedEpoch } from './audit-result.js';
import { auditGenerations, auditRow, generationName } from './audit-row.js';
import { forbiddenSkip, unrecordedSkip } from './bag-problems.js';
import { finalRows } from './final-rows.js';

/** How far a checkpoint or the final status says that the run came. */
export type ReachedProgress = Pick<Progress, 'epoch' | 'stepInEpoch' | 'skipped'>;

export interface AuditedRun {
  readonly job: JobSpec;
  readonly manifest: DatasetManifest;
  /** All rows, with those of steps that were done again. */
  readonly rows: readonly LedgerRow[];
  /** null: not known, as while the run goes on. Then an epoch is complete once a later one has begun. */
  readonly progress: ReachedProgress | null;
}

export function auditLedger({ job, manifest, rows: all, progress }: AuditedRun): AuditResult {
  const training = trainingBags(job, manifest);
  const final = finalRows(all);
  const limits = { epochs: job.train.epochs, steps: Math.ceil(training.length / job.train.batch) };
  const outside = final.rows.filter((row) => !isWithin(row, limits));
  const rows = final.rows.filter((row) => isWithin(row, limits));
  const complete = Math.max(progress?.epoch ?? 0, (rows.at(-1)?.epoch ?? 0) - 1);
  const byEpoch = rowsByEpoch(rows);
  const skipped = new Map<string, SkippedBag>();
  const problems: AuditProblem[] = [
    ...final.problems,
    ...outside.map((row) => outsideProblem(row, limits)),
    ...auditGenerations(all),
    ...rows.flatMap(auditRow),
  ];
  for (let epoch = 1; epoch <= complete + 1; epoch++) {
    const findings = auditEpoch({
      epoch,
      rows: byEpoch.get(epoch) ?? [],
      due: dueIn(epoch, job, training),
      skippedBefore: skipped,
      isComplete: epoch <= complete,
      batch: job.train.batch,
      leastSteps: progress && epoch === progress.epoch + 1 ? progress.stepInEpoch : 0,
    });
    problems.push(...findings.problems);
    for (const skip of findings.skipped) skipped.set(skip.bag, skip);
  }
  problems.push(...skipProblems(job, skipped, progress));
  return {
    ok: problems.length === 0,
    epochs: complete,
    unfinished: unfinishedEpoch(complete + 1, byEpoch.get(complete + 1)),
    steps: rows.length,
    bags: training.length,
    counted: countedIn(rows),
    skipped: [...skipped.values()],
    redone: final.replaced,
    generations: new Set(all.map((row) => generationName(row.generation))).size,
    workers: [...new Set(all.flatMap((row) => row.workers))].sort(),
    problems: problems.sort((a, b) => a.epoch - b.epoch || (a.step ?? 0) - (b.step ?? 0)),
  };
}

function trainingBags(job: JobSpec, manifest: DatasetManifest): BagEntry[] {
  return bagsOfSplit(manifest, 'train', job.data.fold).map((index) => manifest.bags[index]);
}

/** How often each training bag is due. */
function dueIn(epoch: number, { seed, train }: JobSpec, training: readonly BagEntry[]): Map<string, number> {
  const due = new Map(training.map(({ id }) => [id, 0]));
  const labels = training.map(({ label }) => label);
  for (const place of epochEntries(train.order, { seed, epoch, labels })) {
    const { id } = training[place];
    due.set(id, (due.get(id) ?? 0) + 1);
  }
  return due;
}

interface Limits {
  readonly epochs: number;
  readonly steps: number;
}

function isWithin({ epoch, step }: LedgerRow, { epochs, steps }: Limits): boolean {
  return epoch >= 1 && epoch <= epochs && step >= 1 && step <= steps;
}

function outsideProblem({ epoch, step }: LedgerRow, { epochs, steps }: Limits): AuditProblem {
  const message = `there is a row of step ${step} of epoch ${epoch}, but the job has ${epochs} epochs of ${steps} steps`;
  return { code: 'step-outside', epoch, step, message };
}

function rowsByEpoch(rows: readonly LedgerRow[]): Map<number, LedgerRow[]> {
  const byEpoch = new Map<number, LedgerRow[]>();
  for (const row of rows) {
    const own = byEpoch.get(row.epoch);
    if (own) own.push(row);
    else byEpoch.set(row.epoch, [row]);
  }
  return byEpoch;
}

function skipProblems(
  { train }: JobSpec,
  skipped: ReadonlyMap<string, SkippedBag>,
  progress: ReachedProgress | null,
): AuditProblem[] {
  const forbidden = train.poisonedBags === 'skip' ? [] : [...skipped.values()].map(forbiddenSkip);
  if (!progress) return forbidden;
  const unrecorded = progress.skipped.filter((bag) => !skipped.has(bag));
  return [...forbidden, ...unrecorded.map((bag) => unrecordedSkip(progress.epoch, bag))];
}

function unfinishedEpoch(epoch: number, rows: readonly LedgerRow[] | undefined): UnfinishedEpoch | null {
  return rows ? { epoch, steps: rows.length, counted: countedIn(rows) } : null;
}

function countedIn(rows: readonly LedgerRow[]): number {
  return rows.reduce((sum, row) => sum + row.counted.length, 0);
}
