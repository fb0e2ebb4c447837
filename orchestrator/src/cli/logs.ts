/** `bagfleet logs`: what the workers of a run wrote, while it runs and after. */
import { setTimeout as sleep } from 'node:timers/promises';
import { BagfleetError, nearestWord, parseLogLine } from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import type { CommandModule } from 'yargs';
import { findRun } from '../registry/find-run.js';
import { isOver, type RunRecord, readRun } from '../registry/read-run.js';
import { type LogLine, RunLogs } from '../registry/run-logs.js';
import { interruptible } from './interruptible.js';
import { logWords } from './log-words.js';
import { type JsonFlag, withJson } from './options/json-flag.js';
import { type RunArgument, withRun } from './options/run-argument.js';
import { withRunStore } from './run-store.js';
import { outputClosed, paint, print, remark } from './terminal.js';

const POLL_MS = 1000;

interface LogFlags extends RunArgument, JsonFlag {
  readonly follow: boolean;
  readonly worker: readonly string[];
  readonly tail?: number | undefined;
  readonly timestamps: boolean;
}

export const logs: CommandModule<unknown, LogFlags> = {
  command: 'logs [run]',
  describe: "Print the workers' logs",
  builder: (parser) =>
    withJson(withRun(parser))
      .option('follow', {
        alias: 'f',
        type: 'boolean',
        default: false,
        describe: 'Go on until the run is over',
      })
      .option('worker', {
        alias: 'w',
        type: 'string',
        array: true,
        nargs: 1,
        default: [] as string[],
        defaultDescription: 'all',
        describe: 'Only this worker (repeatable)',
      })
      .option('tail', {
        alias: 'n',
        type: 'number',
        requiresArg: true,
        describe: 'Only the last N lines of each worker',
      })
      .option('timestamps', {
        type: 'boolean',
        default: false,
        describe: 'When each line was written, where it says so (workers on Kubernetes)',
      })
      .example('$0 logs -f', 'Follow the newest run')
      .example('$0 logs mnist-2 --worker w1 --tail 20', '')
      .epilogue(
        'With --json each line is one JSON object { worker, line }; of workers on Kubernetes also with its parts:\n' +
          '{ time, level, run, message }.',
      ),
  handler: (flags) =>
    withRunStore(flags, async (store) => {
      const record = await findRun(store, flags.run, new Date());
      await interruptible((signal) =>
        printLogs(store, record, flags, AbortSignal.any([signal, outputClosed])),
      );
    }),
};

async function printLogs(
  store: ObjectStore,
  record: RunRecord,
  flags: LogFlags,
  signal: AbortSignal,
): Promise<void> {
  const logs = new RunLogs(store, record.run);
  const present = await logs.workers();
  refuseUnknown(flags.worker, present, record);
  if (present.length === 0 && !flags.follow) return remark(`Run ${record.run} has no logs.`);
  let over = !flags.follow || isOver(record.state) || record.state === 'lost';
  let lines = await logs.newLines(chosen(flags.worker, present), over);
  lines = flags.tail === undefined ? lines : lastOfEach(lines, flags.tail);
  for (;;) {
    for (const line of lines) printLine(line, flags);
    if (over || outputClosed.aborted) return;
    await sleep(POLL_MS, undefined, { signal }).catch(unlessClosed);
    // The state first: what was written before the run was over is then read for certain.
    const now = await readRun(store, record.run, new Date());
    over = now === null || isOver(now.state) || now.state === 'lost';
    lines = await logs.newLines(chosen(flags.worker, await logs.workers()), over);
  }
}

function chosen(wanted: readonly string[], present: readonly string[]): readonly string[] {
  return wanted.length === 0 ? present : wanted;
}

function lastOfEach(lines: readonly LogLine[], count: number): LogLine[] {
  const workers = [...new Set(lines.map((line) => line.worker))];
  return workers.flatMap((worker) => {
    const own = lines.filter((line) => line.worker === worker);
    return own.slice(Math.max(0, own.length - count));
  });
}

function printLine({ worker, line }: LogLine, flags: LogFlags): void {
  if (flags.json) return print(JSON.stringify({ worker, line, ...parseLogLine(line) }));
  const prefix = flags.worker.length === 1 ? '' : `${paint('dim', `[${worker}]`)} `;
  for (const words of logWords(line, flags.timestamps)) print(`${prefix}${words}`);
}

function refuseUnknown(
  wanted: readonly string[],
  present: readonly string[],
  { run, state }: RunRecord,
): void {
  const unknown = wanted.find((name) => !present.includes(name));
  if (unknown === undefined || (present.length === 0 && !isOver(state))) return;
  const nearest = nearestWord(unknown, present);
  throw new BagfleetError('usage', `run ${run} has no log of this worker`, {
    culprit: `--worker ${unknown}`,
    hint: `${nearest ? `Did you mean ${nearest}? ` : ''}There are: ${present.join(', ') || 'none'}.`,
  });
}

function unlessClosed(thrown: unknown): void {
  if (!outputClosed.aborted) throw thrown;
}
