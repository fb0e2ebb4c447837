/**
 * Every model on real fleets: the same weights with 1, 2 and 3 workers with all that can be drawn (dropout, sampled and
 * left-out instances, pseudo-bags).
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { writePlantedDataset } from '../support/planted-dataset.js';
import {
  chosenModels,
  drawnInstances,
  type ModelName,
  SMALL_MODEL,
  takesTiles,
} from '../support/small-zoo.js';
import { tempFolderForAll } from '../support/temp-folder-for-all.js';
import { type FinishedRun, submitJob, weightsOf } from '../support/trained-run.js';

const BAGS = { train: 64, val: 24, test: 60 };
const FIELDS = {
  'train.batch': 8,
  'train.optimizer.rate': 3e-3,
  'data.graph': { kind: 'grid' },
};
describe('every model of the zoo', function () {
  this.timeout(600_000);
  const temp = tempFolderForAll();
  let vectors: string;
  let tiles: string;

  before(async () => {
    vectors = await writePlantedDataset(join(temp.path, 'vectors'), BAGS, { tiles: false });
    tiles = await writePlantedDataset(join(temp.path, 'tiles'), BAGS, { tiles: true });
  });

  const runOf = (name: ModelName, runs: string, fields: Record<string, unknown>): Promise<FinishedRun> =>
    submitJob(join(temp.path, runs), takesTiles(name) ? tiles : vectors, {
      ...FIELDS,
      model: { name, ...SMALL_MODEL },
      ...fields,
    });

  for (const name of chosenModels()) {
    it(`${name}: the same weights on 1, 2 and 3 workers`, async () => {
      const weights = [];
      for (const workers of [1, 2, 3]) {
        const run = await runOf(name, `${name}-bits`, {
          'fleet.workers': workers,
          'train.epochs': 1,
          'train.batch': 11,
          ...drawn(name),
        });
        assert.equal(run.code, 0, run.stderr);
        weights.push(weightsOf(run));
      }
      assert.equal(new Set(weights).size, 1);
    });
  }
});

function drawn(name: ModelName): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(drawnInstances(name)).map(([field, value]) => [`data.${field}`, value]),
  );
}
