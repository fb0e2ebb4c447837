/**
 * The part of the WebAssembly backend that kernels written in JavaScript need.
 * In: the backend as a kernel function gets it. Out: tensors made and seen on its heap, and its other kernels.
 */
import { type DataType, getKernel, type NamedAttrMap, type TensorInfo } from '@tensorflow/tfjs-core';

export type Numbers = Float32Array | Int32Array;

export interface WasmHeap {
  /** A new tensor whose memory is not cleared. */
  makeOutput(shape: readonly number[], dtype: DataType): TensorInfo;
  /** A view, not a copy. The heap moves when it grows: take views after the last tensor was made. */
  typedArrayFromHeap(tensor: TensorInfo): Numbers;
  disposeData(dataId: object): boolean;
}

/** Calls a kernel itself, past the engine: nothing is recorded on a gradient tape, the result is ours to dispose. */
export function runWasmKernel(
  heap: WasmHeap,
  name: string,
  inputs: Record<string, TensorInfo>,
  attrs: object,
): TensorInfo {
  const { kernelFunc } = getKernel(name, 'wasm');
  return kernelFunc({ inputs, attrs: attrs as NamedAttrMap, backend: heap }) as TensorInfo;
}
