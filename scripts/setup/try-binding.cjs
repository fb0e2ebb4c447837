// Proves that the native binding works: loads it and multiplies two matrices through it.
// In: run with the clone as working directory. Out: TensorFlow's version on stdout, or a non-zero exit.

const { createRequire } = require('node:module');
const { join } = require('node:path');

const load = createRequire(join(process.cwd(), 'worker', 'package.json'));
const tf = load('@tensorflow/tfjs-node');
const product = tf
  .matMul(
    [
      [1, 2],
      [3, 4],
    ],
    [
      [5, 6],
      [7, 8],
    ],
  )
  .dataSync();
if (product.join() !== '19,22,43,50') throw new Error(`2x2 matrix product is wrong: ${product.join()}`);
process.stdout.write(`${tf.backend().binding.TF_Version}\n`);
