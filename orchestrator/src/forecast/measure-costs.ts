/**
 * What training costs on this machine: the job's own model on made-up bags of the dataset's sizes, for some seconds.
 * In: a job and its dataset. Out: FleetCosts. It computes with the threads of one worker.
 */
import { CounterRng, type JobSpec } from '@bagfleet/proto';
import { instancesSeen } from '@bagfleet/proto/instances-seen';
import type { InstanceSettings } from '@bagfleet/worker/data/instances/instance-rules';
import type { Dataset } from '@bagfleet/worker/data/load-manifest';
import { ComputeClient } from '@bagfleet/worker/engine/compute-client';
import { computeEnvironment } from '@bagfleet/worker/engine/compute-environment';
import type { BagMessage, SharedFloats } from '@bagfleet/worker/engine/compute-protocol';
import { createModel } from '@bagfleet/worker/models/create-model';
import { modelInputOf } from '@bagfleet/worker/models/model-input';
import { fitCosts, type MeasuredBag } from '@bagfleet/worker/train/cost-fit';
import { initialState, sharedFloats } from '@bagfleet/worker/train/training-state';
import type { Progress } from '../datasets/each-concurrently.js';
import type { FleetCosts } from './fleet-costs.js';

/** Of the bags' sizes. */
const QUANTILES = [0.05, 0.35, 0.65, 0.9];
const ROUNDS = 5;
/** After that no other round begins. */
const BUDGET_MS = 8_000;

type Sample = MeasuredBag & { readonly predictMs: number };

export async function measureCosts(
  job: JobSpec,
  { manifest }: Dataset,
  training: readonly number[],
  progress: Progress,
): Promise<FleetCosts> {
  Object.assign(process.env, computeEnvironment(job.fleet.threadsPerWorker));
  const input = modelInputOf(manifest, job.data);
  const state = initialState(job, createModel(job.model, input));
  const compute = new ComputeClient();
  try {
    await compute.call('load', {});
    await compute.call('prepare', {
      ...{ model: job.model, train: job.train, instances: drawingAll(job), seed: job.seed },
      ...{ instanceShape: manifest.instanceShape, outputs: input.outputs },
      ...{ slots: job.train.batch, parameters: state.parameters, moments: state.moments },
    });
    const sizes = sizesOf(training.map((bag) => instancesSeen(job.data, manifest.bags[bag].instances)));
    const bags = sizes.map((instances) => madeUpBag(instances, manifest.instanceShape));
    const into = sharedFloats(state.layout.length);
    const samples = await sampleBags(compute, bags, into, progress);
    return {
      bag: fitCosts(samples, { fixed: 1, perInstance: 0.01 }),
      predictShare: median(samples.map(({ predictMs, milliseconds }) => predictMs / milliseconds)),
      ...(await sampleSum(compute, bags[0], into)),
      parameters: state.layout.length,
      source: `measured on this machine, ${job.fleet.threadsPerWorker === 1 ? '1 thread' : `${job.fleet.threadsPerWorker} threads`}`,
    };
  } finally {
    await compute.close();
  }
}

/** The sizes are those that are left when a sampler has drawn. */
function drawingAll({ data }: JobSpec): InstanceSettings {
  const sampler = { ...data.sampler, kind: 'all' as const };
  const augment = { ...data.augment, instanceDropout: 0, colorJitter: null };
  return { ...data, sampler, augment };
}

function sizesOf(instances: readonly number[]): number[] {
  const sorted = [...instances].sort((a, b) => a - b);
  return [...new Set(QUANTILES.map((share) => sorted[Math.floor(share * sorted.length)]))];
}

function madeUpBag(instances: number, instanceShape: readonly number[]): BagMessage {
  const width = instanceShape.reduce((product, size) => product * size, 1);
  const features = sharedFloats(instances * width); // [instances, ...instanceShape]
  features.set(new CounterRng(0, ['made up', instances]).normal(features.length));
  return {
    ...{ id: 'made-up', label: 0, instances, instanceShape, type: 'float32', features },
    ...{ coords: null, instanceLabels: null, edges: null, slides: [0, instances] },
  };
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

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}
