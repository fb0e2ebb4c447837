/**
 * Every model finds what is planted: after a stated number of steps its AUC on bags that it has not seen is 0.95 at least,
 * and stays at chance where labels have nothing to do with the bags. Attention and instance logits, where a model has
 * them, are higher for the planted instances.
 */
import '../support/tensor-backend.js';
import assert from 'node:assert/strict';
import { type JobSpec, MODEL_NAMES, parseJob } from '@bagfleet/proto';
import { evaluateBinary } from '@bagfleet/worker/metrics/evaluate-binary';
import { sigmoid } from '@bagfleet/worker/metrics/probability';
import { trainInProcess } from '../support/in-process-fleet.js';
import { type PlantedBag, plantedBags } from '../support/planted-bags.js';
import { type ModelName, SMALL_MODEL, takesTiles } from '../support/small-zoo.js';

const [TRAINED_ON, HELD_OUT] = [64, 100];
const STEPS = 80;

describe('every model learns', function () {
  this.timeout(120_000);
  for (const name of MODEL_NAMES) {
    it(`${name} finds the planted patch within ${STEPS} steps`, () => {
      const { auc, whereAttended } = outcomeOf(name, false);
      assert.ok(auc >= 0.95, `AUC ${auc}`);
      for (const [what, share] of whereAttended)
        assert.ok(share >= 0.9, `${what}: AUROC of instances ${share}`);
    });

    it(`${name} learns nothing from shuffled labels`, () => {
      const { auc } = outcomeOf(name, true);
      assert.ok(Math.abs(auc - 0.5) <= 0.1, `AUC ${auc}`);
    });
  }
});

function outcomeOf(name: ModelName, shuffled: boolean) {
  const tiles = takesTiles(name);
  const job = jobOf(name);
  const [{ engine }] = trainInProcess(job, plantedBags('train', TRAINED_ON, { tiles, shuffled }), 1, STEPS);
  const held = plantedBags('test', HELD_OUT, { tiles, shuffled });
  const predictions = held.map(({ bag, label }) => ({ label, ...engine.predict({ ...bag, label }) }));
  engine.dispose();
  const scored = predictions.map(({ label, logits }) => ({ label, probability: sigmoid(logits[0]) }));
  const whereAttended = [
    [
      'attention',
      ofInstances(
        held,
        predictions.map(({ attention }) => attention),
      ),
    ],
    [
      'instance logits',
      ofInstances(
        held,
        predictions.map(({ instanceLogits }) => instanceLogits),
      ),
    ],
  ] as const;
  return {
    auc: evaluateBinary(scored, 0, 0.5).auc ?? Number.NaN,
    whereAttended: whereAttended.filter((entry): entry is [(typeof entry)[0], number] => entry[1] !== null),
  };
}

function jobOf(name: ModelName): JobSpec {
  return parseJob(
    {
      data: { manifest: 'none' },
      model: { name, ...SMALL_MODEL },
      train: { batch: 8, optimizer: { rate: 3e-3 }, schedule: { name: 'cosine' } },
    },
    'test',
  );
}

/** AUROC of the instances of positive bags; null for models without such values. */
function ofInstances(bags: readonly PlantedBag[], values: readonly (Float32Array | null)[]): number | null {
  if (values.some((value) => value === null)) return null;
  const aucs = bags.flatMap(({ bag, label }, place) => {
    if (label === 0) return [];
    const scores = values[place] as Float32Array;
    const scored = [...bag.instanceLabels].map((planted, i) => ({
      label: planted,
      probability: sigmoid(scores[i]),
    }));
    return [evaluateBinary(scored, 0, 0.5).auc ?? Number.NaN];
  });
  return aucs.reduce((sum, auc) => sum + auc, 0) / aucs.length;
}
