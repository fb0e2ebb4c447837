/**
 * What holds for every model, whatever it is made of: shapes, the laws of attention, that a bag's order does not matter
 * where it should not, that all that is drawn is drawn by name, and that no tensor is left after many steps.
 */
import '../../../support/tensor-backend.js';
import assert from 'node:assert/strict';
import { type BagfleetError, CounterRng, MODEL_NAMES, type ModelConfig, parseJob } from '@bagfleet/proto';
import { graphBetween } from '@bagfleet/worker/data/instances/bag-graph';
import { createModel } from '@bagfleet/worker/models/create-model';
import type { BagOutput, BagTensors, MilModel } from '@bagfleet/worker/models/model';
import { refuseOtherCount, refuseWithoutGraph } from '@bagfleet/worker/models/refuse-unfit-bag';
import { trainingDraws } from '@bagfleet/worker/train/draws';
import { initialParameters } from '@bagfleet/worker/train/initialise';
import { bagLoss } from '@bagfleet/worker/train/losses';
import { layoutOf } from '@bagfleet/worker/train/parameter-layout';
import * as tf from '@tensorflow/tfjs-core';

type Name = (typeof MODEL_NAMES)[number];

const SMALL = {
  ...{ hidden: 12, attention: 5, dropout: 0.2 },
  ...{ pooled: { attentionLayers: [6], classifierLayers: [6] }, clam: { k: 2 }, dtfd: { groups: 3 } },
  ...{ transformer: { width: 12, heads: 2, dropout: 0.1 }, gcn: { layers: 2, dropout: 0.1 } },
  ...{ sagpool: { width: 6 }, panda: { tiles: 9 } },
};
const TILES: readonly Name[] = ['lenet_abmil', 'panda', 'panda_flat'];
/** Landmarks are means over neighbours in the file, and pseudo-bags are drawn by place. */
const ORDERED: readonly Name[] = ['transmil', 'camil', 'dtfd', 'panda_flat'];
const WITHOUT_ATTENTION: readonly Name[] = ['mean_pool', 'max_pool'];

/** Its form declares one pooling more than follows a layer. */
const UNUSED_OF_SAGPOOL = ['lin_rel.weight', 'lin_rel.bias', 'lin_root.weight'].map(
  (part) => `pools.1.gnn.${part}`,
);

function modelOf(name: Name, outputs: number): { model: MilModel; config: ModelConfig } {
  const config = parseJob({ data: { manifest: 'none' }, model: { name, ...SMALL } }, 'test').model;
  const instanceShape = TILES.includes(name) ? [17, 20, 2] : [6];
  return { model: createModel(config, { instanceShape, outputs }), config };
}

/** Neighbours in a ring of `count` instances. */
function ringOf(count: number): Int32Array {
  const next = Array.from({ length: count }, (_, i) => (i + 1) % count);
  return Int32Array.from([...next.keys(), ...next, ...next, ...next.keys()]);
}

function bagOf(name: Name, count: number): BagTensors {
  const shape = TILES.includes(name) ? [17, 20, 2] : [6];
  const size = shape.reduce((product, side) => product * side, count);
  const features = tf.tensor(Float32Array.from(new CounterRng(1, ['bag', count]).normal(size)), [
    count,
    ...shape,
  ]);
  return { features, graph: graphBetween(ringOf(count), count, null) };
}

function tensorsOf(model: MilModel): Record<string, tf.Tensor> {
  const layout = layoutOf(model.parameters);
  const flat = initialParameters(model.parameters, layout, 1);
  return Object.fromEntries(
    layout.places.map(({ name, offset, length, shape }) => [
      name,
      tf.tensor(flat.slice(offset, offset + length), [...shape]),
    ]),
  );
}

function floats(tensor: tf.Tensor): number[] {
  return [...(tensor.dataSync() as Float32Array)];
}

function assertNear(ours: readonly number[], theirs: readonly number[], what: string): void {
  assert.equal(ours.length, theirs.length, what);
  for (const [i, value] of ours.entries())
    assert.ok(Math.abs(value - theirs[i]) < 1e-5, `${what}: ${ours} against ${theirs}`);
}

function assertShapes(output: BagOutput, name: Name, count: number, outputs: number): void {
  assert.deepEqual(output.logits.shape, [outputs]);
  assert.ok(floats(output.logits).every(Number.isFinite));
  if (WITHOUT_ATTENTION.includes(name)) assert.equal(output.attention, null);
  else assert.deepEqual(output.attention?.shape, [count]);
  if (output.instanceLogits) assert.deepEqual(output.instanceLogits.shape, [count, outputs]);
  if (!output.attention || name === 'transmil') return;
  const shares = floats(output.attention);
  assert.ok(shares.every((share) => share >= 0));
  assertNear([shares.reduce((sum, share) => sum + share, 0)], [1], 'the sum of the attention');
}

describe('every model', () => {
  afterEach(() => assert.equal(tf.memory().numTensors, 0, 'a tensor is left'));

  for (const name of MODEL_NAMES) {
    it(`${name} gives logits, attention and instance logits of the right shape`, () => {
      for (const outputs of [1, 3])
        for (const count of name === 'panda_flat' ? [9] : [2, 3, 9, 10])
          tf.tidy(() => {
            const { model } = modelOf(name, outputs);
            assertShapes(model.forward(tensorsOf(model), bagOf(name, count), null), name, count, outputs);
          });
    });

    if (!ORDERED.includes(name))
      it(`${name} does not depend on the order of the instances`, () =>
        tf.tidy(() => {
          const { model } = modelOf(name, 1);
          const tensors = tensorsOf(model);
          const order = Uint32Array.from([3, 0, 8, 5, 1, 7, 2, 6, 4]);
          const bag = bagOf(name, 9);
          const straight = model.forward(tensors, bag, null);
          const features = tf.gather(bag.features, tf.tensor1d(Int32Array.from(order)));
          const shuffled = model.forward(
            tensors,
            { features, graph: graphBetween(ringOf(9), 9, order) },
            null,
          );
          assertNear(floats(shuffled.logits), floats(straight.logits), 'logits');
          if (!straight.attention || !shuffled.attention) return;
          const before = floats(straight.attention);
          assertNear(
            floats(shuffled.attention),
            [...order].map((index) => before[index]),
            'attention',
          );
        }));

    it(`${name} gives the same bits for the same visit, and others for another epoch where it draws`, () => {
      const { model } = modelOf(name, 1);
      const once = (epoch: number) => {
        let drawn = 0;
        const results = tf.tidy(() => {
          const draws = trainingDraws({ seed: 1, epoch, bag: 'a', repeat: 0 });
          const counted: typeof draws = {
            mask(...args) {
              drawn++;
              return draws.mask(...args);
            },
            permutation(...args) {
              drawn++;
              return draws.permutation(...args);
            },
          };
          return floats(model.forward(tensorsOf(model), bagOf(name, 9), counted).logits);
        });
        return { results, drawn };
      };
      const first = once(1);
      assert.ok(first.drawn > 0, 'dropout draws nothing');
      assert.deepEqual(once(1).results, first.results);
      assert.notDeepEqual(once(2).results, first.results);
    });

    it(`${name} trains: every parameter gets a gradient`, () =>
      tf.tidy(() => {
        const { model } = modelOf(name, 1);
        const byName = tensorsOf(model);
        const bag = bagOf(name, 9);
        const objective = (): tf.Scalar => {
          const output = model.forward(byName, bag, null);
          const loss = (logits: tf.Tensor1D) => bagLoss(logits, 1, 1);
          return output.objective?.({ label: 1, loss }) ?? loss(output.logits);
        };
        const { grads } = tf.engine().gradients(objective, Object.values(byName), undefined, true);
        const without = Object.keys(byName).filter((_, i) => !grads[i]);
        assert.deepEqual(without, name === 'sagpool' ? UNUSED_OF_SAGPOOL : []);
      }));
  }

  for (const [settings, field, message] of [
    [
      { name: 'transmil', transformer: { width: 12, heads: 5 } },
      'transformer.heads',
      /heads that divide .* 12/,
    ],
    [{ name: 'camil', transformer: { width: 12, heads: 5 } }, 'transformer.heads', /heads that divide .* 12/],
    [{ name: 'transmil', transformer: { layers: 1 } }, 'transformer.layers', /two at least/],
    [
      { name: 'transformer_abmil', hidden: 8, transformer: { width: 12, heads: 4, layers: 2 } },
      'transformer.width',
      /the width of the embedding, 8/,
    ],
  ] as const)
    it(`${settings.name} refuses model.${field} that can't be built`, () => {
      const { model: config } = parseJob({ data: { manifest: 'none' }, model: settings }, 'test');
      assert.throws(
        () => createModel(config, { instanceShape: [6], outputs: 1 }),
        (error: BagfleetError) =>
          error.code === 'job-invalid' &&
          error.culprit === `job field model.${field}` &&
          message.test(error.message),
      );
    });

  for (const name of MODEL_NAMES) {
    const { model, config } = modelOf(name, 1);
    const { needs } = model;
    if (needs?.graph)
      it(`${name} says that it needs a graph`, () =>
        assert.throws(
          () => refuseWithoutGraph(needs, config.name, 'b7', { graph: null }),
          (error: BagfleetError) =>
            error.code === 'bag-format' &&
            error.culprit === 'bag b7' &&
            error.message === `has no graph, and ${name} needs one` &&
            /data\.graph/.test(error.hint ?? ''),
        ));
    if (needs?.instances) {
      const { least, field } = needs.instances;
      it(`${name} says how many instances it needs, for one fewer than that`, () => {
        refuseOtherCount(needs, config.name, 'b7', least);
        assert.throws(
          () => refuseOtherCount(needs, config.name, 'b7', least - 1),
          (error: BagfleetError) =>
            error.code === 'bag-format' &&
            error.culprit === `bag b7, job field ${field}` &&
            new RegExp(`has ${least - 1} instances in training, and ${name} needs .* ${least}`).test(
              error.message,
            ),
        );
      });
    }
  }
});
