/**
 * The kernels that training needs and the WebAssembly backend lacks or gets wrong.
 * In: the backend is loaded. Out: they are registered with tfjs-core in place of its own.
 *
 * Lacking in 4.22: Conv2DBackpropFilter (the gradient of a convolution's filter), UnsortedSegmentSum (of a gather). Ours:
 * ReluGrad (models/layers/relu.ts).
 * Wrong in 4.22, against native TensorFlow: MaxPoolGrad for most shapes, Conv2D with 'same' padding and a stride.
 */
import { getKernel, registerKernel, unregisterKernel } from '@tensorflow/tfjs-core';
import { conv2dWithExplicitPadding } from './wasm-kernels-conv2d.js';
import { conv2dBackpropFilter } from './wasm-kernels-conv2d-filter.js';
import { maxPoolGrad } from './wasm-kernels-max-pool-grad.js';
import { reluGrad } from './wasm-kernels-relu-grad.js';
import { unsortedSegmentSum } from './wasm-kernels-segment-sum.js';

export function registerWasmKernels(): void {
  const conv2d = conv2dWithExplicitPadding(getKernel('Conv2D', 'wasm'));
  for (const kernel of [conv2d, conv2dBackpropFilter, maxPoolGrad, reluGrad, unsortedSegmentSum]) {
    if (getKernel(kernel.kernelName, 'wasm') !== undefined) unregisterKernel(kernel.kernelName, 'wasm');
    registerKernel(kernel);
  }
}
