// A thread with its own instance of tfjs-core and the backend that BAGFLEET_BACKEND names.
// In: messages { name, seed } or { multiply: size }. Out: the backend first, then one answer per message.

import { createRequire } from 'node:module';
import { parentPort } from 'node:worker_threads';
import { loadBackend } from '@bagfleet/worker/engine/backend';
import * as tf from '@tensorflow/tfjs-core';
import { computeCase } from './gradient-cases.mjs';

const backend = await loadBackend();
const sameInstance = createRequire(import.meta.url)('@tensorflow/tfjs-core').engine() === tf.engine();
parentPort.postMessage({ backend, active: tf.getBackend(), sameInstance });

parentPort.on('message', (message) => {
  try {
    parentPort.postMessage({ answer: answer(message), tensors: tf.memory().numTensors });
  } catch (error) {
    parentPort.postMessage({ error: String(error) });
  }
});

function answer({ name, seed, multiply }) {
  return name === undefined ? multiplyOnes(multiply) : computeCase(name, seed);
}

/** One blocking stretch of work: 1 if size x size ones, multiplied with themselves and divided by size, are ones. */
function multiplyOnes(size) {
  return tf.tidy(() => {
    let product = tf.ones([size, size]);
    for (let i = 0; i < 20; i++) product = tf.div(tf.matMul(product, tf.ones([size, size])), size);
    return tf.mean(product).dataSync()[0];
  });
}
