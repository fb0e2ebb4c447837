/**
 * PatchGCN: graph convolutions over neighbouring instances, the results of all layers side by side, attention pooling.
 * In: features [n, width], the graph. Out: logits [outputs], attention [n].
 * Chen et al., "Whole slide images are 2D point clouds", MICCAI 2021, as torchmil 1.0.2 has it: y = (A + I) x W.
 */
import type { ModelConfig } from '@bagfleet/proto';
import * as tf from '@tensorflow/tfjs-core';
import type { BagGraph } from '../data/instances/bag-graph.js';
import { type Adjacency, normalisedAdjacency, propagate } from './layers/adjacency.js';
import { asRow } from './layers/attention.js';
import { attentionPool } from './layers/attention-pool.js';
import { dropout } from './layers/dropout.js';
import { featureExtractor } from './layers/feature-extractor.js';
import { linearParameters } from './layers/initial-values.js';
import { layerNorm, layerNormParameters } from './layers/layer-norm.js';
import { linear } from './layers/linear.js';
import { linearRelu } from './layers/linear-relu.js';
import { relu } from './layers/relu.js';
import type { MilModel, ParameterTensors, Training } from './model.js';
import type { ModelInput } from './model-input.js';

const CLASSIFIER = 'classifier.module';

/** @throws BagfleetError `job-invalid` if the instances are not feature vectors */
export function patchGcn(config: ModelConfig, data: ModelInput): MilModel {
  const { layers, mlpDepth } = config.gcn;
  const embedding = featureExtractor(config, data);
  const hidden = config.gcn.width ?? embedding.width;
  const stacked = embedding.width + hidden * layers;
  const layerNames = Array.from({ length: layers }, (_, i) => `gcn_layers.${i}`);
  const mlpNames = Array.from({ length: mlpDepth }, (_, i) => `mlp.${i}`);
  const pool = attentionPool('pool', { width: mlpDepth > 0 ? hidden : stacked, attention: config.attention });

  /** [n, before] → [n, hidden] */
  function convolve(
    parameters: ParameterTensors,
    name: string,
    x: tf.Tensor2D,
    adjacency: Adjacency,
    training: Training | null,
  ): tf.Tensor2D {
    const around = tf.add<tf.Tensor2D>(propagate(adjacency, x), x); // [n, before]
    const mixed = linear(parameters, `${name}.conv.fc.module`, around); // [n, hidden]
    return dropout(relu(layerNorm(parameters, `${name}.norm`, mixed)), name, config.gcn.dropout, training); // [n, hidden]
  }

  return {
    parameters: [
      ...embedding.parameters,
      ...layerNames.flatMap((name, i) => [
        ...linearParameters(`${name}.conv.fc.module`, i === 0 ? embedding.width : hidden, hidden),
        ...layerNormParameters(`${name}.norm`, hidden),
      ]),
      ...mlpNames.flatMap((name, i) =>
        linearParameters(`${name}.0.module`, i === 0 ? stacked : hidden, hidden),
      ),
      ...pool.parameters,
      ...linearParameters(CLASSIFIER, mlpDepth > 0 ? hidden : stacked, data.outputs),
    ],
    needs: { graph: true },
    forward(parameters, { features, graph }, training) {
      const embeddings = embedding.apply(parameters, features as tf.Tensor2D, training); // [n, width]
      const adjacency = normalisedAdjacency(graph as BagGraph, embeddings.shape[0]);
      const all = [embeddings];
      for (const name of layerNames)
        all.push(convolve(parameters, name, all[all.length - 1], adjacency, training)); // [n, hidden]
      let x = tf.concat(all, 1) as tf.Tensor2D; // [n, stacked]
      for (const name of mlpNames)
        x = dropout(linearRelu(parameters, `${name}.0.module`, x), name, config.gcn.dropout, training); // [n, hidden]
      const { attention, pooled } = pool.apply(parameters, x); // [1, n], [1, hidden]
      return { logits: asRow(linear(parameters, CLASSIFIER, pooled)), attention: asRow(attention) };
    },
  };
}
