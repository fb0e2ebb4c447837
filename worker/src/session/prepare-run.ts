/**
 * Everything a worker needs before the fleet can start: dataset, model, initial state, probe.
 * In: the job and the run's folder. Out: the parts of a training run that do not depend on the generation.
 */
import { type JobSpec, outputsOf } from '@bagfleet/proto';
import { BagCache } from '../data/bag-cache.js';
import { loadDataset } from '../data/load-dataset.js';
import type { Dataset } from '../data/load-manifest.js';
import { BagPrefetch } from '../data/prefetch.js';
import { bagReader } from '../data/read-bag.js';
import type { ComputeClient } from '../engine/compute-client.js';
import type { Fingerprint } from '../engine/fingerprint.js';
import { createModel } from '../models/create-model.js';
import { openStore } from '../storage/open-store.js';
import { probeDigest } from '../train/probe.js';
import type { RunReporter } from '../train/reporter.js';
import { initialState, type TrainingState } from '../train/training-state.js';
import { CheckpointKeeper, NO_KEEPER, type StateKeeper } from './checkpoint-keeper.js';

const MEBIBYTE = 2 ** 20;

export interface PreparedRun {
  readonly job: JobSpec;
  readonly dataset: Dataset;
  readonly compute: ComputeClient;
  readonly state: TrainingState;
  /** Digest of the probe bag's gradient. */
  readonly probe: string;
  /** Makes streams of bags (indices into the manifest) that end with the signal. */
  readonly streamOf: (signal: AbortSignal) => (bags: readonly number[]) => BagPrefetch;
  /** Rank 0 writes checkpoints, the others none. */
  readonly keeperFor: (rank: number, reporter: RunReporter) => StateKeeper;
  readonly close: () => Promise<void>;
}

export async function prepareRun(args: {
  readonly job: JobSpec;
  readonly runId: string;
  readonly runUri: string;
  readonly compute: ComputeClient;
  readonly fingerprint: Fingerprint;
}): Promise<PreparedRun> {
  const { job, runId, runUri, compute, fingerprint } = args;
  const dataset = await loadDataset(job.data, (uri) => openStore(uri, job.store));
  const runStore = await openStore(runUri, job.store);
  const { manifest } = dataset;
  const input = { instanceShape: manifest.instanceShape, outputs: outputsOf(manifest) };
  const state = initialState(job, createModel(job.model, input));
  await compute.call('prepare', {
    ...input,
    model: job.model,
    train: job.train,
    seed: job.seed,
    slots: job.train.batch,
    parameters: state.parameters,
    moments: state.moments,
  });
  const cache = new BagCache(job.data.cacheMiB * MEBIBYTE);
  const reader = bagReader({
    store: dataset.store,
    instanceShape: manifest.instanceShape,
    normalize: job.data.normalize,
  });
  const facts = { store: runStore, runId, job, dataset, fingerprint: { ...fingerprint } };
  return {
    job,
    dataset,
    compute,
    state,
    probe: await probeDigest(compute, state, manifest),
    streamOf: (signal) => (bags) =>
      new BagPrefetch({
        bags: bags.map((bag) => manifest.bags[bag]),
        reader,
        cache,
        ahead: job.data.prefetch,
        signal,
      }),
    keeperFor: (rank, reporter) => (rank === 0 ? new CheckpointKeeper(facts, state, reporter) : NO_KEEPER),
    close: async () => {
      dataset.store.close();
      runStore.close();
    },
  };
}
