/** What a pod's status means, in words that say what to do. */
import assert from 'node:assert/strict';
import { whyNoPod, whySuspended } from '@bagfleet/orchestrator/launch/kubernetes/hold-up-words';
import { exitOf, whyNoPlace } from '@bagfleet/orchestrator/launch/kubernetes/pod-state';
import type { CoreV1Event, V1Pod, V1PodStatus } from '@kubernetes/client-node';

function pod(status: V1PodStatus, name = 'worker'): V1Pod {
  const resources = { limits: { memory: '2Gi' } };
  return { metadata: {}, spec: { containers: [{ name, image: 'registry/w:1', resources }] }, status };
}

function unscheduled(message: string, name?: string): string | null {
  const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message };
  return whyNoPlace(pod({ conditions: [condition] }, name));
}

function waiting(reason: string, message?: string): string | null {
  const state = { waiting: { reason, ...(message === undefined ? {} : { message }) } };
  return whyNoPlace(pod({ containerStatuses: [{ state } as never] }));
}

describe('a pod that has no place', () => {
  it('names the job field that asks for too much, of the worker or the coordinator', () => {
    const full = '0/3 nodes are available: 3 Insufficient memory. preemption: 0/3 nodes are available: none.';
    const head = 'no node has room (0/3 nodes are available: 3 Insufficient memory)';
    const rest = 'add nodes or wait for room';
    assert.equal(unscheduled(full), `${head}: lower fleet.kubernetes.memory; ${rest}`);
    assert.equal(
      unscheduled(full, 'coordinator'),
      `${head}: lower fleet.kubernetes.coordinatorMemory; ${rest}`,
    );
    assert.match(unscheduled('0/1: 1 Insufficient nvidia.com/gpu.') ?? '', /lower fleet\.gpusPerNode/);
    assert.match(unscheduled('0/1: 1 Insufficient cpu.') ?? '', /lower fleet\.threadsPerWorker/);
  });

  it('names selectors and taints', () => {
    assert.match(
      unscheduled(
        "0/2: 1 node(s) didn't match Pod's node affinity/selector, 1 had untolerated taint {a: b}",
      ) ?? '',
      /^no node fits it \(.*\): label a node, or change fleet\.kubernetes\.nodeSelector; set fleet\.kubernetes\.tolerations$/,
    );
  });

  it('names what its image and its container lack', () => {
    assert.equal(
      waiting('ImagePullBackOff', 'Back-off'),
      "its image registry/w:1 can't be had (ImagePullBackOff: Back-off): " +
        'check fleet.kubernetes.image and fleet.kubernetes.imagePullSecrets',
    );
    assert.equal(
      waiting('CreateContainerConfigError', 'secret "s3" not found'),
      'its container can\'t be set up (secret "s3" not found): create the Secret, or change fleet.kubernetes.secrets',
    );
    assert.equal(waiting('ContainerCreating'), null);
  });

  it('is told from its Job when there is no pod at all', () => {
    const event = (message: string, reason = 'FailedCreate') => ({ reason, message }) as CoreV1Event;
    assert.match(
      whyNoPod(event('Error creating: pods "x" is forbidden: exceeded quota: q'), 'its pod') ?? '',
      /^quota does not allow its pod \(pods "x".*raise it/,
    );
    assert.match(
      whyNoPod(event('error looking up service account n/w: serviceaccount "w" not found'), 'its pod') ?? '',
      /^its pod is not allowed .*k8s\/base$/,
    );
    assert.equal(whyNoPod(event('anything', 'BackOff'), 'its pod'), null);
  });
});

describe('a suspended Job', () => {
  it('waits in its queue; after it had run Kueue took it back, or could not resize it', () => {
    assert.equal(whySuspended('team', 'new'), "it waits for quota in Kueue's queue team");
    assert.match(whySuspended('team', 'ran'), /^Kueue has suspended the workers: they wait .* queue team$/);
    assert.match(
      whySuspended('team', 'resized'),
      /^Kueue has suspended the workers for their new size; its feature gate ElasticJobsViaWorkloadSlices is off\./,
    );
    assert.match(whySuspended(undefined, 'new'), /^the workers' Job is suspended/);
  });
});

describe('a pod that has ended', () => {
  const killed = pod({
    containerStatuses: [{ state: { terminated: { exitCode: 137, reason: 'OOMKilled' } } } as never],
  });

  it('for memory tells its limit, and the peak if it was ever heard', () => {
    const limit = 'was killed for memory: its limit is 2Gi';
    const advice = '(raise fleet.kubernetes.memory)';
    assert.equal(exitOf(killed, null).why, `${limit} ${advice}`);
    assert.deepEqual(exitOf(killed, 2_040_109_466), {
      code: 137,
      signal: null,
      why: `${limit}, the most that it was seen to hold 1.90 GiB ${advice}`,
    });
  });
});
