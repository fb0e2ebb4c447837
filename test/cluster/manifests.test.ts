/** Every manifest, ours and the user's by `submit`, before the real API server, in a namespace that enforces `restricted`. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { manifestsOf } from '@bagfleet/orchestrator/submit/manifests-of';
import type { JobSpec } from '@bagfleet/proto';
import { clusterInTests } from './support/cluster-in-tests.js';
import { applyKustomized, asList, kustomized } from './support/kustomized.js';
import { type Manifest, podOf } from './support/pods-of.js';
import { clusterJob, EVERY_FIELD } from './support/whole-job.js';

const RESTRICTED = {
  'pod-security.kubernetes.io/enforce': 'restricted',
  'pod-security.kubernetes.io/warn': 'restricted',
};
const PLACE = {
  run: 'mnist-bags-20260102-030405-9f3a',
  uri: 's3://bags/runs/mnist-bags-20260102-030405-9f3a',
};
const DRY = ['create', '--dry-run=server', '-f', '-'];
const SUBMITTERS = new URL('../../k8s/examples/submitters.yaml', import.meta.url);

/** With its namespace, as `submit` settles it. */
function manifestsIn(namespace: string, job: JobSpec): Manifest[] {
  const kubernetes = { ...job.fleet.kubernetes, namespace };
  return manifestsOf({ ...job, fleet: { ...job.fleet, kubernetes } }, PLACE) as unknown as Manifest[];
}

function podsOf(manifests: readonly Manifest[]): object[] {
  return manifests.flatMap((manifest) => podOf(manifest) ?? []);
}

describe('manifests in a namespace that enforces restricted', function () {
  this.timeout(60_000);
  let leaves: (() => Promise<unknown>) | null = null;
  // Before the namespace goes: a priority class belongs to no namespace.
  after(async () => leaves?.());
  const cluster = clusterInTests(RESTRICTED);
  before(async () => {
    await applyKustomized(cluster, 'overlays/spot');
    leaves = () => cluster.kubectl(['delete', 'priorityclass', 'bagfleet-spot']);
  });

  /** Accepted, and without a warning. */
  async function accepts(objects: readonly object[], how: readonly string[] = DRY): Promise<void> {
    const { code, stderr } = await cluster.tryKubectl(how, asList(objects));
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  }

  for (const folder of ['base', 'overlays/cpu', 'overlays/gpu', 'overlays/spot', 'overlays/try-out'])
    it(`k8s/${folder} passes`, async () => {
      const objects = await kustomized(cluster, folder);
      await accepts(objects, ['apply', '--server-side', '--dry-run=server', '-f', '-']);
      const pods = podsOf(objects);
      assert.equal(pods.length, folder === 'overlays/try-out' ? 1 : 0);
      if (pods.length > 0) await accepts(pods);
    });

  it('k8s/examples/submitters.yaml passes', () => cluster.kubectl(DRY, readFileSync(SUBMITTERS, 'utf8')));

  it('what submit makes of a job with the defaults passes', async () => {
    const manifests = manifestsIn(cluster.namespace, clusterJob());
    await accepts(manifests);
    await accepts(podsOf(manifests));
  });

  it('what submit makes of a job with every field of fleet.kubernetes passes', async () => {
    const manifests = manifestsIn(
      cluster.namespace,
      clusterJob(EVERY_FIELD, { gpusPerNode: 8, threadsPerWorker: 4 }),
    );
    await accepts(manifests);
    await accepts(podsOf(manifests));
  });

  it('that job does use every field', () => {
    const [plain, whole] = [clusterJob(), clusterJob(EVERY_FIELD)].map((job) =>
      Object.entries(job.fleet.kubernetes),
    );
    const unused = plain.filter(([, value], at) => JSON.stringify(value) === JSON.stringify(whole[at][1]));
    assert.deepEqual(unused, [['hostNetwork', false]]);
  });

  for (const [what, kubernetes, why] of [
    ['hostNetwork', { hostNetwork: true }, /violates PodSecurity "restricted:latest": host namespaces/],
    [
      'a folder of the node',
      { volumes: [{ name: 'slides', mountPath: '/slides', source: { hostPath: { path: '/slides' } } }] },
      /violates PodSecurity "restricted:latest": restricted volume types/,
    ],
  ] as const)
    it(`${what} is refused, and the Job warned about`, async () => {
      const manifests = manifestsIn(cluster.namespace, clusterJob(kubernetes));
      for (const manifest of manifests) {
        const warned = await cluster.tryKubectl(DRY, JSON.stringify(manifest));
        assert.match(warned.stderr, /^Warning: would violate PodSecurity/);
        const refused = await cluster.tryKubectl(DRY, JSON.stringify(podOf(manifest)));
        assert.equal(refused.code, 1);
        assert.match(refused.stderr, why);
      }
    });
});

describe('k8s/overlays/one-machine', function () {
  this.timeout(60_000);
  const cluster = clusterInTests(RESTRICTED);

  it('lets pods use the network of the machine', async () => {
    await applyKustomized(cluster, 'overlays/one-machine');
    const manifests = manifestsIn(cluster.namespace, clusterJob({ hostNetwork: true }));
    const pods = asList([...manifests, ...podsOf(manifests)]);
    const { code, stderr } = await cluster.tryKubectl(DRY, pods);
    // Not without warnings: the label that asks for them is the test namespace's own.
    assert.equal(code, 0, stderr);
  });
});

describe('k8s/overlays/cpu', function () {
  this.timeout(60_000);
  const cluster = clusterInTests(RESTRICTED);

  before(async () => {
    await applyKustomized(cluster, 'overlays/cpu');
    // The quota's controller has to count before anything is admitted.
    const counted = '--for=jsonpath={.status.hard.requests\\.cpu}=64';
    await cluster.kubectl(['wait', 'resourcequota/bagfleet', counted, '--timeout=30s']);
  });

  it('lets pods of runs in', () =>
    cluster.kubectl(DRY, asList(podsOf(manifestsIn(cluster.namespace, clusterJob())))));

  it('refuses workers that want a GPU', async () => {
    const [, workers] = manifestsIn(cluster.namespace, clusterJob({}, { gpusPerNode: 1 }));
    const { code, stderr } = await cluster.tryKubectl(DRY, JSON.stringify(podOf(workers)));
    assert.equal(code, 1);
    assert.match(stderr, /exceeded quota: bagfleet, requested: requests.nvidia.com\/gpu=1/);
  });
});
