/**
 * What createModel says of wrong jobs, and of the models with one attention: its laws, dropout, and that no tensor is left.
 */
import '../../../support/tensor-backend.js';
import assert from 'node:assert/strict';
import { type BagfleetError, CounterRng, MODEL_NAMES, type ModelConfig, parseJob } from '@bagfleet/proto';
import { createModel } from '@bagfleet/worker/models/create-model';
import type { BagOutput, BagTensors, MilModel, Training } from '@bagfleet/worker/models/model';
import { initialParameters } from '@bagfleet/worker/train/initialise';
import { layoutOf } from '@bagfleet/worker/train/parameter-layout';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';

const SHAPES: Readonly<Record<string, readonly number[]>> = { abmil: [6], lenet_abmil: [17, 20, 2] };

function config(model: Partial<ModelConfig>): ModelConfig {
  return parseJob({ data: { manifest: 'none' }, model: { hidden: 7, attention: 5, ...model } }, 'test').model;
}

/** Tensors per parameter name; `factors` multiply those whose name begins with their key. */
function tensorsOf(model: MilModel, factors: Record<string, number> = {}): Record<string, tf.Tensor> {
  const layout = layoutOf(model.parameters);
  const flat = initialParameters(model.parameters, layout, 1);
  const entries = layout.places.map(({ name, offset, length, shape }) => {
    const factor = Object.entries(factors).find(([prefix]) => name.startsWith(prefix))?.[1] ?? 1;
    return [
      name,
      tf.tensor(
        flat.slice(offset, offset + length).map((value) => value * factor),
        [...shape],
      ),
    ] as const;
  });
  return Object.fromEntries(entries);
}

function featuresOf(instances: number, shape: readonly number[], seed = 1): tf.Tensor {
  const count = shape.reduce((product, size) => product * size, instances);
  return tf.tensor(Float32Array.from(new CounterRng(seed, ['test']).normal(count)), [instances, ...shape]);
}

function bagOf(features: tf.Tensor): BagTensors {
  return { features, graph: null };
}

function values(output: BagOutput): { logits: number[]; attention: number[] } {
  assert.ok(output.attention);
  return { logits: [...output.logits.dataSync()], attention: [...output.attention.dataSync()] };
}

function assertNear(ours: readonly number[], theirs: readonly number[]): void {
  assert.equal(ours.length, theirs.length);
  for (const [i, value] of ours.entries())
    assert.ok(Math.abs(value - theirs[i]) < 1e-5, `${ours} against ${theirs}`);
}

describe('createModel', () => {
  afterEach(() => assert.equal(tf.memory().numTensors, 0, 'a tensor is left'));

  it('says which models there are', () => {
    const unknown = { ...config({}), name: 'resnet' };
    assert.throws(
      () => createModel(unknown, { instanceShape: [4], outputs: 1 }),
      (error: BagfleetError) =>
        error.code === 'model-unknown' &&
        error.culprit === 'job field model.name' &&
        MODEL_NAMES.every((name) => error.hint?.includes(name)),
    );
  });

  for (const [name, instanceShape] of [
    ['abmil', [28, 28, 1]],
    ['lenet_abmil', [1024]],
    ['lenet_abmil', [28, 15, 1]],
    ['lenet_abmil', [28, 28]],
  ] as const) {
    it(`refuses [${instanceShape}] for ${name}, naming job field and manifest`, () => {
      assert.throws(
        () => createModel(config({ name }), { instanceShape, outputs: 1 }),
        (error: BagfleetError) =>
          error.code === 'job-invalid' &&
          error.culprit === 'job field model.name, manifest field instanceShape' &&
          error.message.includes(`[${instanceShape.join(', ')}]`),
      );
    });
  }

  it('takes the smallest tile that leaves a pixel, and has the sizes of the paper for digits', () => {
    createModel(config({ name: 'lenet_abmil' }), { instanceShape: [16, 16, 1], outputs: 1 });
    const { parameters } = createModel(config({ name: 'lenet_abmil', hidden: 500, attention: 128 }), {
      instanceShape: [28, 28, 1],
      outputs: 1,
    });
    const shapes = Object.fromEntries(parameters.map((parameter) => [parameter.name, parameter.shape]));
    assert.deepEqual(shapes['feature_extractor_part1.3.weight'], [50, 20, 5, 5]);
    assert.deepEqual(shapes['feature_extractor_part2.0.weight'], [500, 800]);
    assert.deepEqual(shapes['attention_U.0.weight'], [128, 500]);
  });
});

for (const name of ['abmil', 'lenet_abmil'] as const) {
  const instanceShape = SHAPES[name];
  for (const gated of [true, false]) {
    describe(`${name}, ${gated ? 'gated' : 'tanh'} attention`, () => {
      afterEach(() => assert.equal(tf.memory().numTensors, 0, 'a tensor is left'));

      it('gives one logit or one per class, and attention that sums to 1, for a bag of any size', () => {
        fc.assert(
          fc.property(fc.integer({ min: 1, max: 40 }), fc.constantFrom(1, 3), (instances, outputs) =>
            tf.tidy(() => {
              const model = createModel(config({ name, gated }), { instanceShape, outputs });
              const output = model.forward(
                tensorsOf(model),
                bagOf(featuresOf(instances, instanceShape)),
                null,
              );
              const { logits, attention } = values(output);
              assert.equal(logits.length, outputs);
              assert.equal(attention.length, instances);
              assert.ok(attention.every((share) => share > 0));
              assertNear([attention.reduce((sum, share) => sum + share, 0)], [1]);
            }),
          ),
          { numRuns: 10 },
        );
      });

      it('does not depend on the order of the instances', () =>
        tf.tidy(() => {
          const model = createModel(config({ name, gated }), { instanceShape, outputs: 1 });
          const features = featuresOf(9, instanceShape);
          const order = [3, 0, 8, 5, 1, 7, 2, 6, 4];
          const straight = values(model.forward(tensorsOf(model), bagOf(features), null));
          const shuffled = values(model.forward(tensorsOf(model), bagOf(tf.gather(features, order)), null));
          assertNear(shuffled.logits, straight.logits);
          assertNear(
            shuffled.attention,
            order.map((index) => straight.attention[index]),
          );
        }));

      it('stays finite with scores in the thousands', () =>
        tf.tidy(() => {
          const model = createModel(config({ name, gated }), { instanceShape, outputs: 1 });
          const score = { abmil: 'pool.fc2', lenet_abmil: gated ? 'attention_w' : 'attention.2' }[name];
          const tensors = tensorsOf(model, { [score]: 1e5 });
          const output = values(model.forward(tensors, bagOf(featuresOf(12, instanceShape)), null));
          assert.ok([...output.logits, ...output.attention].every(Number.isFinite));
          assertNear([output.attention.reduce((sum, share) => sum + share, 0)], [1]);
        }));

      it('drops entries of the embedding in training only', () =>
        tf.tidy(() => {
          const model = createModel(config({ name, gated, dropout: 0.75 }), { instanceShape, outputs: 1 });
          const features = featuresOf(4, instanceShape);
          const asked: unknown[] = [];
          const all = (value: number): Training => ({
            mask(purpose, shape, rate) {
              asked.push([purpose, shape, rate]);
              return tf.fill([...shape], value);
            },
            permutation: () => assert.fail('nothing to be ordered'),
          });
          const classifier = { abmil: 'classifier.module', lenet_abmil: 'classifier.0' }[name];
          const embedding = { abmil: 'feat_ext.0', lenet_abmil: 'feature_extractor_part2.0' }[name];
          const tensors = tensorsOf(model);
          const bias = [...tensors[`${classifier}.bias`].dataSync()];

          const nothing = values(model.forward(tensors, bagOf(features), all(0)));
          assertNear(nothing.logits, bias);
          assertNear(nothing.attention, [0.25, 0.25, 0.25, 0.25]);
          // ReLU lets a factor through: keeping all of the embedding four times is scaling its layer by four.
          const kept = values(model.forward(tensors, bagOf(features), all(4)));
          const scaled = values(model.forward(tensorsOf(model, { [embedding]: 4 }), bagOf(features), null));
          assertNear(kept.logits, scaled.logits);
          assert.deepEqual(asked, [
            ['embedding', [4, 7], 0.75],
            ['embedding', [4, 7], 0.75],
          ]);
        }));
    });
  }
}
