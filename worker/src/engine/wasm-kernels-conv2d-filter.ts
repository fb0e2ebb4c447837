/**
 * Conv2DBackpropFilter for the WebAssembly backend: how the loss changes with a convolution's filter.
 * In: x [images, height, width, channels], dy [images, outHeight, outWidth, outChannels], strides, padding.
 * Out: [filterHeight, filterWidth, channels, outChannels], the sum over images of patches · dy.
 *
 * Per image, the inputs under each filter entry are laid out as a matrix, and one matrix product does the rest.
 */
import {
  backend_util,
  type Conv2DBackpropFilterAttrs,
  type KernelConfig,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { type Numbers, runWasmKernel, type WasmHeap } from './wasm-heap.js';

type Geometry = backend_util.Conv2DInfo;

export const conv2dBackpropFilter: KernelConfig = {
  kernelName: 'Conv2DBackpropFilter',
  backendName: 'wasm',
  kernelFunc: ({ inputs, attrs, backend }) => {
    const { x, dy } = inputs as { x: TensorInfo; dy: TensorInfo };
    const geometry = geometryOf(x, attrs as unknown as Conv2DBackpropFilterAttrs);
    return sumOverImages(backend as WasmHeap, geometry, x, dy);
  },
};

function geometryOf(x: TensorInfo, attrs: Conv2DBackpropFilterAttrs): Geometry {
  const { strides, pad, dimRoundingMode, dataFormat, filterShape } = attrs;
  if (dataFormat !== 'NHWC') throw new Error(`Conv2DBackpropFilter on wasm: ${dataFormat} is not supported`);
  const inShape = x.shape as [number, number, number, number];
  return backend_util.computeConv2DInfo(inShape, filterShape, strides, 1, pad, dimRoundingMode);
}

function sumOverImages(heap: WasmHeap, geometry: Geometry, x: TensorInfo, dy: TensorInfo): TensorInfo {
  const { batchSize, filterHeight, filterWidth, inChannels, outHeight, outWidth } = geometry;
  const out = heap.makeOutput(geometry.filterShape, 'float32');
  heap.typedArrayFromHeap(out).fill(0);
  const entries = filterHeight * filterWidth * inChannels;
  const patches = heap.makeOutput([entries, outHeight * outWidth], 'float32');
  for (let image = 0; image < batchSize; image++) {
    fillPatches(geometry, heap.typedArrayFromHeap(x), image, heap.typedArrayFromHeap(patches));
    const gradient = timesGradient(heap, geometry, patches, dy, image); // [entries, outChannels]
    const sum = heap.typedArrayFromHeap(out);
    const term = heap.typedArrayFromHeap(gradient);
    for (let i = 0; i < sum.length; i++) sum[i] += term[i];
    heap.disposeData(gradient.dataId);
  }
  heap.disposeData(patches.dataId);
  return out;
}

/** patches [filterHeight · filterWidth · channels, outHeight · outWidth]: what each filter entry sees at each place. */
function fillPatches(geometry: Geometry, x: Numbers, image: number, patches: Numbers): void {
  const { filterHeight, filterWidth, inChannels, inHeight, inWidth } = geometry;
  const first = image * inHeight * inWidth * inChannels;
  let row = 0;
  for (let down = 0; down < filterHeight; down++) {
    for (let right = 0; right < filterWidth; right++) {
      for (let channel = 0; channel < inChannels; channel++) {
        fillRow(geometry, x, first + channel, down, right, patches, row);
        row += geometry.outHeight * geometry.outWidth;
      }
    }
  }
}

/** One filter entry at (down, right): its input at every output place, zero in the padding. */
function fillRow(
  geometry: Geometry,
  x: Numbers,
  channelStart: number,
  down: number,
  right: number,
  patches: Numbers,
  rowStart: number,
): void {
  const { inHeight, inWidth, inChannels, outHeight, outWidth, strideHeight, strideWidth, padInfo } = geometry;
  let place = rowStart;
  for (let outY = 0; outY < outHeight; outY++) {
    const y = outY * strideHeight + down - padInfo.top;
    const inside = y >= 0 && y < inHeight;
    for (let outX = 0; outX < outWidth; outX++) {
      const column = outX * strideWidth + right - padInfo.left;
      const seen = inside && column >= 0 && column < inWidth;
      patches[place++] = seen ? x[channelStart + (y * inWidth + column) * inChannels] : 0;
    }
  }
}

/** patches [entries, places] · dy of one image [places, outChannels]. */
function timesGradient(
  heap: WasmHeap,
  geometry: Geometry,
  patches: TensorInfo,
  dy: TensorInfo,
  image: number,
): TensorInfo {
  const { outHeight, outWidth, outChannels } = geometry;
  const begin = [image, 0, 0, 0];
  const size = [1, outHeight, outWidth, outChannels];
  const slice = runWasmKernel(heap, 'Slice', { x: dy }, { begin, size });
  const gradient = { ...slice, shape: [outHeight * outWidth, outChannels] };
  const product = runWasmKernel(
    heap,
    'BatchMatMul',
    { a: patches, b: gradient },
    { transposeA: false, transposeB: false },
  );
  heap.disposeData(slice.dataId);
  return product;
}
