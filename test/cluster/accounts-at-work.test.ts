/** The product at work with tokens of the accounts of k8s/base: what it needs it may, and who lacks a verb is told. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { openCluster } from '@bagfleet/orchestrator/kubernetes/open-cluster';
import { workersName } from '@bagfleet/orchestrator/launch/kubernetes/manifests/names';
import { PodLauncher } from '@bagfleet/orchestrator/launch/kubernetes/pod-launcher';
import { ensureRunSecrets } from '@bagfleet/orchestrator/launch/kubernetes/run-secrets';
import type { WorkerEvents } from '@bagfleet/orchestrator/launch/launcher';
import { startInCluster } from '@bagfleet/orchestrator/submit/start-in-cluster';
import type { JobSpec } from '@bagfleet/proto';
import { tempFolder } from '../support/temp-folder.js';
import { actAs } from './support/account-kubeconfig.js';
import { clusterInTests } from './support/cluster-in-tests.js';
import { applyKustomized } from './support/kustomized.js';
import { clusterJob } from './support/whole-job.js';

const PLACE = { run: 'slides-1', uri: 's3://bags/runs/slides-1' };
const WAIT_MS = 60_000;
const ENVIRONMENT = { workerId: 'w0', incarnation: 'first', coordinator: '', token: '', threads: 1, gpus: 0 };

describe('accounts at work', function () {
  this.timeout(180_000);
  const folder = tempFolder();
  const cluster = clusterInTests({ 'pod-security.kubernetes.io/enforce': 'restricted' });

  before(async () => {
    await applyKustomized(cluster, 'base');
    await cluster.kubectl(['create', 'serviceaccount', 'clerk']);
    const bound = [`--serviceaccount=${cluster.namespace}:clerk`, '--role=bagfleet-submitter'];
    await cluster.kubectl(['create', 'rolebinding', 'clerk', ...bound]);
  });

  const job = (): JobSpec =>
    clusterJob({ namespace: cluster.namespace, coordinatorImage: 'localhost/absent:1' });
  const choice = () => ({ context: null, namespace: cluster.namespace });
  const start = async (account: string) => {
    const as = await actAs(cluster, account, folder.path);
    return await as(() => startInCluster(job(), PLACE, null));
  };
  const clusterOf = async (account: string) =>
    (await actAs(cluster, account, folder.path))(() => openCluster(choice()));
  const ownerOf = async (name: string) => {
    const uid = await cluster.kubectl(['get', 'job', name, '-o', 'jsonpath={.metadata.uid}']);
    return { apiVersion: 'batch/v1', kind: 'Job', name, uid };
  };
  /** Until it is so, or the test's patience ends. */
  const until = async (what: string, isSo: () => boolean | Promise<boolean>) => {
    const deadline = performance.now() + WAIT_MS;
    while (!(await isSo())) {
      if (performance.now() > deadline) assert.fail(`not within ${WAIT_MS} ms: ${what}`);
      await sleep(100);
    }
  };
  const sizeOf = async (name: string) => {
    const { stdout } = await cluster.tryKubectl(['get', 'job', name, '-o', 'jsonpath={.spec.completions}']);
    return stdout;
  };

  it('whoever has the submitter role starts a run, sees its coordinator, and starts it again', async () => {
    const first = await start('clerk');
    const before = (await ownerOf(PLACE.run)).uid;
    await until('the image is told of', () =>
      /image localhost\/absent:1 can't be had/.test(first.heldUpBy() ?? ''),
    );
    first.letGo();
    (await start('clerk')).letGo();
    assert.notEqual((await ownerOf(PLACE.run)).uid, before);
  });

  it('the coordinator makes Secrets and workers, follows them, scales them, removes them', async () => {
    const own = await clusterOf('bagfleet-coordinator');
    const owner = await ownerOf(PLACE.run);
    const { token } = await ensureRunSecrets(own, PLACE.run, owner);
    assert.equal((await ensureRunSecrets(own, PLACE.run, owner)).token, token);
    const launcher = new PodLauncher({ cluster: own, job: job(), place: PLACE, owner });
    const waits: string[] = [];
    const ends: string[] = [];
    const events: WorkerEvents = {
      recorded: { lines: 0, last: null },
      peakBytes: () => null,
      onLine: () => undefined,
      onPlacing: (why) => void waits.push(why),
      onPlaced: () => undefined,
      onExit: ({ why }) => void ends.push(why ?? ''),
    };
    try {
      launcher.launch(ENVIRONMENT, events);
      launcher.resize(2);
      await until('w0 has ended', () => ends.length > 0);
      assert.match(ends[0], /could not be started/);
      launcher.resize(3);
      await until('the Job has grown', async () => (await sizeOf(workersName(PLACE.run))) === '3');
    } finally {
      await launcher.clear();
    }
    await until('the Job is gone', async () => (await sizeOf(workersName(PLACE.run))) === '');
    assert.doesNotMatch(waits.join('\n'), /may not/);
  });

  it('whoever lacks the verb is told which, and where the roles are', async () => {
    const denied = (what: RegExp) => (error: unknown) => {
      const { code, message, hint } = error as { code: string; message: string; hint: string };
      assert.equal(code, 'cluster-denied');
      assert.match(message, what);
      assert.match(hint, /k8s\/base\/roles\.yaml/);
      return true;
    };
    await assert.rejects(start('bagfleet-worker'), denied(/cannot get resource "jobs"/));
    const owner = await ownerOf(PLACE.run);
    await assert.rejects(
      ensureRunSecrets(await clusterOf('bagfleet-worker'), PLACE.run, owner),
      denied(/bagfleet-worker" cannot get resource "secrets"/),
    );
  });
});
