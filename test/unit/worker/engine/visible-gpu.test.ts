import assert from 'node:assert/strict';
import { visibleGpu } from '@bagfleet/worker/engine/visible-gpu';

describe('the GPU that a worker sees', () => {
  const seen = (worker: number, gpus: number, chosen?: string) =>
    visibleGpu(worker, gpus, { CUDA_VISIBLE_DEVICES: chosen }).CUDA_VISIBLE_DEVICES;

  it('is one of those that there are, in turn', () => {
    assert.deepEqual(
      [0, 1, 2, 3, 4].map((worker) => seen(worker, 2)),
      ['0', '1', '0', '1', '0'],
    );
    assert.deepEqual(
      [0, 1, 7].map((worker) => seen(worker, 1)),
      ['0', '0', '0'],
    );
  });

  it('is one of those that were chosen before', () => {
    assert.deepEqual(
      [0, 1, 2].map((worker) => seen(worker, 2, 'GPU-aa,5')),
      ['GPU-aa', '5', 'GPU-aa'],
    );
    assert.equal(seen(3, 4, '2,3'), '-1', 'there is no fourth');
  });

  it('is none for a job on CPUs', () => {
    assert.equal(seen(0, 0), '-1');
    assert.equal(seen(0, 0, '2'), '-1');
  });
});
