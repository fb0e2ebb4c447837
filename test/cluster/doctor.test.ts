/** `bagfleet doctor` beside a real cluster, as its owner and as accounts that may less. */
import assert from 'node:assert/strict';
import { inspectCluster } from '@bagfleet/orchestrator/kubernetes/inspect-cluster';
import { runCli } from '../support/run-cli.js';
import { tempFolder } from '../support/temp-folder.js';
import { actAs } from './support/account-kubeconfig.js';
import { clusterInTests } from './support/cluster-in-tests.js';
import { applyKustomized } from './support/kustomized.js';

describe('doctor and a cluster', function () {
  this.timeout(60_000);
  const folder = tempFolder();
  const cluster = clusterInTests();

  const wordsAs = async (account: string) => {
    const as = await actAs(cluster, account, folder.path);
    const findings = await as(() => inspectCluster({ context: null, namespace: cluster.namespace }));
    return Object.fromEntries(findings.map(({ name, ok, found }) => [name, `${ok} ${found}`]));
  };

  it('says that accounts and roles are missing, which does not keep this machine from training', async () => {
    const words = ['doctor', '--namespace', cluster.namespace, '--store', folder.path];
    const { stdout, code } = await runCli(words, { env: { KUBECONFIG: cluster.kubeconfig } });
    assert.match(stdout, /✓ cluster +Kubernetes v1\.\d+\.\d+ at https:/);
    assert.match(
      stdout,
      /✗ account .* is not in the namespace test-.*\n +Create accounts and roles: `kubectl apply/,
    );
    assert.equal(code, 0, stdout);
  });

  it('finds all in order once they are there', async () => {
    await applyKustomized(cluster, 'base');
    const { stdout } = await runCli(['doctor', '--namespace', cluster.namespace, '--store', folder.path], {
      env: { KUBECONFIG: cluster.kubeconfig },
    });
    assert.match(stdout, /✓ rights +you may submit runs/);
    assert.match(stdout, /✓ account .* is there and may what it has to/);
  });

  it('tells who submits that it may, and what it may not ask', async () => {
    await cluster.kubectl(['create', 'serviceaccount', 'clerk']);
    const bound = [`--serviceaccount=${cluster.namespace}:clerk`, '--role=bagfleet-submitter'];
    await cluster.kubectl(['create', 'rolebinding', 'clerk', ...bound]);
    const { rights, account } = await wordsAs('clerk');
    assert.match(rights, /^true you may submit/);
    assert.match(account, /^true you may not ask/);
  });

  it('tells who may do nothing which verbs it lacks', async () => {
    const { cluster: reached, rights } = await wordsAs('bagfleet-worker');
    assert.match(reached, /^true Kubernetes v/);
    assert.match(rights, /^false you may not in the namespace .*: get jobs, list jobs, .*list events$/);
  });

  it('says plainly which contexts there are', async () => {
    const words = ['doctor', '--context', 'absent', '--store', folder.path];
    const { stdout, code } = await runCli(words, { env: { KUBECONFIG: cluster.kubeconfig } });
    assert.match(stdout, /✗ cluster +--context absent the kubeconfig has no such context\n +It has: /);
    assert.equal(code, 0);
  });
});
