/** `bagfleet list`: the runs of a store, newest first. */
import type { CommandModule } from 'yargs';
import { listRuns } from '../registry/list-runs.js';
import type { RunRecord } from '../registry/read-run.js';
import { type Column, inColumns } from './columns.js';
import { type JsonFlag, withJson } from './options/json-flag.js';
import { type StoreFlags, withStore } from './options/store-flags.js';
import { paintState } from './run-state.js';
import { withRunStore } from './run-store.js';
import { print, printJson, remark, tableWidth } from './terminal.js';
import { agoWords, numberWords } from './words.js';

interface ListFlags extends StoreFlags, JsonFlag {
  readonly limit?: number | undefined;
}

export const list: CommandModule<unknown, ListFlags> = {
  command: 'list',
  aliases: ['ls'],
  describe: 'List runs, newest first',
  builder: (parser) =>
    withJson(withStore(parser))
      .option('limit', { alias: 'n', type: 'number', requiresArg: true, describe: 'Only the newest N' })
      .example('$0 list', 'Runs in ./runs')
      .example('$0 list --store s3://models/runs --json', ''),
  handler: (flags) =>
    withRunStore(flags, async (store) => {
      const now = new Date();
      const runs = (await listRuns(store, now)).slice(0, flags.limit);
      if (flags.json) return printJson(runs);
      if (runs.length === 0) return remark(`No runs in ${store.uri}. Start one with \`bagfleet submit\`.`);
      print(inColumns(runs, columnsAt(now), tableWidth()));
    }),
};

/** The most important first: narrow terminals lose the last ones. */
function columnsAt(now: Date): Column<RunRecord>[] {
  return [
    { title: 'RUN', value: ({ run }) => run },
    { title: 'STATE', value: ({ state }) => paintState(state) },
    {
      title: 'EPOCH',
      value: ({ status }) => (status ? `${status.epoch}/${status.epochs}` : '–'),
      align: 'right',
    },
    { title: 'BEST', value: bestOf },
    {
      title: 'STARTED',
      value: ({ status }) => (status ? agoWords(status.startedAt, now) : '–'),
      align: 'right',
    },
    { title: 'LOSS', value: ({ status }) => numberWords(status?.loss), align: 'right' },
    { title: 'WORKERS', value: ({ status }) => String(status?.workers ?? '–'), align: 'right' },
    { title: 'NOTE', value: noteOf },
  ];
}

/** What needs a look: why it is lost, what it failed of, what it waits for. */
function noteOf({ state, problem, status }: RunRecord): string {
  return problem ?? status?.error?.message ?? (state === 'waiting' ? (status?.phase ?? '') : '');
}

function bestOf({ status }: RunRecord): string {
  return status ? `${status.metric.name} ${numberWords(status.metric.best)}` : '–';
}
