/**
 * Opens the session server where workers are to reach it.
 * In: a host and port, the run's folder. Out: the server. If an earlier coordinator of the run still has the port
 * (stopped, say), any free one will do: workers find the address in the lease.
 */
import type { RunIdentity } from '@bagfleet/proto/grpc/run-identity';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { codeOf } from '@bagfleet/worker/storage/store-errors';
import { readLease } from './lease/lease-file.js';
import type { SessionEvents } from './session-book.js';
import { SessionServer } from './session-server.js';

const ANY_PORT = 0;

export interface ListenPlace {
  readonly host: string;
  readonly port: number;
}

export async function listenForWorkers(
  { host, port }: ListenPlace,
  run: ObjectStore,
  token: string,
  events: SessionEvents,
  identity: RunIdentity | null,
): Promise<SessionServer> {
  try {
    return await SessionServer.listen(host, port, token, events, identity);
  } catch (thrown) {
    const holder = codeOf(thrown) === 'port-in-use' ? (await readLease(run))?.record.address : null;
    if (holder !== `${host}:${port}`) throw thrown;
    return await SessionServer.listen(host, ANY_PORT, token, events, identity);
  }
}
