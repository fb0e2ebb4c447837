/** `bagfleet status`: what a run does, how far it is, how good it is. */
import type { RunStatus } from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import type { CommandModule } from 'yargs';
import { findRun } from '../registry/find-run.js';
import { readMetrics } from '../registry/read-rows.js';
import type { RunRecord } from '../registry/read-run.js';
import { finalTable } from '../report/final-table.js';
import { formatPerSecond } from '../report/per-second.js';
import { type ClusterFlags, withCluster } from './options/cluster-flags.js';
import { type JsonFlag, withJson } from './options/json-flag.js';
import { type RunArgument, withRun } from './options/run-argument.js';
import { paintState } from './run-state.js';
import { withRunStore } from './run-store.js';
import { paint, print, printJson, tableWidth } from './terminal.js';
import { agoWords, countWords, durationWords, numberWords } from './words.js';

const EPOCHS_SHOWN = 10;

type StatusFlags = RunArgument & ClusterFlags & JsonFlag;

export const status: CommandModule<unknown, StatusFlags> = {
  command: 'status [run]',
  describe: 'Show how a run is doing',
  builder: (parser) =>
    withJson(withCluster(withRun(parser)))
      .example('$0 status', 'The newest run')
      .example('$0 status mnist-2 --json', 'Found by the beginning of its id')
      .epilogue('A cluster is only asked why the coordinator of a run on Kubernetes is not heard of.'),
  handler: (flags) =>
    withRunStore(flags, async (store) => {
      const now = new Date();
      const record = await withReason(store, await findRun(store, flags.run, now), flags);
      const { epochs } = await readMetrics(store, record.run);
      if (flags.json) return printJson({ ...record, epochs });
      for (const line of summary(record, now)) print(line);
      if (epochs.length === 0) return;
      const metric = record.status?.metric.name ?? 'auc';
      print(`\n${finalTable(epochs.slice(-EPOCHS_SHOWN), { metric, width: tableWidth() })}`);
    }),
};

/** Kubernetes' client is loaded only where there is something to ask. */
async function withReason(store: ObjectStore, record: RunRecord, flags: StatusFlags): Promise<RunRecord> {
  if (record.problem === null) return record;
  const { askCluster } = await import('../submit/ask-cluster.js');
  return await askCluster(store, record, flags.context ?? null);
}

function summary({ run, state, status, problem }: RunRecord, now: Date): string[] {
  const head = `${paint('bold', run)}  ${paintState(state)}`;
  if (!status) return [head, `  ${problem}`];
  const { error, metric } = status;
  return [
    head,
    `  ${problem ?? status.phase}`,
    ...(error ? [`  ${error.culprit ? `${error.culprit}: ` : ''}${error.message}`] : []),
    ...(error?.hint ? [`  ${error.hint}`] : []),
    `  ${progressLine(status)}`,
    `  best ${metric.name} ${numberWords(metric.best)}${metric.epoch === null ? '' : ` (epoch ${metric.epoch})`}`,
    `  ${timesLine(status, now)}`,
  ];
}

function progressLine(status: RunStatus): string {
  const parts = [`epoch ${status.epoch} of ${status.epochs}`, `step ${status.step} of ${status.steps}`];
  if (status.loss !== null) parts.push(`loss ${numberWords(status.loss)}`);
  if (status.bagsPerSecond !== null) parts.push(`${formatPerSecond(status.bagsPerSecond)} bags/s`);
  if (status.instancesPerSecond !== null)
    parts.push(`${formatPerSecond(status.instancesPerSecond)} patches/s`);
  if (status.etaSeconds !== null && status.endedAt === null)
    parts.push(`${durationWords(status.etaSeconds)} left`);
  return parts.join(', ');
}

function timesLine({ workers, startedAt, endedAt }: RunStatus, now: Date): string {
  const seconds = (Date.parse(endedAt ?? '') - Date.parse(startedAt)) / 1000;
  const took = endedAt === null ? '' : `, took ${durationWords(seconds)}`;
  return `${countWords(workers, 'worker')}, started ${agoWords(startedAt, now)}${took}`;
}
