/** Who dials the coordinator of a real run without a certificate of this run is refused, and the run is told so. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { readLease } from '@bagfleet/orchestrator/coordinator/lease/lease-file';
import { authorityName } from '@bagfleet/orchestrator/launch/kubernetes/manifests/names';
import { RUN_FILES } from '@bagfleet/proto';
import { SessionStreamHolder } from '@bagfleet/worker/session/session-stream';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { openStore } from '@bagfleet/worker/storage/open-store';
import { plainOptions } from '../../integration/storage/store-options.js';
import { endOfBlindCall } from '../../support/blind-caller.js';
import { testIdentities } from '../../support/test-identities.js';
import { fleetInCluster } from '../support/fleet-in-cluster.js';

const PATIENCE_MS = 60_000;

describe('strangers at the coordinator of a run', function () {
  this.timeout(180_000);
  const fleet = fleetInCluster(24);
  let store: ObjectStore;

  afterEach(() => store.close());

  async function addressOf(): Promise<string> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const address = (await readLease(store))?.record.address;
      if (address) return address;
      if (performance.now() > deadline) assert.fail('no coordinator has taken the lease');
      await sleep(100);
    }
  }

  /** As a worker says it that trusts whoever speaks without TLS. */
  function endInPlainText(address: string, token: string): Promise<string> {
    return new Promise((resolve) => {
      new SessionStreamHolder(address, token, null, {
        onResponse: () => assert.fail('it was let in'),
        onEnd: (error) => resolve(error.describe()),
      });
    });
  }

  async function refused(): Promise<string[]> {
    const { bytes } = await store.get(RUN_FILES.events);
    const rows = new TextDecoder().decode(bytes).trim().split('\n');
    return rows
      .map((row) => JSON.parse(row) as { event: string; message: string })
      .filter(({ event }) => event === 'refused')
      .map(({ message }) => message);
  }

  it('are refused and reported: no TLS, no certificate, another run; the run ends as it should', async () => {
    const run = await fleet.submit(fleet.job({ epochs: 3, fleet: { workers: 1 } }));
    store = await openStore(`${fleet.store}/${run}`, plainOptions({ endpoint: fleet.s3.endpoint }));
    const address = await addressOf();
    const secret = await fleet.cluster.kubectl(['get', 'secret', authorityName(run), '-o', 'json']);
    const { data } = JSON.parse(secret) as { data: Record<string, string> };
    const token = Buffer.from(data.token, 'base64').toString();
    const { others } = await testIdentities();

    assert.match(await endInPlainText(address, token), /turned this worker away: .*no certificate/);
    assert.match(await endOfBlindCall(address, token, null), /it showed no certificate/);
    const foreign = /its certificate is of another authority, .* of run another-run/;
    assert.match(await endOfBlindCall(address, token, others.worker), foreign);

    await fleet.until(run, 'done', ({ state }) => state === 'done');
    const words = (await refused()).join('\n');
    assert.match(words, /was refused: .*without TLS/);
    assert.match(words, /was refused: its certificate is of another authority, .* of run another-run/);
    assert.match(words, /was refused: it showed no certificate$/m);
  });
});
