/**
 * What training costs on this machine: the job's own model on made-up bags of the dataset's sizes, for some seconds.
 * In: a job, what its dataset is like, the sizes of its bags. Out: FleetCosts. It computes with the threads of one worker.
 */
import type { JobSpec } from '@bagfleet/proto';
import type { ComputeClient } from '@bagfleet/worker/engine/compute-client';
import type { BagMessage, SharedFloats } from '@bagfleet/worker/engine/compute-protocol';
import { fitCosts, type MeasuredBag } from '@bagfleet/worker/train/cost-fit';
import type { Progress } from '../datasets/each-concurrently.js';
import type { FleetCosts } from './fleet-costs.js';
import { median } from './median.js';
import { type DatasetKind, madeUpBag, preparedCompute } from './prepared-compute.js';

/** Of the bags' sizes. */
const QUANTILES = [0.05, 0.35, 0.65, 0.9];
const ROUNDS = 5;
/** After that no other round begins. */
const BUDGET_MS = 8_000;

type Sample = MeasuredBag & { readonly predictMs: number };

export async function measureCosts(
  job: JobSpec,
  dataset: DatasetKind,
  /** Instances that a step sees of each training bag. */
  sizes: readonly number[],
  progress: Progress,
): Promise<FleetCosts> {
  const { compute, into, parameters } = await preparedCompute(job, dataset);
  try {
    const bags = typicalOf(sizes).map((instances) => madeUpBag(instances, dataset.instanceShape));
    const samples = await sampleBags(compute, bags, into, progress);
    return {
      bag: fitCosts(samples, { fixed: 1, perInstance: 0.01 }),
      predictShare: median(samples.map(({ predictMs, milliseconds }) => predictMs / milliseconds)),
      ...(await sampleSum(compute, bags[0], into)),
      ...{ parameters, beside: 1, crowding: null },
      source: `measured on this machine, ${job.fleet.threadsPerWorker === 1 ? '1 thread' : `${job.fleet.threadsPerWorker} threads`}`,
    };
  } finally {
    await compute.close();
  }
}

function typicalOf(instances: readonly number[]): number[] {
  const sorted = [...instances].sort((a, b) => a - b);
  return [...new Set(QUANTILES.map((share) => sorted[Math.floor(share * sorted.length)]))];
}

/** The first round warms up and does not count. */
async function sampleBags(
  compute: ComputeClient,
  bags: readonly BagMessage[],
  into: SharedFloats,
  progress: Progress,
): Promise<Sample[]> {
  const end = performance.now() + BUDGET_MS;
  const samples: Sample[] = [];
  for (let round = 0; round < ROUNDS && (round < 2 || performance.now() < end); round++)
    for (const [place, bag] of bags.entries()) {
      const { milliseconds } = await compute.call('gradient', { bag, epoch: 1, repeat: 0, into });
      const { milliseconds: predictMs } = await compute.call('predict', { bag });
      if (round > 0) samples.push({ instances: bag.instances, milliseconds, predictMs });
      progress(round * bags.length + place + 1, ROUNDS * bags.length, 'bags measured');
    }
  return samples;
}

/** What a slot's integers and an update take. */
async function sampleSum(
  compute: ComputeClient,
  bag: BagMessage,
  into: SharedFloats,
): Promise<Pick<FleetCosts, 'slotMs' | 'updateMs'>> {
  const { exponents, weight } = await compute.call('gradient', { bag, epoch: 1, repeat: 0, into });
  const sum = new Int32Array(new SharedArrayBuffer(into.byteLength));
  const slots: number[] = [];
  const updates: number[] = [];
  for (let step = 1; step <= ROUNDS; step++) {
    slots.push(await timed(compute.call('quantise', { gradients: [into], exponents, into: sum })));
    updates.push(await timed(compute.call('update', { sum, exponents, weight, step, rate: 0 })));
  }
  return { slotMs: median(slots), updateMs: median(updates) };
}

async function timed(work: Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work;
  return performance.now() - begun;
}
