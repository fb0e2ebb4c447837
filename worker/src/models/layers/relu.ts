/**
 * ReLU with a gradient of one operation; TensorFlow.js takes eight, whose results all stay in memory until a bag is done.
 */
import * as tf from '@tensorflow/tfjs-core';

/** The kernel of the gradient, which the engine registers for each backend: dy where y is above 0, else 0; as y. */
export const RELU_GRAD = 'ReluGrad';

/** max(0, x); the gradient at 0 is 0, as PyTorch has it. */
export const relu: <T extends tf.Tensor>(x: T) => T = tf.customGrad((x, save) => {
  const value = tf.relu(x as tf.Tensor); // as x
  (save as tf.GradSaveFunc)([value]);
  return {
    value,
    gradFunc: (dy: tf.Tensor, [y]: tf.Tensor[]) => tf.engine().runKernel(RELU_GRAD, { dy, y }) as tf.Tensor, // as x
  };
}) as <T extends tf.Tensor>(x: T) => T;
