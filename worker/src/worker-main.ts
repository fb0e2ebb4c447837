/**
 * Entry point of a worker process: joins the coordinator, prepares, trains with its peers, leaves.
 * In: BAGFLEET_RUN and BAGFLEET_RUN_STORE (where the run lies), BAGFLEET_TOKEN, BAGFLEET_WORKER,
 * BAGFLEET_INCARNATION, TensorFlow's thread counts; where there is need of them BAGFLEET_COORDINATOR (else the run's
 * lease tells its address), BAGFLEET_HOST and BAGFLEET_PORT (where its peers reach it), BAGFLEET_IDENTITY (beyond one
 * machine: the folder of this worker's certificate), BAGFLEET_LOG_FORMAT (json: json-console.ts), BAGFLEET_FAULTS
 * (tests).
 * Out: exit code 0 when the run is complete, 143 when it was told to go before, by SIGTERM or the coordinator (another
 * one may take its place), 1 when it failed (the coordinator knows why).
 */
import { BagfleetError, faultOrderSchema, type StoreOptions } from '@bagfleet/proto';
import { LeavingSchema } from '@bagfleet/proto/gen/bagfleet/v1/coordinator_pb';
import { toFailure } from '@bagfleet/proto/grpc/failure-message';
import { create } from '@bufbuild/protobuf';
import { faultsOf } from './faults/read-faults.js';
import { speakAsAsked } from './json-console.js';
import { TOLD_TO_GO } from './node/node-rules.js';
import { CoordinatorFinder } from './session/find-coordinator.js';
import { readIdentity } from './session/read-identity.js';
import { runWorker } from './session/run-worker.js';
import type { SessionClient } from './session/session-client.js';

const LOOPBACK = '127.0.0.1';
/** A worker that was told to go waits at most so long for the coordinator to let it go. */
const LEAVE_MS = 25_000;

function environment(name: string): string {
  const value = process.env[name];
  if (!value) throw new BagfleetError('bug', `${name} must be set: workers are started by the coordinator`);
  return value;
}

async function main(): Promise<number> {
  const workerId = environment('BAGFLEET_WORKER');
  const faults = faultsOf(workerId, process.env.BAGFLEET_FAULTS);
  const storeOptions = JSON.parse(environment('BAGFLEET_RUN_STORE')) as StoreOptions;
  const finder = new CoordinatorFinder(environment('BAGFLEET_RUN'), storeOptions);
  const over = new AbortController();
  let session: SessionClient | null = null;
  let code: number | null = null;
  let terminated = false;
  const leave = (exitCode: number, reason: Error) => {
    code ??= terminated ? TOLD_TO_GO : exitCode;
    over.abort(reason);
  };
  const terminate = () => {
    const reason = new BagfleetError('interrupted', 'SIGTERM');
    terminated = true;
    if (!session?.isConnected) return leave(TOLD_TO_GO, reason);
    session.keepSaying('leaving', { case: 'leaving', value: create(LeavingSchema, { reason: 'SIGTERM' }) });
    setTimeout(() => leave(TOLD_TO_GO, reason), LEAVE_MS).unref();
  };
  process.on('SIGTERM', terminate);
  try {
    await runWorker({
      workerId,
      incarnation: environment('BAGFLEET_INCARNATION'),
      token: environment('BAGFLEET_TOKEN'),
      identity: readIdentity(process.env.BAGFLEET_IDENTITY),
      peers: { host: process.env.BAGFLEET_HOST ?? LOOPBACK, port: Number(process.env.BAGFLEET_PORT ?? 0) },
      session: { address: process.env.BAGFLEET_COORDINATOR ?? null, find: () => finder.find() },
      faults,
      signal: over.signal,
      onSession: (client) => {
        session = client;
        client.on('stop', ({ reason, complete }) =>
          leave(complete ? 0 : TOLD_TO_GO, new BagfleetError('cancelled', reason)),
        );
        client.on('fault', (json) => faults.add(faultOrderSchema.parse(JSON.parse(json))));
        client.on('lost', (error) => {
          console.error(error.describe());
          leave(1, error);
        });
      },
    });
  } catch (thrown) {
    if (!over.signal.aborted) {
      tell(thrown);
      (session as SessionClient | null)?.say({ case: 'failed', value: toFailure(thrown) });
      leave(1, BagfleetError.from(thrown));
    }
  }
  await (session as SessionClient | null)?.close();
  finder.close();
  return code ?? 0;
}

/** For the worker's log: the user's mistakes in one line, ours with the stack. */
function tell(thrown: unknown): void {
  const error = BagfleetError.from(thrown);
  console.error(error.code === 'bug' ? (error.cause ?? error) : error.describe());
}

speakAsAsked(process.env.BAGFLEET_WORKER ?? '');
main().then(
  (code) => process.exit(code),
  (thrown: unknown) => {
    tell(thrown);
    process.exit(1);
  },
);
