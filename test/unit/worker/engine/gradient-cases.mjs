// Small computations whose gradients two backends must agree on.
// In: a case's name and a seed. Out: the loss and the gradient of each input, as plain arrays.
// Both threads draw the same shapes and values from the seed, so only name and seed travel.

import * as tf from '@tensorflow/tfjs-core';

/** Each case draws its inputs and returns them with a function from the inputs to a scalar or any tensor. */
const CASES = {
  'conv2d with any kernel, stride and padding': (draw) => {
    const [height, width] = [draw.int(1, 9), draw.int(1, 9)];
    const kernel = [draw.int(1, Math.min(4, height)), draw.int(1, Math.min(4, width))];
    const [channels, filters] = [draw.int(1, 3), draw.int(1, 4)];
    // Native TensorFlow 2.21 with oneDNN is wrong for unequal strides where the output is one column wide.
    const stride = draw.int(1, 3);
    const pad = draw.pick(['valid', 'same']);
    return {
      inputs: [
        draw.values([draw.int(1, 3), height, width, channels]),
        draw.values([...kernel, channels, filters]),
      ],
      compute: (x, filter) => tf.conv2d(x, filter, stride, pad),
    };
  },
  'maxPool with any window, stride and padding': (draw) => {
    const window = [draw.int(1, 3), draw.int(1, 3)];
    const strides = [draw.int(1, 3), draw.int(1, 3)];
    const pad = draw.pick(['valid', 'same']);
    const shape = [draw.int(1, 3), draw.int(3, 8), draw.int(3, 8), draw.int(1, 4)];
    const steps = draw.pick([2, 1000]); // few steps: several equal maxima in a window
    return {
      inputs: [
        Object.assign(
          draw.values(shape).map((value) => Math.round(value * steps) / steps),
          { shape },
        ),
      ],
      compute: (x) => tf.maxPool(x, window, strides, pad),
    };
  },
  'matMul, either side transposed': (draw) => {
    const [rows, inner, columns] = [draw.int(1, 9), draw.int(1, 9), draw.int(1, 9)];
    const [flipA, flipB] = [draw.pick([true, false]), draw.pick([true, false])];
    return {
      inputs: [
        draw.values(flipA ? [inner, rows] : [rows, inner]),
        draw.values(flipB ? [columns, inner] : [inner, columns]),
      ],
      compute: (a, b) => tf.matMul(a, b, flipA, flipB),
    };
  },
  'relu, tanh, sigmoid and softplus': (draw) => {
    const shape = draw.shape();
    return {
      inputs: [draw.values(shape)],
      compute: (x) => tf.add(tf.mul(tf.relu(x), tf.tanh(x)), tf.mul(tf.sigmoid(x), tf.softplus(x))),
    };
  },
  'softmax and log': (draw) => ({
    inputs: [draw.values([draw.int(1, 4), draw.int(1, 9)])],
    compute: (x) => tf.log(tf.softmax(x)),
  }),
  'exp, square, sqrt and division': (draw) => {
    const shape = draw.shape();
    return {
      inputs: [draw.values(shape), draw.values(shape)],
      compute: (a, b) => tf.div(tf.exp(a), tf.sqrt(tf.add(tf.square(b), 1))),
    };
  },
  'broadcast add, mul and sub': (draw) => {
    const [rows, columns] = [draw.int(1, 7), draw.int(1, 7)];
    return {
      inputs: [draw.values([rows, columns]), draw.values([columns]), draw.values([rows, 1]), draw.values([])],
      compute: (matrix, row, column, scalar) => tf.mul(tf.add(matrix, row), tf.sub(column, scalar)),
    };
  },
  'sum, mean and max over an axis': (draw) => {
    const shape = draw.shape();
    const axis = draw.int(0, shape.length - 1);
    return {
      inputs: [draw.values(shape)],
      compute: (x) => tf.add(tf.mul(tf.sum(x, axis), tf.mean(x, axis)), tf.max(x, axis)),
    };
  },
  'transpose and reshape': (draw) => {
    const shape = draw.shape();
    return {
      inputs: [draw.values(shape)],
      compute: (x) => tf.square(tf.reshape(tf.transpose(x), [-1])),
    };
  },
  'gather with repeated and missing rows': (draw) => {
    const rows = draw.int(1, 6);
    const indices = Array.from({ length: draw.int(1, 9) }, () => draw.int(0, rows - 1));
    return {
      inputs: [draw.values([rows, draw.int(1, 4)])],
      compute: (x) => tf.square(tf.gather(x, tf.tensor1d(indices, 'int32'))),
    };
  },
  'concat, stack and slice': (draw) => {
    const [rows, columns] = [draw.int(2, 6), draw.int(1, 4)];
    return {
      inputs: [draw.values([rows, columns]), draw.values([rows, columns])],
      compute: (a, b) => tf.mul(tf.slice(tf.concat([a, b]), 1, rows), tf.slice(tf.stack([a, b]), [1], [1])),
    };
  },
  'a mask as dropout': (draw) => {
    const shape = draw.shape();
    const mask = draw.values(shape).map((value) => (value > 0 ? 2 : 0));
    return {
      inputs: [draw.values(shape)],
      compute: (x) => tf.mul(tf.square(x), tf.tensor(mask, shape)),
    };
  },
  'LeNet with gated attention and a binary loss': (draw) => {
    const [instances, hidden, label] = [draw.int(1, 4), draw.int(2, 6), draw.int(0, 1)];
    const [first, second] = [draw.int(1, 4), draw.int(1, 4)];
    const flat = second * 16; // two 5 x 5 convolutions and poolings take 28 x 28 to 4 x 4
    // Sums of few eighths and of their products are exact, so both backends see the same maxima in every window.
    return {
      inputs: [
        draw.eighths([instances, 28, 28, 1]),
        draw.eighths([5, 5, 1, first]),
        draw.eighths([5, 5, first, second]),
        draw.values([hidden, flat]),
        draw.values([3, hidden]),
        draw.values([3, hidden]),
        draw.values([1, 3]),
        draw.values([1, hidden]),
        draw.values([1]),
      ],
      compute: (x, filter1, filter2, linear, gateV, gateU, gateW, classifier, bias) => {
        const pooled1 = tf.maxPool(tf.relu(tf.conv2d(x, filter1, 1, 'valid')), 2, 2, 'valid'); // [n, 12, 12, first]
        const pooled2 = tf.maxPool(tf.relu(tf.conv2d(pooled1, filter2, 1, 'valid')), 2, 2, 'valid'); // [n, 4, 4, second]
        const h = tf.relu(tf.matMul(tf.reshape(tf.div(pooled2, 16), [instances, flat]), linear, false, true)); // [n, hidden]
        const v = tf.tanh(tf.matMul(h, gateV, false, true)); // [n, 3]
        const u = tf.sigmoid(tf.matMul(h, gateU, false, true)); // [n, 3]
        const attention = tf.softmax(tf.transpose(tf.matMul(tf.mul(v, u), gateW, false, true))); // [1, n]
        const logit = tf.add(tf.matMul(tf.matMul(attention, h), classifier, false, true), bias); // [1, 1]
        return tf.sub(tf.softplus(logit), tf.mul(logit, label));
      },
    };
  },
};

export const caseNames = Object.keys(CASES);

/**
 * @param {string} name
 * @param {number} seed
 * @returns {{ value: number[], gradients: number[][] }}
 */
export function computeCase(name, seed) {
  const { inputs, compute } = CASES[name](drawer(seed));
  return tf.tidy(() => {
    const tensors = inputs.map((values) => tf.tensor(values, values.shape, 'float32'));
    const value = compute(...tensors);
    const upstream = drawer(seed + 1).values(value.shape);
    const gradients = tf.grads(compute)(tensors, tf.tensor(upstream, value.shape));
    return { value: [...value.dataSync()], gradients: gradients.map((gradient) => [...gradient.dataSync()]) };
  });
}

/** Draws integers, choices and values in [-1, 1) from a seed (Mulberry32). */
function drawer(seed) {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (from, to) => from + Math.floor(uniform() * (to - from + 1));
  const fill = (shape, value) => {
    const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, value);
    return Object.assign(values, { shape });
  };
  return {
    int,
    pick: (choices) => choices[int(0, choices.length - 1)],
    shape: () => Array.from({ length: int(1, 3) }, () => int(1, 6)),
    values: (shape) => fill(shape, () => 2 * uniform() - 1),
    eighths: (shape) => fill(shape, () => int(-8, 8) / 8),
  };
}
