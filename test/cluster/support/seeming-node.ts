/**
 * A node for hundreds of pods that do not run, for the tests of one `describe`.
 * In: called inside it, with its cluster. Out: during its tests, pods made with ON_SEEMING_NODE are Running at once.
 */
import { makeTempFolder, removeTempFolder } from '../../support/temp-folder.js';
import { startKwok } from '../machine/start-kwok.js';
import type { ClusterInTests } from './cluster-in-tests.js';

/** The first start on a machine builds kwok. */
const FIRST_START_MS = 20 * 60_000;
const CAPACITY = { cpu: '4000', memory: '16Ti', pods: '2000', 'nvidia.com/gpu': '64' };

export function seemingNodeInTests(cluster: ClusterInTests): void {
  let folder: string | null = null;
  let kwok: { stop(): Promise<void> } | null = null;
  before('start kwok', async function () {
    this.timeout(FIRST_START_MS);
    folder = makeTempFolder();
    kwok = await startKwok({
      folder,
      kubeconfig: cluster.kubeconfig,
      kubectl: cluster.tryKubectl,
      capacity: CAPACITY,
      say: (line) => void process.stderr.write(`  ${line}\n`),
    });
  });
  after('stop kwok', async () => {
    await kwok?.stop();
    if (folder !== null) removeTempFolder(folder);
  });
}
