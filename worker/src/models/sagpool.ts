/**
 * The SAGPool graph network: GraphConv layers with mean aggregation, self-attention pooling after every second, the means
 * over the nodes after each layer side by side (jumping knowledge), two linear layers with dropout between.
 * In: features [n, width], the graph. Out: logits [outputs]; attention [n], the softmax of the first pooling's scores.
 * Lee, Lee, Kang, ICML 2019, in the form and with the names of PyTorch Geometric's benchmark model.
 */
import type { ModelConfig } from '@bagfleet/proto';
import * as tf from '@tensorflow/tfjs-core';
import type { BagGraph } from '../data/instances/bag-graph.js';
import { meanAdjacency } from './layers/adjacency.js';
import { asRow } from './layers/attention.js';
import { dropout } from './layers/dropout.js';
import { featureExtractor } from './layers/feature-extractor.js';
import { graphConv, graphConvParameters } from './layers/graph-conv.js';
import { linearParameters } from './layers/initial-values.js';
import { linear } from './layers/linear.js';
import { linearRelu } from './layers/linear-relu.js';
import { relu } from './layers/relu.js';
import { sagPool, sagPoolParameters } from './layers/sag-pool.js';
import type { MilModel, ParameterTensors } from './model.js';
import type { ModelInput } from './model-input.js';

/** @throws BagfleetError `job-invalid` if the instances are not feature vectors */
export function sagpool(config: ModelConfig, data: ModelInput): MilModel {
  const { layers, dropout: rate } = config.sagpool;
  const embedding = featureExtractor(config, data);
  const hidden = config.sagpool.width;
  const convs = Array.from({ length: layers }, (_, i) => (i === 0 ? 'conv1' : `convs.${i - 1}`));
  const pools = Array.from({ length: Math.floor(layers / 2) }, (_, i) => `pools.${i}`);

  /** The pooling that follows layer i, counted from 0: every second, and never the last. */
  const poolAfter = (i: number) => (i % 2 === 1 && i < layers - 1 ? pools[(i - 1) / 2] : undefined);

  function encode(parameters: ParameterTensors, features: tf.Tensor2D, whole: BagGraph) {
    let [x, graph] = [features, whole];
    let mean = meanAdjacency(graph, x.shape[0]);
    const means: tf.Tensor2D[] = [];
    let firstScores: tf.Tensor1D | null = null;
    for (const [i, conv] of convs.entries()) {
      x = relu(graphConv(parameters, conv, x, mean)); // [nodes, hidden]
      means.push(tf.mean(x, 0, true)); // [1, hidden]
      const name = poolAfter(i);
      if (name === undefined) continue;
      const pooled = sagPool(parameters, name, x, graph, config.sagpool); // [kept, hidden]
      firstScores ??= pooled.scores;
      ({ x, graph } = pooled);
      mean = meanAdjacency(graph, x.shape[0]);
    }
    return { jumped: tf.concat(means, 1) as tf.Tensor2D, firstScores }; // [1, layers · hidden], [n]
  }

  return {
    parameters: [
      ...embedding.parameters,
      ...convs.flatMap((name, i) => graphConvParameters(name, i === 0 ? embedding.width : hidden, hidden)),
      ...pools.flatMap((name) => sagPoolParameters(name, hidden)),
      ...linearParameters('lin1', layers * hidden, hidden),
      ...linearParameters('lin2', hidden, data.outputs),
    ],
    needs: { graph: true },
    forward(parameters, { features, graph }, training) {
      const embeddings = embedding.apply(parameters, features as tf.Tensor2D, training); // [n, width]
      const { jumped, firstScores } = encode(parameters, embeddings, graph as BagGraph); // [1, layers · hidden], [n]
      const narrow = dropout(linearRelu(parameters, 'lin1', jumped), 'lin1', rate, training); // [1, hidden]
      return {
        logits: asRow(linear(parameters, 'lin2', narrow)), // [outputs]
        attention: firstScores && tf.softmax(firstScores), // [n]
      };
    },
  };
}
