/**
 * Ledgers of runs that went well, as a random fleet would have written them: redone steps, changing generations,
 * bags left out. In: a few random numbers. Out: what an audit takes.
 */
import type { AuditedRun } from '@bagfleet/orchestrator/audit/audit-ledger';
import {
  batchOf,
  CounterRng,
  type DatasetManifest,
  type EpochOrder,
  epochEntries,
  type JobSpec,
  type LedgerRow,
  parseJob,
  stepsPerEpoch,
} from '@bagfleet/proto';
import fc from 'fast-check';

export interface LedgerShape {
  readonly order: EpochOrder;
  readonly seed: number;
  /** Training bags. */
  readonly bags: number;
  readonly batch: number;
  readonly epochs: number;
  /** Steps of the epoch after them. */
  readonly more: number;
  /** Share of the bags that turn out to be poisoned, and of the steps that are done again. */
  readonly poisoned: number;
  readonly redone: number;
}

export const anyShape: fc.Arbitrary<LedgerShape> = fc
  .record({
    order: fc.constantFrom('once' as const, 'balanced' as const),
    seed: fc.nat({ max: 2 ** 31 - 1 }),
    bags: fc.integer({ min: 2, max: 24 }),
    batch: fc.integer({ min: 1, max: 8 }),
    epochs: fc.integer({ min: 1, max: 4 }),
    more: fc.nat({ max: 24 }),
    poisoned: fc.constantFrom(0, 0, 0.2),
    redone: fc.constantFrom(0, 0.3),
  })
  .map((shape) => ({ ...shape, more: Math.min(shape.more, stepsPerEpoch(shape.bags, shape.batch)) }));

export function manifestWith(training: number): DatasetManifest {
  const entry = (id: string, split: 'train' | 'val' | 'test', label = 0) => ({
    ...{ id, split, key: `bags/${id}.npy`, bytes: 100, instances: 3, label },
  });
  return {
    schemaVersion: 1,
    name: 'made-up',
    instanceShape: [4],
    classes: ['no', 'yes'],
    bags: [
      entry('v0', 'val'),
      ...Array.from({ length: training }, (_, i) => entry(`b${i}`, 'train', i % 5 === 0 ? 1 : 0)),
      entry('t0', 'test'),
    ],
  };
}

export function jobWith(
  fields: {
    batch?: number;
    epochs?: number;
    poisonedBags?: 'fail' | 'skip';
    order?: EpochOrder;
  },
  seed = 1,
): JobSpec {
  return parseJob({ data: { manifest: 'm' }, train: fields, seed }, 'test');
}

export function madeUpRun(shape: LedgerShape): AuditedRun {
  const { order, batch, seed } = shape;
  const job = jobWith({ order, batch, epochs: shape.epochs + 1, poisonedBags: 'skip' }, seed);
  const manifest = manifestWith(shape.bags);
  const labels = manifest.bags.filter(({ split }) => split === 'train').map(({ label }) => label);
  const steps = stepsPerEpoch(shape.bags, shape.batch);
  const places = [
    ...Array.from({ length: shape.epochs * steps }, (_, i) => [1 + Math.floor(i / steps), 1 + (i % steps)]),
    ...Array.from({ length: shape.more }, (_, i) => [shape.epochs + 1, 1 + i]),
  ];
  const chance = new CounterRng(shape.seed, ['ledger']).uniform(places.length * 2);
  const poisoned = new CounterRng(shape.seed, ['poisoned']).uniform(shape.bags);
  let number = 1;
  const rows = places.flatMap(([epoch, step], i) => {
    if (chance[2 * i] < 0.2) number++;
    const entries = epochEntries(order, { seed, epoch, labels });
    const ids = [...batchOf(entries, batch, step - 1)];
    const left = [...new Set(ids)].filter((id) => poisoned[id] < shape.poisoned).map((id) => `b${id}`);
    const kept = ids.map((id) => `b${id}`).filter((id) => !left.includes(id));
    const first = rowOf(epoch, step, number, kept, left);
    if (chance[2 * i + 1] >= shape.redone) return [first];
    number++;
    return [first, rowOf(epoch, step, number, kept, left), rowOf(epoch, step, number, kept, left)];
  });
  const skipped = [...new Set(rows.flatMap((row) => row.skipped))];
  const progress = { epoch: shape.epochs, stepInEpoch: shape.more, skipped };
  return { job, manifest, rows, progress };
}

/** A generation of 1 to 4 workers, bags dealt in turn. */
export function rowOf(
  epoch: number,
  step: number,
  number: number,
  bags: readonly string[],
  skipped: readonly string[] = [],
): LedgerRow {
  const workers = Array.from({ length: 1 + (number % 4) }, (_, rank) => `w${rank}`);
  return {
    epoch,
    step,
    generation: { lease: 1, number },
    workers,
    counted: bags.map((bag, slot): [number, string, number] => [slot, bag, slot % workers.length]),
    skipped: [...skipped],
    weight: bags.length,
  };
}
