import '../../../support/tensor-backend.js';
import assert from 'node:assert/strict';
import { BagfleetError, CounterRng, type DatasetManifest, type Split } from '@bagfleet/proto';
import type { Dataset } from '@bagfleet/worker/data/load-manifest';
import { writeNpy } from '@bagfleet/worker/data/npy-values';
import { evaluateSplit } from '@bagfleet/worker/inference/evaluate-split';
import { Predictor } from '@bagfleet/worker/inference/predictor';
import * as tf from '@tensorflow/tfjs-core';
import { MemoryStore } from '../../../support/memory-store.js';
import { type ModelFacts, untrainedModel } from '../../../support/trained-model.js';

interface BagFacts {
  readonly id: string;
  readonly split: Split;
  readonly instances: number;
  readonly fold?: number;
}

function datasetOf(
  bags: readonly BagFacts[],
  changes: Partial<DatasetManifest> = {},
): Dataset & { store: MemoryStore } {
  const store = new MemoryStore('/data');
  const entries = bags.map(({ id, instances, ...rest }, place) => {
    const noise = new CounterRng(3, [id]).normal(instances * 4);
    const file = writeNpy(Float32Array.from(noise), [instances, 4]);
    store.objects.set(`${id}.npy`, file);
    return { id, key: `${id}.npy`, bytes: file.length, instances, label: place % 2, ...rest };
  });
  const manifest = {
    schemaVersion: 1 as const,
    name: 'made up',
    instanceShape: [4],
    classes: ['no', 'yes'],
    bags: entries,
    ...changes,
  };
  return { manifest, digest: '', uri: '/data/manifest.json', store };
}

const BAGS: BagFacts[] = Array.from({ length: 12 }, (_, i) => ({
  id: `b${11 - i}`,
  split: (['test', 'train', 'test', 'val'] as const)[i % 4],
  instances: 1 + ((i * 7) % 11),
  fold: i % 3,
}));

async function evaluate(
  dataset: Dataset,
  facts: ModelFacts = {},
  rest: {
    split?: Split;
    fold?: number;
    signal?: AbortSignal;
    onProgress?: (done: number, bags: number) => void;
  } = {},
) {
  const predictor = new Predictor(untrainedModel(facts));
  try {
    const { split = 'test', fold = null, ...more } = rest;
    return await evaluateSplit({ predictor, dataset, split, fold, ...more });
  } finally {
    predictor.dispose();
  }
}

async function refusal(work: Promise<unknown>): Promise<BagfleetError> {
  const thrown = await work.then(
    () => assert.fail('it was accepted'),
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof BagfleetError, String(thrown));
  return thrown;
}

describe('evaluate a split', () => {
  it('reads and predicts each of its bags once, in manifest order', async () => {
    const dataset = datasetOf(BAGS);
    const { predictions } = await evaluate(dataset);
    const entries = dataset.manifest.bags.filter(({ split }) => split === 'test');
    const expected = entries.map(({ id }) => id);
    assert.deepEqual(
      predictions.map(({ bag }) => bag),
      expected,
    );
    assert.deepEqual(
      dataset.store.calls,
      entries.map(({ id, bytes }) => `get ${id}.npy 0+${bytes}`),
    );
  });

  it('takes the bags of a fold as the test bags', async () => {
    const { predictions } = await evaluate(datasetOf(BAGS), {}, { fold: 1 });
    assert.deepEqual(
      predictions.map(({ bag }) => bag),
      BAGS.filter(({ fold }) => fold === 1).map(({ id }) => id),
    );
  });

  it("scores at the checkpoint's threshold, as counted by hand", async () => {
    const dataset = datasetOf(BAGS);
    const even = await evaluate(dataset);
    const sorted = even.predictions.map(({ probabilities }) => probabilities[1]).sort((a, b) => a - b);
    const threshold = sorted[2];
    const { predictions, scores } = await evaluate(dataset, { threshold });
    assert.equal(scores.threshold, threshold);
    assert.equal(predictions.filter(({ predicted }) => predicted === 1).length, sorted.length - 2);
    const right = predictions.filter(({ predicted, label }) => predicted === label).length;
    assert.equal(scores.values.accuracy, right / predictions.length);
    const loss = predictions.reduce((sum, prediction) => sum + prediction.loss, 0) / predictions.length;
    assert.ok(Math.abs((scores.values.loss ?? 0) - loss) < 1e-12);
  });

  it('normalises bags as the job did', async () => {
    const plain = await evaluate(datasetOf(BAGS));
    const job = { data: { manifest: 'm.json', normalize: { mean: [1], std: [2] } } };
    const normalised = await evaluate(datasetOf(BAGS), {
      job: { ...job, model: { hidden: 8, attention: 4 } },
    });
    assert.notDeepEqual(plain.predictions[0].logits, normalised.predictions[0].logits);
  });

  it('tells how far it is', async () => {
    const told: string[] = [];
    await evaluate(datasetOf(BAGS), {}, { onProgress: (done, bags) => told.push(`${done}/${bags}`) });
    assert.deepEqual(told, ['1/6', '2/6', '3/6', '4/6', '5/6', '6/6']);
  });

  it('ends when it is interrupted', async () => {
    const controller = new AbortController();
    const reason = new BagfleetError('interrupted', 'interrupted');
    const onProgress = (done: number) => {
      if (done === 2) controller.abort(reason);
    };
    assert.equal(
      await refusal(evaluate(datasetOf(BAGS), {}, { signal: controller.signal, onProgress })),
      reason,
    );
  });

  it('refuses an empty split', async () => {
    const error = await refusal(
      evaluate(datasetOf(BAGS.filter(({ split }) => split !== 'val')), {}, { split: 'val' }),
    );
    assert.match(error.describe(), /^\/data\/manifest\.json: no bag of it is in the split val/);
    assert.match((await refusal(evaluate(datasetOf(BAGS), {}, { fold: 9 }))).message, /^with fold 9, no bag/);
  });

  it('refuses a dataset of other instances or classes', async () => {
    assert.match(
      (await refusal(evaluate(datasetOf(BAGS, { instanceShape: [5] })))).message,
      /instanceShape is \[5\], .* on \[4\]/,
    );
    assert.match(
      (await refusal(evaluate(datasetOf(BAGS, { classes: ['yes', 'no'] })))).message,
      /classes are yes, no, .* on no, yes/,
    );
  });

  it('names a bag that can’t be read, and leaves no tensor behind', async () => {
    const before = tf.memory().numTensors;
    const dataset = datasetOf(BAGS);
    dataset.store.objects.delete('b9.npy');
    const error = await refusal(evaluate(dataset));
    assert.equal(error.code, 'bag-missing');
    assert.match(error.culprit ?? '', /b9/);
    assert.equal(tf.memory().numTensors, before);
  });
});
