/**
 * Whole updates of the engine beside PyTorch's: param_groups with rates, decays and frozen parameters, clipping and
 * averaged weights, 100 steps in float64.
 */
import assert from 'node:assert/strict';
import { parseJob } from '@bagfleet/proto';
import { ModelEngine } from '@bagfleet/worker/engine/model-engine';
import { createModel } from '@bagfleet/worker/models/create-model';
import {
  beginWith,
  initialState,
  sharedFloats,
  type TrainingState,
} from '@bagfleet/worker/train/training-state';
import { difference, readFacts, readTensors, under } from '../../../support/reference-fixture.js';
import { flatWeights } from '../../../support/reference-model.js';

describe('updates beside PyTorch', () => {
  const { clipNorm, rates, groups, optimizers, emaDecays, norms } = readFacts<{
    clipNorm: number;
    rates: number[];
    groups: Record<string, unknown>[];
    optimizers: Record<string, Record<string, unknown>>;
    emaDecays: Record<string, number>;
    norms: Record<string, number[]>;
  }>('groups');
  const tensors = readTensors('groups');
  const gradients = under(tensors, 'gradient/');

  for (const [key, optimizer] of Object.entries(optimizers))
    it(`${key}: ${rates.length} updates with rates, decays, frozen parameters, clipping and averaged weights`, () => {
      const train = { optimizer, parameterGroups: groups, clipNorm, ema: { decay: emaDecays[key] } };
      const { engine, state } = engineOf(train);
      beginWith(state, sharedCopy(flatWeights(state.layout, under(tensors, 'start/'))));
      rates.forEach((rate, index) => {
        const sum = sharedFloats(state.layout.length);
        for (const { name, offset, length } of state.layout.places)
          sum.set(gradients.get(name)?.values.slice(index * length, (index + 1) * length) ?? [], offset);
        const { gradientNorm } = engine.update({ sum, exponents: null, weight: 1, step: index + 1, rate });
        const expected = norms[key][index];
        assert.ok(Math.abs(gradientNorm - expected) < 1e-6 * expected, `norm of step ${index + 1}`);
      });
      compare(key, state);
    });

  function sharedCopy(values: Float32Array) {
    const copy = sharedFloats(values.length);
    copy.set(values);
    return copy;
  }

  function engineOf(train: Record<string, unknown>): { engine: ModelEngine; state: TrainingState } {
    const model = { name: 'abmil', hidden: 4, attention: 3, gated: false };
    const job = parseJob({ data: { manifest: 'none' }, model, train }, 'test');
    const input = { instanceShape: [3], outputs: 1 };
    const state = initialState(job, createModel(job.model, input));
    const { model: config, train: settings, data: instances, seed } = job;
    const { parameters, moments } = state;
    const setup = {
      model: config,
      train: settings,
      instances,
      seed,
      ...input,
      slots: 1,
      parameters,
      moments,
    };
    return { engine: new ModelEngine(setup), state };
  }

  function compare(key: string, { layout, parameters, moments }: TrainingState): void {
    const start = under(tensors, 'start/');
    for (const { name, offset, length } of layout.places) {
      const [theirs, before] = [tensors.get(`${key}/parameters/${name}`), start.get(name)];
      assert.ok(theirs && before);
      const ours = parameters.subarray(offset, offset + length);
      if (name === 'feat_ext.0.weight' || name === 'pool.fc2.weight')
        assert.deepEqual([...ours], [...before.values], `${name} is frozen, or its rate is 0`);
      else assert.ok(difference(ours, before.values).largest > 0.01, `${name} has moved`);
      const began = Math.max(...before.values.map(Math.abs));
      close(ours, theirs.values, name);
      for (const [moment, values] of Object.entries(moments)) {
        const expected = tensors.get(`${key}/${moment}/${name}`)?.values ?? new Float64Array(length);
        // An average that comes by zero has been rounded where it came from.
        const least = moment === 'ema' ? began : 0;
        close(values.subarray(offset, offset + length), expected, `${moment} of ${name}`, least);
      }
    }
  }

  function close(ours: Float32Array, theirs: ArrayLike<number>, what: string, least = 0): void {
    const { largest, scale } = difference(ours, theirs);
    assert.ok(largest <= 1e-6 * Math.max(scale, least), `${what}: off by ${largest} of ${scale}`);
  }
});
