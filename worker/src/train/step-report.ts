/**
 * What a step says of itself: its row in metrics.jsonl (rank 0) and the worker's row in ledger.jsonl.
 */
import { balanceOf, type CostModel, type StepPlan, slotsOf } from '@bagfleet/proto';
import type { CollectiveCounters } from '../collective/collective.js';
import type { RunParts } from './run-parts.js';
import type { StepOutcome } from './train-step.js';

export interface StepReport {
  readonly parts: RunParts;
  readonly plan: StepPlan;
  readonly costs: CostModel;
  /** Counters and clock (performance.now) before the step. */
  readonly before: CollectiveCounters;
  readonly started: number;
}

export function reportStep(report: StepReport, outcome: StepOutcome, rate: number): void {
  const { collective, reporter } = report.parts;
  if (collective.rank === 0) reporter.metric(metricRow(report, outcome, rate));
  reporter.ledger(ledgerRow(report, outcome));
}

function metricRow({ plan, costs, started }: StepReport, outcome: StepOutcome, rate: number) {
  return {
    kind: 'step' as const,
    epoch: plan.epoch,
    step: plan.step + 1,
    loss: outcome.lossSum / outcome.weightSum,
    weight: outcome.weightSum,
    rate,
    gradientNorm: outcome.gradientNorm,
    bags: plan.slots.length,
    instances: plan.slots.reduce((sum, slot) => sum + slot.instances, 0),
    balance: balanceOf(plan, costs),
    milliseconds: performance.now() - started,
  };
}

function ledgerRow({ parts, plan, before }: StepReport, outcome: StepOutcome) {
  const { collective, dataset, workerId } = parts;
  const now = collective.counters();
  const { bags } = dataset.manifest;
  return {
    epoch: plan.epoch,
    step: plan.step + 1,
    worker: workerId,
    rank: collective.rank,
    computed: outcome.computed.map((slot): [number, string] => [slot, bags[plan.slots[slot].bag].id]),
    planned: slotsOf(plan, collective.rank).map((slot) => slot.index),
    gradientBytesSent: now.gradientBytesSent - before.gradientBytesSent,
    gradientBytesReceived: now.gradientBytesReceived - before.gradientBytesReceived,
    computeMs: outcome.computeMs,
    waitMs: now.waitMs - before.waitMs,
  };
}
