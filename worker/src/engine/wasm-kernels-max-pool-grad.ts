/**
 * MaxPoolGrad for the WebAssembly backend: each output's gradient goes to the input that was its maximum.
 * In: dy [images, outHeight, outWidth, channels], input [images, height, width, channels], window, strides, padding.
 * Out: like input. Of equal maxima the first in the window gets it, row by row, as in TensorFlow.
 */
import {
  backend_util,
  type KernelConfig,
  type MaxPoolGradAttrs,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import type { Numbers, WasmHeap } from './wasm-heap.js';

type Geometry = backend_util.Conv2DInfo;

export const maxPoolGrad: KernelConfig = {
  kernelName: 'MaxPoolGrad',
  backendName: 'wasm',
  kernelFunc: ({ inputs, attrs, backend }) => {
    const { dy, input } = inputs as { dy: TensorInfo; input: TensorInfo };
    const geometry = geometryOf(input, attrs as unknown as MaxPoolGradAttrs);
    const heap = backend as WasmHeap;
    const dx = heap.makeOutput(input.shape, 'float32');
    const gradient = heap.typedArrayFromHeap(dx);
    gradient.fill(0);
    sendToMaxima(geometry, heap.typedArrayFromHeap(input), heap.typedArrayFromHeap(dy), gradient);
    return dx;
  },
};

function geometryOf(input: TensorInfo, attrs: MaxPoolGradAttrs): Geometry {
  const { filterSize, strides, pad, dimRoundingMode } = attrs;
  const inShape = input.shape as [number, number, number, number];
  return backend_util.computePool2DInfo(inShape, filterSize, strides, 1, pad, dimRoundingMode);
}

function sendToMaxima(geometry: Geometry, input: Numbers, dy: Numbers, dx: Numbers): void {
  const { batchSize, outHeight, outWidth, inHeight, inWidth, inChannels } = geometry;
  let out = 0;
  for (let image = 0; image < batchSize; image++) {
    const first = image * inHeight * inWidth * inChannels;
    for (let outY = 0; outY < outHeight; outY++) {
      for (let outX = 0; outX < outWidth; outX++) {
        for (let channel = 0; channel < inChannels; channel++) {
          dx[maximumIndex(geometry, input, first + channel, outY, outX)] += dy[out++];
        }
      }
    }
  }
}

/** Where the largest input under one window lies; the part of a window in the padding does not count. */
function maximumIndex(geometry: Geometry, input: Numbers, start: number, outY: number, outX: number): number {
  const { inHeight, inWidth, inChannels, filterHeight, filterWidth, padInfo } = geometry;
  const top = outY * geometry.strideHeight - padInfo.top;
  const left = outX * geometry.strideWidth - padInfo.left;
  let best = -1;
  for (let y = Math.max(top, 0); y < Math.min(top + filterHeight, inHeight); y++) {
    for (let x = Math.max(left, 0); x < Math.min(left + filterWidth, inWidth); x++) {
      const index = start + (y * inWidth + x) * inChannels;
      if (best < 0 || input[index] > input[best]) best = index;
    }
  }
  return best;
}
