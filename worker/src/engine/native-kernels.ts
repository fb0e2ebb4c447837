/**
 * Kernels of native TensorFlow that TensorFlow.js could choose better, or does not know.
 * In: the backend is loaded. Out: they are registered with tfjs-core in place of its own.
 *
 * Products of two matrices run as MatMul, for which TensorFlow has oneDNN's kernels, and not as BatchMatMulV2, for which it
 * takes Eigen's: 28 against 45 ms for 2,000 × 1,024 by 1,024 × 512 on one core (`npm run bench:models`). The gradient of
 * ReLU (models/layers/relu.ts) runs as ReluGrad, in one pass and without what lies between.
 */
import {
  type BatchMatMulAttrs,
  getKernel,
  type KernelFunc,
  registerKernel,
  type TensorInfo,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import { RELU_GRAD } from '../models/layers/relu.js';

const [KERNEL, BACKEND] = ['BatchMatMul', 'tensorflow'];

/** What of tfjs-node's backend is used here. */
interface NativeExecution {
  readonly binding: Readonly<Record<'TF_ATTR_BOOL' | 'TF_ATTR_TYPE' | 'TF_FLOAT', number>>;
  executeSingleOutput(
    name: string,
    attributes: readonly { readonly name: string; readonly type: number; readonly value: unknown }[],
    inputs: readonly TensorInfo[],
  ): TensorInfo;
}

export function registerNativeKernels(): void {
  const { kernelFunc: batched } = getKernel(KERNEL, BACKEND);
  unregisterKernel(KERNEL, BACKEND);
  registerKernel({ kernelName: KERNEL, backendName: BACKEND, kernelFunc: matMulOr(batched) });
  registerKernel({ kernelName: RELU_GRAD, backendName: BACKEND, kernelFunc: reluGrad });
}

function matMulOr(batched: KernelFunc): KernelFunc {
  return (args) => {
    const { a, b } = args.inputs as unknown as Record<'a' | 'b', TensorInfo>;
    if (a.shape.length !== 2 || b.shape.length !== 2 || a.dtype !== 'float32') return batched(args);
    const { binding, executeSingleOutput } = args.backend as NativeExecution;
    const { transposeA, transposeB } = args.attrs as unknown as BatchMatMulAttrs;
    const attributes = [
      { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
      { name: 'transpose_a', type: binding.TF_ATTR_BOOL, value: transposeA },
      { name: 'transpose_b', type: binding.TF_ATTR_BOOL, value: transposeB },
    ];
    return executeSingleOutput.call(args.backend, 'MatMul', attributes, [a, b]);
  };
}

/** dy and y of the same shape → the same shape. */
const reluGrad: KernelFunc = ({ inputs, backend }) => {
  const { dy, y } = inputs as unknown as Record<'dy' | 'y', TensorInfo>;
  const { binding, executeSingleOutput } = backend as NativeExecution;
  const attributes = [{ name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT }];
  return executeSingleOutput.call(backend, RELU_GRAD, attributes, [dy, y]);
};
