/**
 * Everything a worker needs before the fleet can start: dataset, model, probe, and the state to begin with, which
 * is the run's latest checkpoint, or the initial one, whose parameters may be another run's (`model.initial`).
 * In: the job and the run's folder. Out: the parts of a training run that do not depend on the generation.
 */
import { BagfleetError, type JobSpec } from '@bagfleet/proto';
import { locateInRun } from '../checkpoint/locate-checkpoint.js';
import { readCheckpoint } from '../checkpoint/read-checkpoint.js';
import { readInitial } from '../checkpoint/read-initial.js';
import type { Bag } from '../data/bag.js';
import { BagCache } from '../data/bag-cache.js';
import { BagReads } from '../data/bag-reads.js';
import { cacheBudget } from '../data/cache-budget.js';
import { DiskCache } from '../data/disk-cache/disk-cache.js';
import { NO_CACHE, type ObjectCache } from '../data/disk-cache/object-cache.js';
import type { ContentRecord } from '../data/integrity/content-record.js';
import { RunContentRecord } from '../data/integrity/run-content-record.js';
import { loadDataset } from '../data/load-dataset.js';
import type { Dataset } from '../data/load-manifest.js';
import { BagPrefetch } from '../data/prefetch.js';
import { bagReader } from '../data/read-bag.js';
import type { ComputeClient } from '../engine/compute-client.js';
import { type Fingerprint, fingerprintDifferences } from '../engine/fingerprint.js';
import type { Faults } from '../faults/faults.js';
import { createModel } from '../models/create-model.js';
import { modelInputOf } from '../models/model-input.js';
import type { ObjectStore } from '../storage/object-store.js';
import { openStore } from '../storage/open-store.js';
import { codeOf } from '../storage/store-errors.js';
import { probeDigest } from '../train/probe.js';
import { Scratch } from '../train/scratch.js';
import { beginWith, initialState, replaceState, type TrainingState } from '../train/training-state.js';

const MEBIBYTE = 2 ** 20;
/** Part of the buffer whose bags are on their way at a time: 32 MiB are 25 ms at 10 Gbit/s. */
const ON_THEIR_WAY = 1 / 8;

export interface PreparedRun {
  readonly job: JobSpec;
  readonly runId: string;
  readonly dataset: Dataset;
  /** The run's folder. */
  readonly store: ObjectStore;
  readonly compute: ComputeClient;
  readonly fingerprint: Fingerprint;
  readonly state: TrainingState;
  readonly scratch: Scratch;
  /** Computes the probe bag; `probeReference` is what it gave before the run began. */
  readonly probe: () => Promise<string>;
  readonly probeReference: string;
  /** Makes streams of bags (indices into the manifest) that end with the signal. */
  readonly streamOf: (signal: AbortSignal) => (bags: readonly number[]) => BagPrefetch;
  readonly readBag: (bag: number) => Promise<Bag>;
  readonly bagIndex: (id: string) => number;
  readonly close: () => Promise<void>;
}

export async function prepareRun(args: {
  readonly job: JobSpec;
  readonly runId: string;
  readonly runUri: string;
  readonly compute: ComputeClient;
  readonly fingerprint: Fingerprint;
  readonly faults: Faults;
}): Promise<PreparedRun> {
  const { job, runId, runUri, compute, fingerprint, faults } = args;
  const dataset = await loadDataset(job.data, (uri) => openStore(uri, job.store));
  const store = await openStore(runUri, job.store);
  const { manifest } = dataset;
  const input = modelInputOf(manifest, job.data);
  const model = createModel(job.model, input);
  const state = initialState(job, model);
  await compute.call('prepare', {
    model: job.model,
    train: job.train,
    instances: job.data,
    instanceShape: manifest.instanceShape,
    outputs: input.outputs,
    seed: job.seed,
    slots: job.train.batch,
    parameters: state.parameters,
    moments: state.moments,
  });
  const probe = () =>
    probeDigest({
      compute,
      manifest,
      needs: model.needs,
      faults,
      initialParameters: () => initialState(job, model).parameters,
    });
  const probeReference = await probe();
  const goesOn = await goOnFromCheckpoint(store, state, job, fingerprint, compute);
  if (!goesOn && job.model.initial) {
    beginWith(state, await readInitial(job.model.initial, { job, manifest, layout: state.layout }));
    await compute.call('reload', {});
    console.log(`begins with the parameters of ${job.model.initial.checkpoint}`);
  }
  const record = await RunContentRecord.open(store);
  const { endReads, ...source } = bagSource(job, dataset, record);
  return {
    job,
    runId,
    dataset,
    store,
    compute,
    fingerprint,
    state,
    scratch: new Scratch(state.layout.length),
    probe,
    probeReference,
    ...source,
    close: async () => {
      await endReads();
      await record.close();
      dataset.store.close();
      store.close();
    },
  };
}

/** Streams and single bags, over one cache and the same reads, whatever generation asks. */
function bagSource(
  job: JobSpec,
  { manifest, store }: Dataset,
  record: ContentRecord,
): Pick<PreparedRun, 'streamOf' | 'readBag' | 'bagIndex'> & { readonly endReads: () => Promise<void> } {
  const { engine, workers, gpusPerNode } = job.fleet;
  const sharing = engine === 'local' ? workers : Math.max(1, gpusPerNode);
  const limit = process.constrainedMemory() || null;
  const cache = new BagCache(cacheBudget(job.data.cacheMiB * MEBIBYTE, limit, sharing));
  const { instanceShape, bags } = manifest;
  const { graph } = job.data;
  const reader = bagReader({ store, instanceShape, graph, record, cache: diskCacheOf(job, store) });
  const buffer = job.data.bufferMiB * MEBIBYTE;
  const reads = new BagReads({
    reader,
    cache,
    atOnce: job.data.prefetch,
    bytesAtOnce: buffer * ON_THEIR_WAY,
  });
  const indices = new Map(bags.map(({ id }, index) => [id, index]));
  return {
    streamOf: (signal) => (indices) =>
      new BagPrefetch({ bags: indices.map((bag) => bags[bag]), reads, buffer, signal }),
    readBag: async (bag) => cache.get(bags[bag].id) ?? reader.read(bags[bag]),
    bagIndex: (id) => indices.get(id) ?? raise(new BagfleetError('bug', `no bag ${id} in the manifest`)),
    endReads: () => reads.close(),
  };
}

function diskCacheOf({ data, store: access }: JobSpec, { uri }: ObjectStore): ObjectCache {
  if (data.diskCache === null) return NO_CACHE;
  const { folder, gibibytes } = data.diskCache;
  return new DiskCache({ folder, limit: gibibytes * 2 ** 30, place: `${access.endpoint ?? ''} ${uri}` });
}

/** In O(1): nothing is replayed; the epoch's order and the step in it follow from the progress alone. */
async function goOnFromCheckpoint(
  store: ObjectStore,
  state: TrainingState,
  job: JobSpec,
  fingerprint: Fingerprint,
  compute: ComputeClient,
): Promise<boolean> {
  const place = await locateInRun(store, 'latest').catch((error: unknown) => {
    if (codeOf(error) === 'checkpoint-missing') return null;
    throw error;
  });
  if (!place) return false;
  const began = place.manifest.fingerprint as unknown as Fingerprint;
  const differences = fingerprintDifferences(began, fingerprint);
  if (differences.length > 0 && job.fleet.determinism === 'strict')
    throw otherMachine(place.uri, differences);
  replaceState(state, await readCheckpoint(place, state.layout));
  await compute.call('reload', {});
  console.log(`goes on from step ${state.progress.step} (${place.uri})`);
  return true;
}

function otherMachine(uri: string, differences: readonly string[]): BagfleetError {
  return new BagfleetError(
    'fingerprint-mismatch',
    `was made on another kind of machine: ${differences.join(', ')}`,
    {
      culprit: uri,
      hint: 'Go on where the run began, or set fleet.determinism: relaxed; the result may then differ in its last bits.',
    },
  );
}

function raise(error: Error): never {
  throw error;
}
