/** `bagfleet cron history`: what became of each night, and why; also of those that never began. */
import type { MetricName } from '@bagfleet/proto';
import type { CommandModule } from 'yargs';
import { findCron, listNights, lookUpCron } from '../cron/cron-store.js';
import { type HistoryRow, historyOf } from '../cron/history.js';
import { inColumns } from './columns.js';
import { paintOutcome } from './night-state.js';
import { type CronArgument, withCron } from './options/cron-argument.js';
import { withRunStore } from './run-store.js';
import { paint, print, printJson, remark, tableWidth } from './terminal.js';
import { numberWords } from './words.js';

interface HistoryFlags extends CronArgument {
  readonly limit: number;
}

export const cronHistory: CommandModule<unknown, HistoryFlags> = {
  command: 'history <cron>',
  describe: 'What became of each night, and why',
  builder: (parser) =>
    withCron(parser).option('limit', {
      alias: 'n',
      type: 'number',
      requiresArg: true,
      default: 20,
      describe: 'Only the newest N rows; 0 shows all',
    }),
  handler: (flags) =>
    withRunStore(flags, async (runs) => {
      const nights = await listNights(runs, flags.cron);
      // The nights of a cron that was deleted stay.
      const cron = await (nights.length > 0 ? lookUpCron : findCron)(runs, flags.cron);
      const rows = historyOf(cron?.value ?? null, nights, new Date()).slice(-flags.limit);
      if (flags.json) return printJson(rows);
      if (rows.length === 0) return remark(`${flags.cron} has had no night yet.`);
      print(table(rows, cron?.value.job.validation.metric ?? 'auc'));
    }),
};

function table(rows: readonly HistoryRow[], metric: MetricName): string {
  return inColumns(
    rows,
    [
      { title: 'NIGHT', value: ({ at }) => at.slice(0, 16).replace('T', ' ') },
      {
        title: 'OUTCOME',
        value: (row) =>
          row.kind === 'night' ? paintOutcome(row.night.outcome) : paint('dim', absence(row.count)),
      },
      { title: 'NEW', value: (row) => count(row, 'added'), align: 'right' },
      { title: 'WAIT', value: (row) => count(row, 'waiting'), align: 'right' },
      { title: metric.toUpperCase(), value: (row) => score(row, 'candidate', metric), align: 'right' },
      { title: 'BEFORE', value: (row) => score(row, 'production', metric), align: 'right' },
      { title: 'WHY', value: (row) => (row.kind === 'night' ? row.night.why.join('; ') : row.why) },
    ],
    tableWidth(),
  );
}

function absence(times: number): string {
  return times === 1 ? 'not run' : `not run ×${times}`;
}

function count(row: HistoryRow, what: 'added' | 'waiting'): string {
  return row.kind === 'night' && row.night.plan ? String(row.night.plan.data[what]) : '–';
}

function score(row: HistoryRow, of: 'candidate' | 'production', metric: MetricName): string {
  return row.kind === 'night' ? numberWords(row.night[of]?.metrics[metric]) : '–';
}
