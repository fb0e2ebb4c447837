/**
 * Self-attention graph pooling: Lee, Lee, Kang, "Self-attention graph pooling", ICML 2019, eq. 3 to 6, with PyTorch
 * Geometric's names. A GraphConv scores the nodes, the highest share of them stays, times tanh of its score; with a least
 * score, softmax over the bag takes tanh's place and all nodes above it stay.
 * In: rows [n, width], the graph. Out: rows [kept, width], the graph between those that are kept, scores [n].
 */
import * as tf from '@tensorflow/tfjs-core';
import type { BagGraph } from '../../data/instances/bag-graph.js';
import type { Parameter, ParameterTensors } from '../model.js';
import { plainAdjacency } from './adjacency.js';
import { asRow } from './attention.js';
import { graphConv, graphConvParameters } from './graph-conv.js';
import { highest } from './without-gradient.js';

export interface SagSettings {
  /** Share of the nodes that stays, rounded up. */
  readonly ratio: number;
  readonly minScore: number | null;
}

export interface SagPooled {
  readonly x: tf.Tensor2D;
  readonly graph: BagGraph;
  /** [n] of the nodes that came in, before tanh or softmax. */
  readonly scores: tf.Tensor1D;
}

export function sagPoolParameters(name: string, width: number): Parameter[] {
  return graphConvParameters(`${name}.gnn`, width, 1);
}

export function sagPool(
  parameters: ParameterTensors,
  name: string,
  x: tf.Tensor2D,
  graph: BagGraph,
  { ratio, minScore }: SagSettings,
): SagPooled {
  const [n] = x.shape;
  const scores = asRow(graphConv(parameters, `${name}.gnn`, x, plainAdjacency(graph, n))); // [n]
  const gates = minScore === null ? tf.tanh(scores) : tf.softmax(scores); // [n]
  const kept = minScore === null ? highest(gates, Math.ceil(ratio * n)) : atLeast(gates, minScore); // [kept]
  const gate = tf.expandDims(tf.gather(gates, kept), 1); // [kept, 1]
  const rows = tf.mul<tf.Tensor2D>(tf.gather(x, kept), gate); // [kept, width]
  return { x: rows, graph: between(graph, kept.dataSync<'int32'>(), n), scores };
}

/** Those above `minScore`, but at least the highest, as PyTorch Geometric's `topk` keeps them. */
function atLeast(gates: tf.Tensor1D, minScore: number): tf.Tensor1D {
  const values = gates.dataSync<'float32'>();
  const least = Math.min(minScore, values.reduce((a, b) => Math.max(a, b)) - 1e-7);
  const kept = [...values.keys()].filter((i) => values[i] > least);
  return tf.tensor1d(kept, 'int32');
}

/** Edges between nodes that stay, by their new numbers. */
function between({ sources, targets }: BagGraph, kept: ArrayLike<number>, n: number): BagGraph {
  const place = new Int32Array(n).fill(-1);
  for (let i = 0; i < kept.length; i++) place[kept[i]] = i;
  const edges = [...sources.keys()].filter((e) => place[sources[e]] >= 0 && place[targets[e]] >= 0);
  return {
    sources: Int32Array.from(edges, (e) => place[sources[e]]),
    targets: Int32Array.from(edges, (e) => place[targets[e]]),
  };
}
