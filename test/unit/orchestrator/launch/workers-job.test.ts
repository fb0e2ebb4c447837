import assert from 'node:assert/strict';
import { workersJob } from '@bagfleet/orchestrator/launch/kubernetes/manifests/workers-job';
import { manifestsOf } from '@bagfleet/orchestrator/submit/manifests-of';
import { parseJob } from '@bagfleet/proto';

const PLACE = { run: 'mnist-1', uri: 's3://bucket/runs/mnist-1' };
const OWNER = { apiVersion: 'batch/v1', kind: 'Job', name: 'mnist-1', uid: 'u' };

function jobWith(fleet: object, kubernetes: object = {}) {
  const engine = { engine: 'kubernetes', kubernetes: { image: 'bagfleet:1', ...kubernetes } };
  return parseJob({ data: { manifest: 's3://bucket/m.json' }, fleet: { ...engine, ...fleet } }, 'test');
}

function containerOf(fleet: object, kubernetes: object = {}) {
  const { spec } = workersJob(jobWith(fleet, kubernetes), PLACE, 2, OWNER);
  const [container] = spec?.template.spec?.containers ?? [];
  const values = Object.fromEntries((container.env ?? []).map(({ name, value }) => [name, value]));
  return { ...container, values };
}

describe("the workers' Job", () => {
  it('has a pod for 8 workers where a node has 8 GPUs', () => {
    const [, job] = manifestsOf(jobWith({ workers: 16, gpusPerNode: 8 }), PLACE);
    assert.deepEqual([job.spec?.parallelism, job.spec?.completions], [2, 2]);
    const kubernetes = { memory: '1.5Gi', cpuShare: 0.5 };
    const { command, resources, ports, values } = containerOf(
      { gpusPerNode: 8, threadsPerWorker: 3 },
      kubernetes,
    );
    assert.equal(command?.at(-1), '/opt/bagfleet/worker/dist/node-main.js');
    assert.deepEqual(resources, {
      requests: { cpu: '12000m', memory: '12Gi', 'nvidia.com/gpu': '8' },
      limits: { cpu: '24', memory: '12Gi', 'nvidia.com/gpu': '8' },
    });
    assert.deepEqual(
      ports?.map(({ containerPort }) => containerPort),
      [7077, 7078, 7079, 7080, 7081, 7082, 7083, 7084],
    );
    assert.equal(values.BAGFLEET_GPUS, '8');
    assert.ok(!('BAGFLEET_WORKER' in values || 'CUDA_VISIBLE_DEVICES' in values), 'each worker has its own');
  });

  it('has a pod for each worker otherwise, with the GPU of its own, or with GPUs hidden', () => {
    const one = containerOf({ gpusPerNode: 1 });
    assert.equal(one.command?.at(-1), '/opt/bagfleet/worker/dist/worker-main.js');
    assert.equal(one.resources?.limits?.['nvidia.com/gpu'], '1');
    assert.ok(!('CUDA_VISIBLE_DEVICES' in one.values), 'the one that its pod has');
    const none = containerOf({});
    assert.equal(none.values.CUDA_VISIBLE_DEVICES, '-1');
    assert.deepEqual(none.resources?.limits, { cpu: '1', memory: '4Gi' });
    for (const { values, ports } of [one, none]) {
      assert.equal(values.BAGFLEET_WORKER, 'w$(BAGFLEET_INDEX)');
      assert.deepEqual(ports, [{ name: 'peer', containerPort: 7077 }]);
    }
  });

  it('sets what makes GPUs compute the same bits, for each kind of pod', () => {
    for (const gpusPerNode of [0, 1, 8]) {
      const { values } = containerOf({ gpusPerNode });
      assert.equal(values.TF_DETERMINISTIC_OPS, '1');
      assert.equal(values.TF_CUDNN_USE_AUTOTUNE, '0');
      assert.equal(values.NVIDIA_TF32_OVERRIDE, '0');
      assert.equal(values.TF_FORCE_GPU_ALLOW_GROWTH, 'true');
    }
  });

  it('multiplies memory in its own unit', () => {
    const limitOf = (memory: string, gpusPerNode: number) =>
      containerOf({ gpusPerNode }, { memory }).resources?.limits?.memory;
    assert.equal(limitOf('4Gi', 8), '32Gi');
    assert.equal(limitOf('0.1Gi', 3), '0.3Gi');
    assert.equal(limitOf('500M', 2), '1000M');
    assert.equal(limitOf('1073741824', 16), '17179869184');
    assert.equal(limitOf('4Gi', 0), '4Gi');
  });
});
