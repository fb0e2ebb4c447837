/** Who dials the coordinator of a real run without a certificate of this run is refused, and the run is told so. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { readLease } from '@bagfleet/orchestrator/coordinator/lease/lease-file';
import { authorityName } from '@bagfleet/orchestrator/launch/kubernetes/manifests/names';
import { RUN_FILES } from '@bagfleet/proto';
import type { RunIdentity } from '@bagfleet/proto/grpc/run-identity';
import { SessionStreamHolder } from '@bagfleet/worker/session/session-stream';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { openStore } from '@bagfleet/worker/storage/open-store';
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

  /** How an attempt to work for the run ends, as whoever makes it is told. */
  function refusal(address: string, token: string, identity: RunIdentity | null): Promise<string> {
    return new Promise((resolve) => {
      new SessionStreamHolder(address, token, identity, {
        onResponse: () => assert.fail('it was let in'),
        onEnd: (error) => resolve(error.describe()),
      });
    });
  }

  async function showNothing(address: string): Promise<void> {
    const [host, port] = address.split(':');
    const socket = connect({ host, port: Number(port), ALPNProtocols: ['h2'], rejectUnauthorized: false });
    socket.on('error', () => undefined); // the coordinator ends it when it likes
    socket.once('secureConnect', () => socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'));
    socket.resume();
    await Promise.race([once(socket, 'close'), sleep(2000)]);
    socket.destroy();
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
    const access = { uri: `${fleet.store}/${run}`, endpoint: fleet.s3.endpoint, region: 'us-east-1' };
    store = await openStore(access.uri, access);
    const address = await addressOf();
    const secret = await fleet.cluster.kubectl(['get', 'secret', authorityName(run), '-o', 'json']);
    const { data } = JSON.parse(secret) as { data: Record<string, string> };
    const [token, authority] = ['token', 'ca.crt'].map((key) => Buffer.from(data[key], 'base64').toString());
    const { others } = await testIdentities();

    assert.match(await refusal(address, token, null), /turned this worker away: .*no certificate/);
    const trusted = { ...others.worker, authority };
    assert.match(await refusal(address, token, trusted), /another authority, .* of run another-run/);
    await showNothing(address);

    await fleet.until(run, 'done', ({ state }) => state === 'done');
    const words = (await refused()).join('\n');
    assert.match(words, /was refused: .*without TLS/);
    assert.match(words, /was refused: its certificate is of another authority, .* of run another-run/);
    assert.match(words, /was refused: it showed no certificate$/m);
  });
});
