/** `bagfleet cron delete`: no nights any more; runs, tags and the history stay in the store. */
import { cronFile, nightsFolder } from '@bagfleet/proto';
import type { CommandModule } from 'yargs';
import type { FindCluster } from '../cron/cron-cluster.js';
import { findCron } from '../cron/cron-store.js';
import { type CronArgument, withCron } from './options/cron-argument.js';
import { withRunStore } from './run-store.js';
import { print, printJson } from './terminal.js';

export function cronDelete(findCluster: FindCluster): CommandModule<unknown, CronArgument> {
  return {
    command: 'delete <cron>',
    describe: 'No nights any more; what was trained and decided stays',
    builder: (parser) => withCron(parser),
    handler: (flags) =>
      withRunStore(flags, async (runs) => {
        const { name, job } = (await findCron(runs, flags.cron)).value;
        // The clock first: without it no night can begin that finds no cron.
        await (await findCluster(job, flags.context ?? null))?.delete(name);
        await runs.delete(cronFile(name));
        const kept = `${runs.uri}/${nightsFolder(name)}`;
        if (flags.json) return printJson({ name, deleted: true, history: kept });
        print(`${name} is deleted; its nights stay in ${kept}`);
      }),
  };
}
