/** Why nobody is heard of a run on Kubernetes: `status` asks its cluster, and says plainly when it can't. */
import assert from 'node:assert/strict';
import type { RunRecord } from '@bagfleet/orchestrator/registry/read-run';
import { askCluster } from '@bagfleet/orchestrator/submit/ask-cluster';
import { RUN_FILES } from '@bagfleet/proto';
import { MemoryStore } from '../support/memory-store.js';
import { putText } from '../support/run-folder.js';
import { tempFolder } from '../support/temp-folder.js';
import { actAs } from './support/account-kubeconfig.js';
import { clusterInTests } from './support/cluster-in-tests.js';
import { applyKustomized } from './support/kustomized.js';
import { clusterJob } from './support/whole-job.js';

const RUN = 'slides-1';
const SILENT = 'its coordinator has not been heard of for 95 s';

describe('asking the cluster of a run', function () {
  this.timeout(60_000);
  const folder = tempFolder();
  const cluster = clusterInTests();
  const store = new MemoryStore();

  before(async () => {
    await applyKustomized(cluster, 'base');
    const job = clusterJob({ namespace: cluster.namespace });
    await putText(store, `${RUN}/${RUN_FILES.job}`, JSON.stringify(job));
  });

  const problemAs = async (account: string, state: RunRecord['state'], run = RUN) => {
    const as = await actAs(cluster, account, folder.path);
    const record: RunRecord = { run, state, status: null, problem: SILENT };
    // The kubeconfig is read after the job: the variable has to stand until then.
    const before = process.env.KUBECONFIG;
    process.env.KUBECONFIG = as(() => process.env.KUBECONFIG ?? '');
    try {
      return (await askCluster(store, record, null)).problem;
    } finally {
      if (before === undefined) delete process.env.KUBECONFIG;
      else process.env.KUBECONFIG = before;
    }
  };

  it('tells of a lost run that its Job is gone', async () => {
    const words = await problemAs('bagfleet-coordinator', 'lost');
    assert.equal(words, `${SILENT}; there is no Job ${RUN} in the namespace ${cluster.namespace}`);
  });

  it('says that one may not ask', async () => {
    const words = await problemAs('bagfleet-worker', 'lost');
    assert.match(
      words ?? '',
      /^its coordinator .* 95 s; its cluster can't be asked why: Job slides-1: you may not get it/,
    );
  });

  it('asks nothing of runs that are no cluster’s, or that can’t be read', async () => {
    assert.equal(await problemAs('bagfleet-worker', 'unreadable'), SILENT);
    assert.equal(await problemAs('bagfleet-worker', 'lost', 'no-such-run'), SILENT);
  });
});
