/**
 * Conv2D for the WebAssembly backend where its own is wrong: 'same' padding with a stride.
 * In: the backend's own kernel. Out: one that pads the input first, and leaves all other cases to the own one.
 */
import {
  backend_util,
  type Conv2DAttrs,
  type KernelConfig,
  type NamedAttrMap,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { runWasmKernel, type WasmHeap } from './wasm-heap.js';

type Shape4D = [number, number, number, number];

export function conv2dWithExplicitPadding(own: KernelConfig): KernelConfig {
  return {
    ...own,
    kernelFunc: (call) => {
      const { x, filter } = call.inputs as { x: TensorInfo; filter: TensorInfo };
      const attrs = call.attrs as unknown as Conv2DAttrs;
      if (attrs.pad !== 'same' || [attrs.strides].flat().every((stride) => stride === 1))
        return own.kernelFunc(call);

      const heap = call.backend as WasmHeap;
      const padded = padAsSame(heap, x, filter, attrs);
      const valid = { ...call.attrs, pad: 'valid' } as NamedAttrMap;
      const out = own.kernelFunc({ inputs: { x: padded, filter }, attrs: valid, backend: heap });
      heap.disposeData(padded.dataId);
      return out;
    },
  };
}

/** x [images, height, width, channels] with the zeros around it that 'same' means for this filter and stride. */
function padAsSame(heap: WasmHeap, x: TensorInfo, filter: TensorInfo, attrs: Conv2DAttrs): TensorInfo {
  const { strides, dilations, dimRoundingMode } = attrs;
  const { padInfo } = backend_util.computeConv2DInfo(
    x.shape as Shape4D,
    filter.shape as Shape4D,
    strides,
    dilations,
    'same',
    dimRoundingMode,
  );
  const rows = [padInfo.top, padInfo.bottom];
  const columns = [padInfo.left, padInfo.right];
  return runWasmKernel(heap, 'PadV2', { x }, { paddings: [[0, 0], rows, columns, [0, 0]], constantValue: 0 });
}
