/** `bagfleet cancel`: asks a run to end and waits until it has. */
import type { JobSpec } from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { codeOf } from '@bagfleet/worker/storage/store-errors';
import type { CommandModule } from 'yargs';
import { requestCancel, waitUntilOver } from '../registry/cancel-run.js';
import { findRun } from '../registry/find-run.js';
import { jobOfRun } from '../registry/job-of-run.js';
import { markCancelled } from '../registry/mark-cancelled.js';
import { isOver, type RunRecord, readRun } from '../registry/read-run.js';
import { interruptible } from './interruptible.js';
import { type ClusterFlags, withCluster } from './options/cluster-flags.js';
import { type JsonFlag, withJson } from './options/json-flag.js';
import { type RunArgument, withRun } from './options/run-argument.js';
import { paintState } from './run-state.js';
import { withRunStore } from './run-store.js';
import { print, printJson, remark } from './terminal.js';

interface CancelFlags extends RunArgument, ClusterFlags, JsonFlag {
  readonly timeout: number;
}

export const cancel: CommandModule<unknown, CancelFlags> = {
  command: 'cancel <run>',
  describe: 'End a run; its checkpoints stay',
  builder: (parser) =>
    withJson(withCluster(withRun(parser)))
      .option('timeout', {
        type: 'number',
        requiresArg: true,
        default: 60,
        describe: 'Seconds to wait until it is over; 0 does not wait',
      })
      .example('$0 cancel latest', 'End the newest run')
      .example('$0 cancel mnist-2 --timeout 0', 'Ask and return')
      .epilogue('On Kubernetes the objects of the run are deleted, too; its folder in the store stays.'),
  handler: (flags) =>
    withRunStore(flags, async (store) => {
      const record = await findRun(store, flags.run, new Date());
      const job = await clusterJob(store, record.run);
      if (job) return cancelInCluster(store, record, job, flags);
      if (isOver(record.state)) return tell(record, flags.json, 'was over already');
      await ask(store, record, flags);
      if (flags.timeout === 0) return tell(record, flags.json, 'was asked to end');
      tell(await untilOver(store, record, flags), flags.json, 'is over');
    }),
};

/** null for a run on one machine; one whose job can't be read is ended through the store alone. */
async function clusterJob(store: ObjectStore, run: string): Promise<JobSpec | null> {
  try {
    const job = await jobOfRun(store, run);
    return job.fleet.engine === 'kubernetes' ? job : null;
  } catch (thrown) {
    if (codeOf(thrown) === 'store-unavailable') throw thrown;
    return null;
  }
}

/** A coordinator that works ends the run in good order; what is left in the cluster is then deleted. */
async function cancelInCluster(
  store: ObjectStore,
  record: RunRecord,
  job: JobSpec,
  flags: CancelFlags,
): Promise<void> {
  const { run } = record;
  const wasOver = isOver(record.state);
  const listens = record.status !== null && record.state !== 'lost';
  if (!wasOver) await ask(store, record, flags);
  if (flags.timeout === 0) return tell(record, flags.json, wasOver ? 'was over already' : 'was asked to end');
  if (!wasOver && listens) await untilOver(store, record, flags);
  const { endInCluster } = await import('../submit/end-in-cluster.js');
  const { context = null, timeout: seconds } = flags;
  const wasThere = await endInCluster({ job, run, context, seconds });
  await markCancelled(store, run, job, new Date());
  const left = wasThere ? '; nothing of it is left in the cluster' : '';
  const now = (await readRun(store, run, new Date())) ?? record;
  tell(now, flags.json, `${wasOver ? 'was over already' : 'is over'}${left}`);
}

async function ask(store: ObjectStore, { run }: RunRecord, flags: CancelFlags): Promise<void> {
  await requestCancel(store, run, new Date());
  if (flags.timeout > 0 && !flags.json) remark(`Asked ${run} to end; waiting.`);
}

function untilOver(store: ObjectStore, { run }: RunRecord, { timeout }: CancelFlags): Promise<RunRecord> {
  return interruptible((signal) => waitUntilOver(store, run, timeout, signal));
}

function tell(record: RunRecord, json: boolean, what: string): void {
  if (json) return printJson(record);
  print(`${record.run} ${what}: ${paintState(record.state)}`);
}
