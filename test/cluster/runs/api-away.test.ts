/** The API server falls silent while a run trains: training needs it for nothing, and then all is made good. */
import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { tempFolder } from '../../support/temp-folder.js';
import { fleetInCluster, type RunSeen, succeeded } from '../support/fleet-in-cluster.js';

const EPOCHS = 15;
const AWAY_MS = 30_000;
/** A worker rests at each step, so that the run outlasts all this on a fast machine, too. */
const REST = { id: 'rest', act: 'delay', worker: 'w1', phase: 'compute', ms: 1500, times: 1000 };

describe('a run whose API server is away for 30 s', function () {
  this.timeout(600_000);
  const fleet = fleetInCluster(24);
  const folder = tempFolder();

  /** The orders lie in a folder of this machine, which is the cluster's node. */
  async function slowJob(): Promise<string> {
    chmodSync(folder.path, 0o777);
    writeFileSync(join(folder.path, 'faults.json'), JSON.stringify([REST]));
    const script = '--from-literal=BAGFLEET_FAULTS=/faults/faults.json';
    await fleet.cluster.kubectl(['create', 'secret', 'generic', 'faults', script]);
    const source = { hostPath: { path: folder.path } };
    const volumes = [{ name: 'faults', mountPath: '/faults', readOnly: false, source }];
    return fleet.job({ epochs: EPOCHS, kubernetes: { volumes, secrets: ['s3', 'faults'] } });
  }

  const workersOf = (run: string) =>
    fleet.cluster.kubectl([
      ...['get', 'pods', '-o', 'jsonpath={.items[*].metadata.name}'],
      ...['-l', `bagfleet.dev/run=${run},bagfleet.dev/role=worker`],
    ]);
  const isWhole = ({ status }: RunSeen) =>
    status?.workers === 2 && status.phase === 'training with 2 workers';

  const stepsOf = (status: RunSeen['status']) => (status ? status.epoch * 1000 + status.step : 0);

  it('trains on meanwhile, replaces a worker after that, and ends with the bits of this machine', async function () {
    const { apiServer } = fleet.cluster;
    if (apiServer === null) {
      process.stderr.write("      skipped: the API server of KUBECONFIG's cluster is not ours to stop\n");
      return this.skip();
    }
    const run = await fleet.submit(await slowJob());
    const before = await fleet.until(run, 'whole', (seen) => isWhole(seen) && (seen.status?.epoch ?? 0) >= 1);
    const [first] = (await workersOf(run)).split(' ');

    apiServer.silence();
    const measure = fleet.bagfleet('submit', fleet.job({ epochs: EPOCHS }), '--on', 'local', '--json');
    try {
      await sleep(AWAY_MS);
      const { status } = await fleet.status(run);
      assert.ok(stepsOf(status) > stepsOf(before.status), JSON.stringify(status));
      assert.equal(status?.workers, 2);
    } finally {
      apiServer.wake();
    }

    await fleet.cluster.kubectl(['delete', 'pod', '--wait=false', first]);
    await fleet.until(run, 'short of a worker', (seen) => !isWhole(seen));
    await fleet.until(run, 'whole again', isWhole);
    assert.ok(!(await workersOf(run)).split(' ').includes(first));
    await fleet.until(run, 'done', ({ state }) => state === 'done', 400);
    const twin = JSON.parse(succeeded(await measure)) as { run: string };
    assert.deepEqual(await fleet.models(run), await fleet.models(twin.run));
  });
});
