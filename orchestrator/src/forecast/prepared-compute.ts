/**
 * A compute thread of this machine with the job's own model, and made-up bags for it.
 * In: a job, what its dataset is like. Out: a thread that computes gradients of bags of any size.
 */
import { CounterRng, type DatasetManifest, type JobSpec } from '@bagfleet/proto';
import { ringEdges } from '@bagfleet/worker/data/graph/ring-edges';
import type { InstanceSettings } from '@bagfleet/worker/data/instances/instance-rules';
import { ComputeClient } from '@bagfleet/worker/engine/compute-client';
import { computeEnvironment } from '@bagfleet/worker/engine/compute-environment';
import type { BagMessage, SharedFloats } from '@bagfleet/worker/engine/compute-protocol';
import { createModel } from '@bagfleet/worker/models/create-model';
import { modelInputOf } from '@bagfleet/worker/models/model-input';
import { initialState, sharedFloats } from '@bagfleet/worker/train/training-state';

export type DatasetKind = Pick<DatasetManifest, 'instanceShape' | 'classes'>;

export interface PreparedCompute {
  readonly compute: ComputeClient;
  /** Where gradients go. */
  readonly into: SharedFloats;
  /** Numbers in the model. */
  readonly parameters: number;
}

/** Whoever has it closes it. It computes with the threads of one worker. */
export async function preparedCompute(job: JobSpec, dataset: DatasetKind): Promise<PreparedCompute> {
  Object.assign(process.env, computeEnvironment(job.fleet.threadsPerWorker));
  const { instanceShape } = dataset;
  const input = modelInputOf(dataset, job.data);
  const state = initialState(job, createModel(job.model, input));
  const compute = new ComputeClient();
  try {
    await compute.call('load', {});
    await compute.call('prepare', {
      ...{ model: job.model, train: job.train, instances: seeingAll(job), seed: job.seed },
      ...{ instanceShape, outputs: input.outputs, slots: job.train.batch },
      ...{ parameters: state.parameters, moments: state.moments },
    });
    return { compute, into: sharedFloats(state.layout.length), parameters: state.layout.length };
  } catch (thrown) {
    await compute.close();
    throw thrown;
  }
}

/** Made-up bags have the sizes that are left when a sampler has drawn. */
function seeingAll({ data }: JobSpec): InstanceSettings {
  const sampler = { ...data.sampler, kind: 'all' as const };
  const augment = { ...data.augment, instanceDropout: 0, colorJitter: null };
  return { ...data, sampler, augment };
}

export function madeUpBag(instances: number, instanceShape: readonly number[]): BagMessage {
  const width = instanceShape.reduce((product, size) => product * size, 1);
  const features = sharedFloats(instances * width); // [instances, ...instanceShape]
  features.set(new CounterRng(0, ['made up', instances]).normal(features.length));
  return {
    ...{ id: 'made-up', label: 0, instances, instanceShape, type: 'float32', features },
    ...{ coords: null, instanceLabels: null, edges: ringEdges(instances), slides: [0, instances] },
  };
}
