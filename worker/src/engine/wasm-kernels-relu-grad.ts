/**
 * The gradient of ReLU for the WebAssembly backend, in one pass.
 * In: dy and y of the same shape. Out: dy where y is above 0, else 0.
 */
import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { RELU_GRAD } from '../models/layers/relu.js';
import type { WasmHeap } from './wasm-heap.js';

export const reluGrad: KernelConfig = {
  kernelName: RELU_GRAD,
  backendName: 'wasm',
  kernelFunc: ({ inputs, backend }) => {
    const { dy, y } = inputs as { dy: TensorInfo; y: TensorInfo };
    const heap = backend as WasmHeap;
    const out = heap.makeOutput(dy.shape, dy.dtype);
    const [from, active, to] = [dy, y, out].map((tensor) => heap.typedArrayFromHeap(tensor));
    for (let i = 0; i < to.length; i++) to[i] = active[i] > 0 ? from[i] : 0;
    return out;
  },
};
