/**
 * What a step says of itself: its rows in metrics.jsonl and the ledger, which every member makes alike, and the
 * worker's own row in work/.
 */
import {
  balanceOf,
  type CostModel,
  type LedgerRow,
  type StepPlan,
  type StepRow,
  slotsOf,
  type WorkRow,
} from '@bagfleet/proto';
import type { CollectiveCounters } from '../collective/collective.js';
import type { RunParts } from './run-parts.js';
import type { AppliedStep } from './train-step.js';

export interface StepReport {
  readonly parts: RunParts;
  readonly plan: StepPlan;
  readonly costs: CostModel;
  /** Counters and clock (performance.now) before the step. */
  readonly before: CollectiveCounters;
  readonly started: number;
}

export function reportStep(report: StepReport, outcome: AppliedStep, rate: number): void {
  const { reporter } = report.parts;
  reporter.step(metricRow(report, outcome, rate), ledgerRow(report.parts, report.plan, outcome));
  reporter.work(workRow(report, outcome));
}

/** When a run begins to learn: its first bags have come by then. */
export function reportFirstUpdate({ parts, plan, started }: StepReport): void {
  if (parts.collective.rank !== 0) return;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  parts.reporter.happened(
    'first-update',
    `the first update, of ${plan.slots.length} bags, took ${seconds} s`,
  );
}

/** A step of which every bag is left out: nothing was computed, and the ledger says so. */
export function reportEmptyStep(parts: RunParts, plan: StepPlan): void {
  parts.reporter.step(null, ledgerRow(parts, plan, { slots: [], weightSum: 0 }));
}

function metricRow({ plan, costs, started }: StepReport, outcome: AppliedStep, rate: number): StepRow {
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

/** From what the members said in the step that was applied, not from its plan. */
function ledgerRow(
  { dataset, generation, members }: RunParts,
  plan: StepPlan,
  { slots, weightSum }: Pick<AppliedStep, 'slots' | 'weightSum'>,
): LedgerRow {
  const { bags } = dataset.manifest;
  return {
    epoch: plan.epoch,
    step: plan.step + 1,
    generation,
    workers: [...members],
    counted: slots.map(({ slot, bag, rank }): [number, string, number] => [slot, bags[bag].id, rank]),
    skipped: plan.skipped.map((bag) => bags[bag].id),
    weight: weightSum,
  };
}

function workRow({ parts, plan, before, started }: StepReport, outcome: AppliedStep): WorkRow {
  const { collective, dataset, members } = parts;
  const now = collective.counters();
  const { bags } = dataset.manifest;
  return {
    epoch: plan.epoch,
    step: plan.step + 1,
    worker: members[collective.rank],
    rank: collective.rank,
    computed: outcome.computed.map(([slot, bag]): [number, string] => [slot, bags[bag].id]),
    planned: slotsOf(plan, collective.rank).map((slot) => slot.index),
    gradientBytesSent: now.gradientBytesSent - before.gradientBytesSent,
    gradientBytesReceived: now.gradientBytesReceived - before.gradientBytesReceived,
    computeMs: outcome.computeMs,
    waitMs: now.waitMs - before.waitMs,
    dataWaitMs: outcome.dataWaitMs,
    stepMs: performance.now() - started,
  };
}
