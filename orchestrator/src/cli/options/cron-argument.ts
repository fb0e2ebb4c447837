/** The cron that a command is about, and the store that keeps it. */
import type { Argv } from 'yargs';
import { type ClusterFlags, withCluster } from './cluster-flags.js';
import { type JsonFlag, withJson } from './json-flag.js';
import { type StoreFlags, withStore } from './store-flags.js';

export interface CronArgument extends StoreFlags, ClusterFlags, JsonFlag {
  readonly cron: string;
}

export function withCron<T>(parser: Argv<T>): Argv<T & CronArgument> {
  const described = parser.positional('cron', {
    type: 'string',
    demandOption: true,
    describe: 'Name of the cron; see `bagfleet cron list`',
  });
  return withStore(withCluster(withJson(described))) as unknown as Argv<T & CronArgument>;
}
