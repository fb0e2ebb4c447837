/**
 * How evenly the bags of a step lie on workers, and what that is worth in time.
 *   npm run bench:balance -- [--rounds 2] [--json]
 * 400 slides of fixed sizes, steps of 16. Imbalance is (largest − mean) / mean of the workers' instances in a step, mean
 * over the steps: as two workers really computed them, by cost and in order, and by plan on four, beside the lists that
 * torch's DistributedSampler gives (test/fixtures/distributed-sampler). The bars: 1.5 % on two workers, 10 % on four.
 * Exit code 0 whether they hold or not. Some seven minutes; nothing else should run.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { INITIAL_COSTS, type LedgerRow } from '@bagfleet/proto';
import { planEpoch } from '@bagfleet/worker/train/epoch-plan';
import { writeSlides } from './balance/slides.js';
import { type TrainedEpochs, trainEpochs } from './balance/trained-epochs.js';
import { type Figures, figure, median, table } from './recovery/figures.js';

const SLIDES = 400;
const FEATURES = 256;
const BATCH = 16;
const EPOCHS = 4;
const BARS = { two: 0.015, four: 0.1 };
const TORCH = new URL('../test/fixtures/distributed-sampler/indices.json', import.meta.url);

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '2' }, json: { type: 'boolean', default: false } },
});
const machine = { processor: cpus()[0].model, cores: cpus().length, loadBefore: loadavg()[0] };
const folder = mkdtempSync(join(tmpdir(), 'bagfleet-balance-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const { path, manifest } = await writeSlides(join(folder, 'data'), SLIDES, FEATURES);
const sizes = manifest.bags.map(({ instances }) => instances);
const runs: Record<'cost' | 'order', TrainedEpochs[]> = { cost: [], order: [] };
for (let round = 0; round < Number(values.rounds); round++)
  for (const balance of ['cost', 'order'] as const) {
    process.stderr.write(`round ${round + 1}, ${balance} …\n`);
    runs[balance].push(trainEpochs(folder, jobOf(balance)));
  }

const figures = figuresOf();
if (values.json) process.stdout.write(`${JSON.stringify({ machine, figures })}\n`);
else process.stdout.write(`${machine.processor}, load ${machine.loadBefore.toFixed(1)}\n${table(figures)}\n`);

function jobOf(balance: 'cost' | 'order') {
  return {
    data: { manifest: path, cacheMiB: 4096 },
    model: { name: 'abmil', hidden: 256, attention: 128, gated: true },
    train: { epochs: EPOCHS, batch: BATCH },
    fleet: { workers: 2, balance },
  };
}

function figuresOf(): Figures {
  const measured = (of: readonly TrainedEpochs[]) =>
    mean(of.flatMap(({ ledger }) => ledger.map(imbalanceOfRow)));
  const seconds = (of: readonly TrainedEpochs[]) =>
    median(of.flatMap(({ epochs }) => epochs.map((epoch) => epoch.seconds)));
  const cost = measured(runs.cost);
  const order = measured(runs.order);
  return {
    'two.byCost': figure(cost, BARS.two),
    'two.inOrder': figure(order),
    'two.torch': figure(torchImbalance(2)),
    'two.epochSecondsByCost': figure(seconds(runs.cost)),
    'two.epochSecondsInOrder': figure(seconds(runs.order)),
    'two.faster': figure(seconds(runs.order) / seconds(runs.cost)),
    'two.fasterByImbalance': figure((1 + order) / (1 + cost)),
    'four.byPlan': figure(plannedImbalance(4), BARS.four),
    'four.torch': figure(torchImbalance(4)),
  };
}

/** As the members said in the step that was applied. */
function imbalanceOfRow({ workers, counted }: LedgerRow): number {
  const instances = new Map(manifest.bags.map((bag) => [bag.id, bag.instances]));
  const loads = new Array<number>(workers.length).fill(0);
  for (const [, bag, rank] of counted) loads[rank] += instances.get(bag) ?? 0;
  return imbalance(loads);
}

function plannedImbalance(workers: number): number {
  const epochs = [1, 2, 3].flatMap((epoch) =>
    planEpoch({
      ...{
        seed: 0,
        epoch,
        batch: BATCH,
        workers,
        costs: { ...INITIAL_COSTS, fixed: 0 },
        previous: new Map(),
      },
      ...{ bags: manifest.bags, training: sizes.map((_, bag) => bag) },
    }),
  );
  return mean(
    epochs.map(({ slots, owners }) => {
      const loads = new Array<number>(workers).fill(0);
      for (const slot of slots) loads[owners[slot.index]] += slot.instances;
      return imbalance(loads);
    }),
  );
}

/** Of the lists that torch made: each rank takes its next bags in every step. */
function torchImbalance(ranks: 2 | 4): number {
  const { fleets } = JSON.parse(readFileSync(TORCH, 'utf8')) as { fleets: Record<string, number[][][]> };
  const each = BATCH / ranks;
  return mean(
    fleets[ranks].flatMap((lists) =>
      Array.from({ length: SLIDES / BATCH }, (_, step) =>
        imbalance(
          lists.map((list) => sum(list.slice(step * each, (step + 1) * each).map((bag) => sizes[bag]))),
        ),
      ),
    ),
  );
}

function imbalance(loads: readonly number[]): number {
  return Math.max(...loads) / mean(loads) - 1;
}

function mean(of: readonly number[]): number {
  return sum(of) / of.length;
}

function sum(of: readonly number[]): number {
  return of.reduce((total, value) => total + value, 0);
}
