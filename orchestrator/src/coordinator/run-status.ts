/**
 * The run's status as people see it, moved on by what happens: pure functions, time is an argument.
 */
import {
  type BagfleetError,
  bagsOfSplit,
  type DatasetManifest,
  type JobSpec,
  type MetricRow,
  type RunState,
  type RunStatus,
  SCHEMA_VERSION,
  type StepRow,
  stepsPerEpoch,
} from '@bagfleet/proto';

export interface StatusFacts {
  readonly status: RunStatus;
  /** Σ loss·weight and Σ weight of the epoch in work. */
  readonly lossSum: number;
  readonly weightSum: number;
  /** Steps of the last while: what speed and ETA are taken from. */
  readonly recent: readonly StepRow[];
}

const RECENT_STEPS = 50;

export function newStatus(run: string, job: JobSpec, manifest: DatasetManifest, now: Date): StatusFacts {
  const training = bagsOfSplit(manifest, 'train', job.data.fold).length;
  const steps = stepsPerEpoch(training, job.train.batch);
  const status = { ...statusBefore(run, job, now), workers: job.fleet.workers, steps };
  return { lossSum: 0, weightSum: 0, recent: [], status };
}

/** Of a run that nobody has begun yet: no workers, no steps known. */
export function statusBefore(run: string, job: JobSpec, now: Date): RunStatus {
  return {
    schemaVersion: SCHEMA_VERSION,
    run,
    name: job.name,
    state: 'starting',
    phase: 'starting the workers',
    workers: 0,
    epoch: 0,
    epochs: job.train.epochs,
    step: 0,
    steps: 0,
    loss: null,
    bagsPerSecond: null,
    instancesPerSecond: null,
    etaSeconds: null,
    metric: { name: job.validation.metric, best: null, epoch: null },
    error: null,
    startedAt: now.toISOString(),
    updatedAt: now.toISOString(),
    endedAt: null,
  };
}

export function afterRow(facts: StatusFacts, row: MetricRow): StatusFacts {
  return row.kind === 'step' ? afterStepRow(facts, row) : afterEpochRow(facts, row);
}

function afterStepRow(facts: StatusFacts, row: StepRow): StatusFacts {
  const first = row.epoch !== facts.status.epoch;
  const lossSum = (first ? 0 : facts.lossSum) + row.loss * row.weight;
  const weightSum = (first ? 0 : facts.weightSum) + row.weight;
  const recent = [...facts.recent, row].slice(-RECENT_STEPS);
  const seconds = recent.reduce((sum, step) => sum + step.milliseconds, 0) / 1000;
  const { epochs, steps } = facts.status;
  const stepsLeft = (epochs - row.epoch) * steps + (steps - row.step);
  return {
    lossSum,
    weightSum,
    recent,
    status: {
      ...facts.status,
      epoch: row.epoch,
      step: row.step,
      loss: lossSum / weightSum,
      bagsPerSecond: recent.reduce((sum, step) => sum + step.bags, 0) / seconds,
      instancesPerSecond: recent.reduce((sum, step) => sum + step.instances, 0) / seconds,
      etaSeconds: (stepsLeft * seconds) / recent.length,
    },
  };
}

function afterEpochRow(facts: StatusFacts, row: Extract<MetricRow, { kind: 'epoch' }>): StatusFacts {
  const { metric } = facts.status;
  const value = row.validation?.[metric.name as keyof typeof row.validation] ?? null;
  const best = row.isBest && value !== null ? { ...metric, best: value, epoch: row.epoch } : metric;
  return { ...facts, status: { ...facts.status, metric: best } };
}

/** What the coordinator decided: what the run does, with how many workers. */
export function inPhase(
  facts: StatusFacts,
  now: { readonly state: RunState; readonly phase: string; readonly workers: number },
): StatusFacts {
  const { state, phase, workers } = now;
  return { ...facts, status: { ...facts.status, state, phase, workers } };
}

/** The same run, begun by an earlier coordinator. */
export function begunEarlier(facts: StatusFacts, earlier: RunStatus): StatusFacts {
  return { ...facts, status: { ...facts.status, startedAt: earlier.startedAt } };
}

/** Where the run stands after these rows, whatever it was told before: training may have gone back. */
export function afterRows(facts: StatusFacts, rows: readonly MetricRow[]): StatusFacts {
  const { status } = facts;
  const metric = { ...status.metric, best: null, epoch: null };
  const nowhere = {
    epoch: 0,
    step: 0,
    loss: null,
    bagsPerSecond: null,
    instancesPerSecond: null,
    etaSeconds: null,
  };
  const blank = { lossSum: 0, weightSum: 0, recent: [], status: { ...status, ...nowhere, metric } };
  return rows.reduce<StatusFacts>(afterRow, blank);
}

export function ended(
  facts: StatusFacts,
  state: RunState,
  error: BagfleetError | null,
  now: Date,
): StatusFacts {
  const phase = error ? error.message.split('\n', 1)[0] : 'complete';
  return {
    ...facts,
    status: {
      ...facts.status,
      state,
      phase,
      etaSeconds: null,
      error: error && state === 'failed' ? error.toJSON() : null,
      endedAt: now.toISOString(),
    },
  };
}
