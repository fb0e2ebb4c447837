/**
 * The exact Sm operator: the solution g of ((1+γ) I - γ A) g = u, by conjugate gradients (Hestenes and Stiefel 1952),
 * each column for itself. A dense solution, as torch.linalg.solve has it, takes n² memory and n³ time; the matrix is
 * symmetric with eigenvalues from 1 to 1+2γ, so that some twenty products with the sparse A are as exact as float32.
 * In: γ [], A symmetric with eigenvalues in [-1, 1], u [n, width]. Out: g [n, width], differentiable by γ and u.
 */
import * as tf from '@tensorflow/tfjs-core';
import { type Adjacency, propagate } from './adjacency.js';

/** Share of the first error that is left in the end: below what float32 resolves. */
const LEFT = 1e-9;
const MOST_STEPS = 500;

export function solveSmoothing(gamma: tf.Scalar, adjacency: Adjacency, u: tf.Tensor2D): tf.Tensor2D {
  const steps = stepsFor(gamma.dataSync()[0]);
  const { sources, targets, weights, nodes } = adjacency;
  const solve = tf.customGrad((...inputs) => {
    const [coefficient, right] = inputs.slice(0, 2) as [tf.Scalar, tf.Tensor2D];
    const save = inputs[2] as unknown as tf.GradSaveFunc;
    const solution = conjugateGradients(coefficient, adjacency, right, steps); // [n, width]
    save([coefficient, solution, sources, targets, weights]); // what is not saved is gone by the backward pass
    return {
      value: solution,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [factor, g] = saved as [tf.Scalar, tf.Tensor2D];
        const again = { nodes, ...entriesOf(saved) };
        const du = conjugateGradients(factor, again, dy as tf.Tensor2D, steps); // [n, width]
        const laplacian = tf.sub(g, propagate(again, g)); // [n, width], (I - A) g
        return [tf.neg(tf.sum(tf.mul(du, laplacian))), du]; // [], [n, width]
      },
    };
  });
  return solve(gamma, u) as tf.Tensor2D;
}

function entriesOf([, , sources, targets, weights]: readonly tf.Tensor[]): Omit<Adjacency, 'nodes'> {
  return {
    sources: sources as tf.Tensor1D,
    targets: targets as tf.Tensor1D,
    weights: weights as tf.Tensor2D,
  };
}

/** The error shrinks by (√κ - 1) / (√κ + 1) per step, where κ = 1 + 2γ. */
function stepsFor(gamma: number): number {
  const root = Math.sqrt(1 + 2 * Math.max(gamma, 0));
  const shrink = (root - 1) / (root + 1);
  if (shrink === 0) return 1;
  return Math.min(MOST_STEPS, Math.ceil(Math.log(LEFT / 2) / Math.log(shrink)));
}

function conjugateGradients(
  gamma: tf.Scalar,
  adjacency: Adjacency,
  right: tf.Tensor2D,
  steps: number,
): tf.Tensor2D {
  const times = (x: tf.Tensor2D): tf.Tensor2D =>
    tf.sub(tf.mul(x, tf.add(gamma, 1)), tf.mul(propagate(adjacency, x), gamma)); // [n, width]
  const squares = (x: tf.Tensor2D, y: tf.Tensor2D) => tf.sum(tf.mul(x, y), 0, true); // [1, width]
  return tf.tidy(() => {
    let x = tf.zerosLike(right); // [n, width]
    let rest = right; // [n, width]
    let direction = rest; // [n, width]
    let size = squares(rest, rest); // [1, width]
    for (let step = 0; step < steps; step++) {
      const product = times(direction); // [n, width]
      const far = tf.divNoNan(size, squares(direction, product)); // [1, width]
      x = tf.add(x, tf.mul(direction, far)); // [n, width]
      rest = tf.sub(rest, tf.mul(product, far)); // [n, width]
      const next = squares(rest, rest); // [1, width]
      direction = tf.add(rest, tf.mul(direction, tf.divNoNan(next, size))); // [n, width]
      size = next;
    }
    return x;
  });
}
