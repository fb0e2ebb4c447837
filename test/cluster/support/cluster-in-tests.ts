/**
 * One real cluster for all test files that run in one mocha process, and a namespace for each `describe`.
 * In: called inside the `describe`. Out: during its tests the cluster answers; the namespace is deleted after them.
 * Where no cluster can run the tests are skipped with one line that says why; with CI=true they fail instead.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { afterAllTests } from '../../support/after-all-tests.js';
import { makeTempFolder, removeTempFolder } from '../../support/temp-folder.js';
import { ClusterImpossible } from '../machine/cluster-impossible.js';
import type { Answer } from '../machine/kubectl.js';
import { type Cluster, startCluster } from '../machine/start-cluster.js';

/** The first start on a machine builds Kubernetes. */
const FIRST_START_MS = 30 * 60_000;

export interface ClusterInTests {
  readonly kubeconfig: string;
  readonly namespace: string;
  /** In the namespace; fails the test if kubectl does. Returns its standard output. */
  kubectl(args: readonly string[], input?: string): Promise<string>;
  /** In the namespace; whatever comes of it. */
  tryKubectl(args: readonly string[], input?: string): Promise<Answer>;
  loadImage(image: string, name: string): Promise<void>;
}

let shared: Promise<Cluster> | null = null;

export function clusterInTests(labels: Readonly<Record<string, string>> = {}): ClusterInTests {
  const namespace = `test-${randomBytes(4).toString('hex')}`;
  let cluster: Cluster | null = null;
  before('start the cluster', async function () {
    this.timeout(FIRST_START_MS);
    cluster = await sharedCluster().catch((error: unknown) => {
      if (!(error instanceof ClusterImpossible) || process.env.CI === 'true') throw error;
      return null;
    });
    if (cluster === null) return this.skip();
    const manifest = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } };
    const created = await cluster.kubectl(['create', '-f', '-'], JSON.stringify(manifest));
    assert.equal(created.code, 0, created.stderr);
  });
  after('delete the namespace', async () => {
    await cluster?.kubectl(['delete', 'namespace', namespace, '--wait=false']);
  });
  const started = (): Cluster => {
    if (cluster === null) throw new Error('the cluster is there from the first test on');
    return cluster;
  };
  const tryKubectl = (args: readonly string[], input?: string) =>
    started().kubectl([`--namespace=${namespace}`, ...args], input);
  return {
    namespace,
    get kubeconfig() {
      return started().kubeconfig;
    },
    tryKubectl,
    async kubectl(args, input) {
      const { code, stdout, stderr } = await tryKubectl(args, input);
      assert.equal(code, 0, `kubectl ${args.join(' ')}: ${stderr}`);
      return stdout;
    },
    loadImage: (image, name) => started().loadImage(image, name),
  };
}

function sharedCluster(): Promise<Cluster> {
  shared ??= startShared();
  return shared;
}

async function startShared(): Promise<Cluster> {
  const folder = makeTempFolder();
  const say = (line: string) => void process.stderr.write(`  ${line}\n`);
  try {
    const cluster = await startCluster({ folder, withPods: true, say });
    afterAllTests(async () => {
      await cluster.stop();
      removeTempFolder(folder);
    });
    return cluster;
  } catch (error) {
    removeTempFolder(folder);
    if (error instanceof ClusterImpossible) say(`No test cluster here: ${error.message}`);
    throw error;
  }
}
