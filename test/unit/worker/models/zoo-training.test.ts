/**
 * Every model, trained by fleets of 1, 2 and 3 workers in one process: the same bits, and no tensor is left.
 * Real fleets of processes do the same in `npm run test:zoo`.
 */
import '../../../support/tensor-backend.js';
import assert from 'node:assert/strict';
import { MODEL_NAMES, parseJob } from '@bagfleet/proto';
import { stateDigest } from '@bagfleet/worker/checkpoint/state-digest';
import * as tf from '@tensorflow/tfjs-core';
import { trainInProcess } from '../../../support/in-process-fleet.js';
import { plantedBags } from '../../../support/planted-bags.js';
import { drawnInstances, SMALL_MODEL, takesTiles } from '../../../support/small-zoo.js';

const STEPS = 3;

describe('every model trains to the same bits', () => {
  for (const name of MODEL_NAMES)
    it(`${name} on 1, 2 and 3 workers`, () => {
      const bags = plantedBags('train', 15, { tiles: takesTiles(name) });
      const job = parseJob(
        {
          data: { manifest: 'none', ...drawnInstances(name) },
          model: { name, ...SMALL_MODEL },
          train: { batch: 7 },
        },
        'test',
      );
      const before = tf.memory().numTensors;
      const digests = [1, 2, 3].flatMap((workers) =>
        trainInProcess(job, bags, workers, STEPS).map(({ engine, state }) => {
          engine.dispose();
          return stateDigest(state);
        }),
      );
      assert.equal(digests.length, 6);
      assert.equal(new Set(digests).size, 1);
      assert.equal(tf.memory().numTensors, before, 'a tensor is left');
    });
});
