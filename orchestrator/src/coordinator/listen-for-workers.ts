/**
 * Opens the session server where the job wants it.
 * In: the job's port, the run's folder. Out: the server. If an earlier coordinator of the run still has the port
 * (stopped, say), any free one will do: workers find the address in the lease.
 */
import type { JobSpec } from '@bagfleet/proto';
import type { RunIdentity } from '@bagfleet/proto/grpc/run-identity';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { codeOf } from '@bagfleet/worker/storage/store-errors';
import { readLease } from './lease/lease-file.js';
import type { SessionEvents } from './session-book.js';
import { SessionServer } from './session-server.js';

const HOST = '127.0.0.1';
const ANY_PORT = 0;

export async function listenForWorkers(
  { fleet }: JobSpec,
  run: ObjectStore,
  token: string,
  events: SessionEvents,
  identity: RunIdentity | null,
): Promise<SessionServer> {
  try {
    return await SessionServer.listen(HOST, fleet.port, token, events, identity);
  } catch (thrown) {
    const holder = codeOf(thrown) === 'port-in-use' ? (await readLease(run))?.record.address : null;
    if (holder !== `${HOST}:${fleet.port}`) throw thrown;
    return await SessionServer.listen(HOST, ANY_PORT, token, events, identity);
  }
}
