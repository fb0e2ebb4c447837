/**
 * Entry point of a worker process: joins the coordinator, prepares, trains with its peers, leaves.
 * In: BAGFLEET_COORDINATOR, BAGFLEET_TOKEN, BAGFLEET_WORKER, and TensorFlow's thread counts.
 * Out: exit code 0 when the coordinator let it go, 1 when it failed (the coordinator knows why), 143 on SIGTERM.
 */
import { BagfleetError } from '@bagfleet/proto';
import { toFailure } from '@bagfleet/proto/grpc/failure-message';
import { runWorker } from './session/run-worker.js';
import { SessionClient } from './session/session-client.js';

const SIGTERM_EXIT = 143;

function environment(name: string): string {
  const value = process.env[name];
  if (!value) throw new BagfleetError('bug', `${name} must be set: workers are started by the coordinator`);
  return value;
}

async function main(): Promise<number> {
  const workerId = environment('BAGFLEET_WORKER');
  const session = new SessionClient(environment('BAGFLEET_COORDINATOR'), environment('BAGFLEET_TOKEN'));
  const over = new AbortController();
  let code: number | null = null;
  const leave = (exitCode: number, reason: Error) => {
    code ??= exitCode;
    over.abort(reason);
  };
  session.on('stop', (reason) => leave(0, new BagfleetError('cancelled', reason)));
  session.on('lost', (error) => {
    console.error(error.describe());
    leave(1, error);
  });
  process.on('SIGTERM', () => leave(SIGTERM_EXIT, new BagfleetError('interrupted', 'SIGTERM')));
  try {
    await runWorker(session, { workerId, token: environment('BAGFLEET_TOKEN'), signal: over.signal });
  } catch (thrown) {
    if (!over.signal.aborted) {
      tell(thrown);
      session.say({ case: 'failed', value: toFailure(thrown) });
      leave(1, BagfleetError.from(thrown));
    }
  }
  await session.close();
  return code ?? 0;
}

/** For the worker's log: the user's mistakes in one line, ours with the stack. */
function tell(thrown: unknown): void {
  const error = BagfleetError.from(thrown);
  console.error(error.code === 'bug' ? (error.cause ?? error) : error.describe());
}

main().then(
  (code) => process.exit(code),
  (thrown: unknown) => {
    tell(thrown);
    process.exit(1);
  },
);
