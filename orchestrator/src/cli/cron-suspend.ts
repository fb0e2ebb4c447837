/** `bagfleet cron suspend` and `resume`: no nights for a while; a night that is going goes on. */
import type { Cron } from '@bagfleet/proto';
import type { CommandModule } from 'yargs';
import { resumed, suspended } from '../cron/change-cron.js';
import { type CronCluster, type FindCluster, isSuspended } from '../cron/cron-cluster.js';
import { findCron, putCron } from '../cron/cron-store.js';
import { type CronArgument, withCron } from './options/cron-argument.js';
import { withRunStore } from './run-store.js';
import { print, printJson } from './terminal.js';

interface Change {
  readonly command: string;
  readonly describe: string;
  readonly record: (cron: Cron, now: Date) => Cron;
  readonly tell: (cluster: CronCluster, cron: string) => Promise<void>;
  readonly done: string;
}

export const cronSuspend = changing({
  command: 'suspend <cron>',
  describe: 'No nights until it is resumed',
  record: suspended,
  tell: (cluster, cron) => cluster.suspend(cron),
  done: 'is suspended; a night that is going goes on',
});

export const cronResume = changing({
  command: 'resume <cron>',
  describe: 'Nights again after a suspension',
  record: resumed,
  tell: (cluster, cron) => cluster.resume(cron),
  done: 'has its nights again',
});

/** The store first: what the cluster then misses is done by asking again. */
function changing(change: Change): (findCluster: FindCluster) => CommandModule<unknown, CronArgument> {
  return (findCluster) => ({
    command: change.command,
    describe: change.describe,
    builder: (parser) => withCron(parser),
    handler: (flags) =>
      withRunStore(flags, async (runs) => {
        const { value, etag } = await findCron(runs, flags.cron);
        const cron = change.record(value, new Date());
        await putCron(runs, cron, etag);
        const cluster = await findCluster(cron.job, flags.context ?? null);
        if (cluster) await change.tell(cluster, cron.name);
        if (flags.json) return printJson({ name: cron.name, suspended: isSuspended(cron) });
        print(`${cron.name} ${change.done}`);
      }),
  });
}
