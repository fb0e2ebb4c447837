/**
 * A bag's graph as a sparse matrix, and its product with rows: y_i = Σ_j a_ij x_j.
 * In: directed edges. Out: a matrix for `propagate`, whose memory is that of the edges and not of all pairs.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { BagGraph } from '../../data/instances/bag-graph.js';

/** Entry a_ij of the matrix for each edge from j to i. */
export interface Adjacency {
  readonly nodes: number;
  /** [entries] int32: j and i. */
  readonly sources: tf.Tensor1D;
  readonly targets: tf.Tensor1D;
  /** [entries, 1] float32: a_ij. */
  readonly weights: tf.Tensor2D;
}

/** Entries by plain numbers: [entries] each. */
interface Entries {
  readonly sources: Int32Array;
  readonly targets: Int32Array;
}

/**
 * D^-1/2 A D^-1/2 of the undirected graph, as torchmil's datasets give it (`norm_adj=True`): a_ij = 1/√(deg i · deg j).
 * An edge counts in both directions whichever of them is given, so the matrix is symmetric.
 */
export function normalisedAdjacency(graph: BagGraph, nodes: number): Adjacency {
  const { sources, targets } = bothWays(graph, nodes);
  const degree = new Float64Array(nodes);
  for (const target of targets) degree[target]++;
  const weights = Float32Array.from(
    sources,
    (source, i) => 1 / Math.sqrt(degree[source] * degree[targets[i]]),
  );
  return matrixOf({ sources, targets }, weights, nodes);
}

/** D^-1 A of the directed graph: `propagate` gives the mean over the edges that end in a node; 0 where there are none. */
export function meanAdjacency({ sources, targets }: BagGraph, nodes: number): Adjacency {
  const degree = new Float64Array(nodes);
  for (const target of targets) degree[target]++;
  const weights = Float32Array.from(targets, (target) => 1 / degree[target]);
  return matrixOf({ sources, targets }, weights, nodes);
}

/** A of the directed graph: `propagate` gives the sum over the edges that end in a node. */
export function plainAdjacency({ sources, targets }: BagGraph, nodes: number): Adjacency {
  return matrixOf({ sources, targets }, new Float32Array(sources.length).fill(1), nodes);
}

/** x is [nodes, width], and so is the result. */
export function propagate({ sources, targets, weights, nodes }: Adjacency, x: tf.Tensor2D): tf.Tensor2D {
  if (sources.size === 0) return tf.mul(x, 0); // [nodes, width]
  const sent = tf.mul(tf.gather(x, sources), weights); // [entries, width]
  return tf.unsortedSegmentSum(sent, targets, nodes) as tf.Tensor2D; // [nodes, width]
}

function matrixOf({ sources, targets }: Entries, weights: Float32Array, nodes: number): Adjacency {
  return {
    nodes,
    sources: tf.tensor1d(sources, 'int32'),
    targets: tf.tensor1d(targets, 'int32'),
    weights: tf.tensor2d(weights, [weights.length, 1]),
  };
}

/** Each pair once in each direction, ordered by target, then source: the same sum whatever order the file has. */
function bothWays({ sources, targets }: BagGraph, nodes: number): Entries {
  const keys = new Float64Array(sources.length * 2);
  for (let i = 0; i < sources.length; i++) {
    keys[2 * i] = targets[i] * nodes + sources[i];
    keys[2 * i + 1] = sources[i] * nodes + targets[i];
  }
  const distinct = keys.sort().filter((key, i, all) => i === 0 || key !== all[i - 1]);
  return {
    sources: Int32Array.from(distinct, (key) => key % nodes),
    targets: Int32Array.from(distinct, (key) => Math.floor(key / nodes)),
  };
}
