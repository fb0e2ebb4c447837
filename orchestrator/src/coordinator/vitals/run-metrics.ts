/**
 * What /metrics says of a run. Pure. No bag and nothing of a patient is named: numbers, the run, the metric.
 * In: the status, counts, what the coordinator measures of itself. Out: Prometheus metrics, each with the run's id.
 */
import { RUN_STATES, type RunStatus } from '@bagfleet/proto';
import type { Durations } from './decision-times.js';
import type { Metric, Sample } from './prometheus-text.js';
import type { Counts } from './run-counts.js';

export interface RunFacts {
  readonly status: RunStatus;
  readonly counts: Counts;
  /** How many workers are asked for by now. */
  readonly wanted: number;
  readonly sessionBytes: number;
  readonly failedWrites: number;
  readonly isLeaseHeld: boolean;
  readonly residentBytes: number;
  readonly durations: Durations;
  /** Requests to Kubernetes' API server; null where there is none. */
  readonly apiCalls: number | null;
}

export function runMetrics(facts: RunFacts): Metric[] {
  const { status, counts, durations } = facts;
  const { metric } = status;
  const run = { run: status.run };
  const samples = (value: number | null, labels: Sample['labels'] = {}): Sample[] =>
    value === null ? [] : [{ labels: { ...run, ...labels }, value }];
  const gauge = (name: string, help: string, value: number | null, labels?: Sample['labels']): Metric => ({
    name: `bagfleet_${name}`,
    help,
    type: 'gauge',
    samples: samples(value, labels),
  });
  const counter = (name: string, help: string, value: number | null): Metric => ({
    name: `bagfleet_${name}_total`,
    help: `${help}, since this coordinator began.`,
    type: 'counter',
    samples: samples(value),
  });
  const state: Metric = {
    name: 'bagfleet_state',
    help: 'State of the run: 1 for the one that it is in.',
    type: 'gauge',
    samples: RUN_STATES.flatMap((word) => samples(Number(word === status.state), { state: word })),
  };
  return [
    state,
    gauge('epoch', 'Epoch in work, from 1; 0 before the first.', status.epoch),
    gauge('epochs', 'Epochs of the run.', status.epochs),
    gauge('step', 'Steps done in this epoch.', status.step),
    gauge('steps_per_epoch', 'Steps of an epoch.', status.steps),
    gauge('workers_wanted', 'Workers that are asked for.', facts.wanted),
    gauge('workers_ready', 'Workers that train or are ready to.', status.workers),
    gauge('bags_per_second', 'Training bags per second over the last steps.', status.bagsPerSecond),
    gauge('instances_per_second', 'Instances per second over the last steps.', status.instancesPerSecond),
    gauge('loss', 'Mean training loss of this epoch so far.', status.loss),
    gauge('eta_seconds', 'Time that is left if all epochs are trained.', status.etaSeconds),
    gauge('best', 'Best value of the validation metric.', metric.best, { metric: metric.name }),
    gauge('best_epoch', 'Epoch of the best value.', metric.epoch, { metric: metric.name }),
    gauge('lease_held', 'Whether this coordinator may act for the run.', Number(facts.isLeaseHeld)),
    gauge('resident_bytes', 'Memory of the coordinator process.', facts.residentBytes),
    gauge('slowest_decision_seconds', 'Longest decision so far.', durations.slowestDecisionSeconds),
    gauge(
      'slowest_turn_seconds',
      'Longest decision so far with what it ordered.',
      durations.slowestTurnSeconds,
    ),
    counter('decisions', 'Decisions', durations.decisions),
    counter('decision_seconds', 'Time of all decisions', durations.decisionSeconds),
    counter('generations', 'Generations begun', counts.generations),
    counter('recoveries', 'Generations that went on after a loss', counts.recoveries),
    counter('workers_lost', 'Workers lost or expelled', counts.losses),
    counter('worker_restarts', 'Workers started again', counts.restarts),
    counter('checkpoints', 'Checkpoints written', counts.checkpoints),
    counter('session_bytes', 'Message bytes between coordinator and workers', facts.sessionBytes),
    counter('api_calls', "Requests to Kubernetes' API server", facts.apiCalls),
    counter('store_write_failures', "Writes to the run's folder that failed", facts.failedWrites),
  ];
}
