/**
 * UnsortedSegmentSum for the WebAssembly backend: rows with the same segment number are added.
 * In: x [n, ...rest], segmentIds [n]. Out: [numSegments, ...rest]; rows whose number is out of range are left out.
 */
import type { KernelConfig, TensorInfo, UnsortedSegmentSumAttrs } from '@tensorflow/tfjs-core';
import type { Numbers, WasmHeap } from './wasm-heap.js';

export const unsortedSegmentSum: KernelConfig = {
  kernelName: 'UnsortedSegmentSum',
  backendName: 'wasm',
  kernelFunc: ({ inputs, attrs, backend }) => {
    const { x, segmentIds } = inputs as { x: TensorInfo; segmentIds: TensorInfo };
    const { numSegments } = attrs as unknown as UnsortedSegmentSumAttrs;
    const heap = backend as WasmHeap;
    const out = heap.makeOutput([numSegments, ...x.shape.slice(segmentIds.shape.length)], x.dtype);
    addRows(
      heap.typedArrayFromHeap(x),
      heap.typedArrayFromHeap(segmentIds),
      heap.typedArrayFromHeap(out),
      numSegments,
    );
    return out;
  },
};

/** In order of the rows. */
function addRows(rows: Numbers, segments: Numbers, sums: Numbers, numSegments: number): void {
  sums.fill(0);
  const width = sums.length / numSegments;
  segments.forEach((segment, row) => {
    if (segment < 0 || segment >= numSegments) return;
    for (let i = 0; i < width; i++) {
      sums[segment * width + i] += rows[row * width + i];
    }
  });
}
