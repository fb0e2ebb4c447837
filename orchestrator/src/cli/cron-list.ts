/** `bagfleet cron list`: the crons of a store, when they are due and what came of their last night. */
import type { Cron, Night } from '@bagfleet/proto';
import type { CommandModule } from 'yargs';
import { type ClusterCron, currentClock, type FindCluster, isSuspended } from '../cron/cron-cluster.js';
import { lastNight, listCrons } from '../cron/cron-store.js';
import { nextTime } from '../cron/schedule.js';
import { type Column, inColumns } from './columns.js';
import { paintOutcome } from './night-state.js';
import { type ClusterFlags, withCluster } from './options/cluster-flags.js';
import { type JsonFlag, withJson } from './options/json-flag.js';
import { type StoreFlags, withStore } from './options/store-flags.js';
import { withRunStore } from './run-store.js';
import { paint, print, printJson, remark, tableWidth } from './terminal.js';

interface ListedCron {
  readonly cron: Cron;
  readonly last: Night | null;
  /** null while it is suspended. */
  readonly next: string | null;
  /** null where no cluster keeps its clock. */
  readonly cluster: ClusterCron | null;
}

export function cronList(
  findCluster: FindCluster,
): CommandModule<unknown, StoreFlags & ClusterFlags & JsonFlag> {
  return {
    command: 'list',
    aliases: ['ls'],
    describe: 'List crons',
    builder: (parser) => withJson(withCluster(withStore(parser))),
    handler: (flags) =>
      withRunStore(flags, async (runs) => {
        const now = new Date();
        const rows: ListedCron[] = [];
        for (const cron of await listCrons(runs)) {
          const last = await lastNight(runs, cron.name);
          const next = isSuspended(cron) ? null : (nextTime(currentClock(cron), now)?.toISOString() ?? null);
          const cluster = await findCluster(cron.job, flags.context ?? null);
          rows.push({ cron, last, next, cluster: (await cluster?.get(cron.name)) ?? null });
        }
        if (flags.json) return printJson(rows.map(summary));
        if (rows.length === 0)
          return remark(`No crons in ${runs.uri}. Make one with \`bagfleet cron apply\`.`);
        print(inColumns(rows, COLUMNS, tableWidth()));
      }),
  };
}

const COLUMNS: readonly Column<ListedCron>[] = [
  { title: 'CRON', value: ({ cron }) => cron.name },
  { title: 'SCHEDULE', value: ({ cron }) => currentClock(cron).schedule },
  { title: 'TIME ZONE', value: ({ cron }) => currentClock(cron).timeZone },
  { title: 'NEXT', value: nextWords },
  {
    title: 'LAST',
    value: ({ last }) => (last ? `${paintOutcome(last.outcome)} ${last.scheduledAt.slice(0, 16)}` : '–'),
  },
  { title: 'GATE', value: ({ cron }) => `${cron.tag} if ${cron.gate}` },
];

function nextWords({ cluster, next, cron }: ListedCron): string {
  if (isSuspended(cron)) return paint('yellow', 'suspended');
  return cluster ? (next ?? '–') : paint('dim', 'no cluster');
}

function summary({ cron, last, next, cluster }: ListedCron): unknown {
  const { name, tag, gate, from } = cron;
  const { schedule, timeZone } = currentClock(cron);
  return { name, schedule, timeZone, suspended: isSuspended(cron), next, tag, gate, from, last, cluster };
}
