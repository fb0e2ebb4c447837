/**
 * Whether a job fits its dataset, before anything is started: splits, model, normalisation, one real bag.
 * In: a resolved job and its dataset. Out: what will be trained on what, with remarks on what may not be
 * meant; an error for what can't work.
 */
import {
  BagfleetError,
  bagsOfSplit,
  isOfClasses,
  type JobSpec,
  SPLITS,
  stepsPerEpoch,
  taskOf,
} from '@bagfleet/proto';
import { instancesSeen } from '@bagfleet/proto/instances-seen';
import { makeInstanceRules } from '@bagfleet/worker/data/instances/instance-rules';
import { prepareInstances } from '@bagfleet/worker/data/instances/prepare-instances';
import type { Dataset } from '@bagfleet/worker/data/load-manifest';
import { bagReader } from '@bagfleet/worker/data/read-bag';
import { modelInputOf } from '@bagfleet/worker/models/model-input';
import { refuseOtherCount, refuseWithoutGraph } from '@bagfleet/worker/models/refuse-unfit-bag';
import { parameterRanges } from '@bagfleet/worker/train/parameter-groups';
import { layoutOf } from '@bagfleet/worker/train/parameter-layout';

const INDEX_AGAIN = 'Give bags the split train with `bagfleet data index`.';

export interface JobCheck {
  readonly dataset: {
    readonly name: string;
    readonly uri: string;
    readonly sha256: string;
    readonly instanceShape: readonly number[];
    readonly classes: readonly string[];
    readonly bags: Readonly<Record<(typeof SPLITS)[number], number>>;
    readonly instances: number;
  };
  readonly model: { readonly name: string; readonly parameters: number };
  readonly stepsPerEpoch: number;
  /** What works, but may not be meant. */
  readonly remarks: readonly string[];
}

export async function checkJob(job: JobSpec, dataset: Dataset): Promise<JobCheck> {
  const { manifest } = dataset;
  refuseUnknownFold(job, dataset);
  refuseOtherTask(dataset);
  const [train, val, test] = SPLITS.map((split) => bagsOfSplit(manifest, split, job.data.fold));
  if (train.length === 0)
    throw new BagfleetError('manifest-invalid', 'no bag of it is for training', {
      culprit: dataset.uri,
      hint: INDEX_AGAIN,
    });
  if (val.length === 0 && job.validation.earlyStop)
    throw misfit('validation.earlyStop', `early stopping needs validation bags, and ${dataset.uri} has none`);
  // Imported here: TensorFlow.js takes a third of a second to load, and most commands do without.
  const { createModel } = await import('@bagfleet/worker/models/create-model');
  const rules = makeInstanceRules(job.data, manifest.instanceShape);
  const model = createModel(job.model, modelInputOf(manifest, job.data));
  parameterRanges(layoutOf(model.parameters), job.train.parameterGroups); // each group must take some
  const { graph } = job.data;
  const reader = bagReader({ store: dataset.store, instanceShape: manifest.instanceShape, graph });
  const smallest = train.map((index) => manifest.bags[index]).reduce((a, b) => (b.bytes < a.bytes ? b : a));
  const bag = await reader.read(smallest);
  const seen = prepareInstances(bag, rules, { seed: job.seed, epoch: 1, bag: bag.id, repeat: 0 });
  refuseWithoutGraph(model.needs, job.model.name, bag.id, seen);
  for (const { id, instances } of train.map((index) => manifest.bags[index]))
    refuseOtherCount(model.needs, job.model.name, id, instancesSeen(job.data, instances));
  return {
    dataset: {
      name: manifest.name,
      uri: dataset.uri,
      sha256: dataset.digest,
      instanceShape: manifest.instanceShape,
      classes: manifest.classes,
      bags: { train: train.length, val: val.length, test: test.length },
      instances: manifest.bags.reduce((sum, bag) => sum + bag.instances, 0),
    },
    model: {
      name: job.model.name,
      parameters: model.parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0),
    },
    stepsPerEpoch: stepsPerEpoch(train.length, job.train.batch),
    remarks: remarksOn(job, { train: train.length, val: val.length }),
  };
}

/** Only classes have losses so far. */
function refuseOtherTask({ manifest, uri }: Dataset): void {
  if (isOfClasses(manifest)) return;
  throw new BagfleetError(
    'manifest-invalid',
    `its task is ${taskOf(manifest)}, models are trained on classes`,
    {
      culprit: uri,
      hint: 'Index it again with labels that are classes.',
    },
  );
}

function remarksOn(job: JobSpec, bags: { train: number; val: number }): string[] {
  const { batch } = job.train;
  const { metric } = job.validation;
  const remarks: string[] = [];
  if (bags.val === 0)
    remarks.push(`There are no validation bags: no ${metric}, no best checkpoint, threshold 0.5.`);
  if (batch > bags.train)
    remarks.push(
      `train.batch is ${batch}, but there are only ${bags.train} training bags: one step per epoch.`,
    );
  if (job.fleet.workers > Math.min(batch, bags.train))
    remarks.push(
      `A step has at most ${Math.min(batch, bags.train)} bags: ${job.fleet.workers} workers can't all be busy.`,
    );
  const { name, warmupSteps } = job.train.schedule;
  if (name === 'onecycle' && warmupSteps > 0)
    remarks.push('train.schedule.warmupSteps is not used: onecycle rises over its pctStart.');
  if (job.train.sum === 'float32')
    remarks.push('train.sum is float32: the result depends on the number of workers.');
  return remarks;
}

function refuseUnknownFold(job: JobSpec, { manifest, uri }: Dataset): void {
  const { fold } = job.data;
  if (fold === null || manifest.bags.some((bag) => bag.fold === fold)) return;
  const folds = [...new Set(manifest.bags.flatMap((bag) => bag.fold ?? []))].sort((a, b) => a - b);
  throw misfit(
    'data.fold',
    `no bag of ${uri} is in fold ${fold}; its folds are ${folds.join(', ') || 'none'}`,
  );
}

function misfit(field: string, message: string): BagfleetError {
  return new BagfleetError('job-invalid', message, {
    culprit: `job field ${field}`,
    hint: 'See what is in the dataset with `bagfleet data inspect`.',
  });
}
