/**
 * The ledger tells what the members said, not what was planned: a bag that was dropped, doubled or swapped on the way
 * stands in the row as it was, and the audit finds it.
 */
import assert from 'node:assert/strict';
import { auditLedger } from '@bagfleet/orchestrator/audit/audit-ledger';
import { type DatasetManifest, type LedgerRow, parseJob, planStep } from '@bagfleet/proto';
import type { CountedSlot } from '@bagfleet/worker/collective/tally';
import type { RunParts } from '@bagfleet/worker/train/run-parts';
import { reportStep } from '@bagfleet/worker/train/step-report';
import { NO_PROGRESS } from '@bagfleet/worker/train/training-state';

const COSTS = { fixed: 1, perInstance: 1 };
const COUNTERS = {
  gradientBytesSent: 0,
  gradientBytesReceived: 0,
  smallBytesSent: 0,
  smallBytesReceived: 0,
  waitMs: 0,
};
const MANIFEST: DatasetManifest = {
  schemaVersion: 1,
  name: 'd',
  instanceShape: [4],
  classes: ['no', 'yes'],
  bags: ['b0', 'b1', 'b2', 'b3'].map((id, i) => ({
    id,
    key: `${id}.npy`,
    bytes: 1,
    instances: 3 + i,
    label: i % 2,
    split: 'train' as const,
  })),
};
const JOB = parseJob({ data: { manifest: 'm' }, train: { batch: 4, epochs: 1 } }, 'test');

/** The row of a step of all four bags, of which the members said that they computed these. */
function rowOf(said: readonly number[]): LedgerRow {
  const rows: LedgerRow[] = [];
  const slots = MANIFEST.bags.map(({ instances }, index) => ({ index, bag: index, repeat: 0, instances }));
  const plan = planStep({ epoch: 1, step: 0, slots, workers: 2, costs: COSTS });
  const counted: CountedSlot[] = said.map((bag, slot) => ({
    slot,
    bag,
    rank: plan.owners[slot],
    loss: 0.5,
    weight: 1,
    logits: new Float32Array(1),
    finite: true,
    computeMs: 1,
  }));
  const parts = {
    dataset: { manifest: MANIFEST },
    generation: { lease: 1, number: 1 },
    members: ['w0', 'w1'],
    collective: { rank: 0, counters: () => COUNTERS },
    reporter: { step: (_: unknown, row: LedgerRow) => rows.push(row), work: () => undefined },
  } as unknown as RunParts;
  const weightSum = said.length;
  reportStep(
    { parts, plan, costs: COSTS, before: COUNTERS, started: 0 },
    {
      kind: 'applied',
      slots: counted,
      lossSum: 2,
      weightSum,
      gradientNorm: 1,
      computed: [],
      computeMs: 1,
      dataWaitMs: 0,
    },
    1e-3,
  );
  return rows[0];
}

function problemsOf(said: readonly number[]): string[] {
  const rows = [rowOf(said)];
  const progress = { ...NO_PROGRESS, epoch: 1, step: 1 };
  return auditLedger({ job: JOB, manifest: MANIFEST, rows, progress }).problems.map(
    ({ code, bag }) => `${code} ${bag}`,
  );
}

describe('the ledger row of a step', () => {
  it('holds each bag with the member that computed it', () => {
    const row = rowOf([0, 1, 2, 3]);
    assert.deepEqual(
      row.counted.map(([slot, bag]) => [slot, bag]),
      [0, 1, 2, 3].map((slot) => [slot, `b${slot}`]),
    );
    assert.deepEqual(new Set(row.counted.map(([, , rank]) => rank)), new Set([0, 1]));
    assert.deepEqual(problemsOf([0, 1, 2, 3]), []);
  });

  it('shows a bag that was dropped, doubled or swapped, and the audit names it', () => {
    assert.ok(problemsOf([0, 1, 2]).includes('bag-missing b3'));
    const doubled = problemsOf([0, 1, 2, 2]);
    assert.ok(doubled.includes('bag-twice b2') && doubled.includes('bag-missing b3'), doubled.join());
  });
});
