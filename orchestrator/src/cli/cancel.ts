/** `bagfleet cancel`: asks a run to end and waits until it has. */
import type { CommandModule } from 'yargs';
import { requestCancel, waitUntilOver } from '../registry/cancel-run.js';
import { findRun } from '../registry/find-run.js';
import { isOver, type RunRecord } from '../registry/read-run.js';
import { interruptible } from './interruptible.js';
import { type JsonFlag, withJson } from './options/json-flag.js';
import { type RunArgument, withRun } from './options/run-argument.js';
import { paintState } from './run-state.js';
import { withRunStore } from './run-store.js';
import { print, printJson, remark } from './terminal.js';

interface CancelFlags extends RunArgument, JsonFlag {
  readonly timeout: number;
}

export const cancel: CommandModule<unknown, CancelFlags> = {
  command: 'cancel <run>',
  describe: 'End a run; its checkpoints stay',
  builder: (parser) =>
    withJson(withRun(parser))
      .option('timeout', {
        type: 'number',
        requiresArg: true,
        default: 60,
        describe: 'Seconds to wait until it is over; 0 does not wait',
      })
      .example('$0 cancel latest', 'End the newest run')
      .example('$0 cancel mnist-2 --timeout 0', 'Ask and return'),
  handler: (flags) =>
    withRunStore(flags, async (store) => {
      const record = await findRun(store, flags.run, new Date());
      if (isOver(record.state)) return tell(record, flags.json, 'was over already');
      await requestCancel(store, record.run, new Date());
      if (flags.timeout === 0) return tell(record, flags.json, 'was asked to end');
      if (!flags.json) remark(`Asked ${record.run} to end; waiting.`);
      const over = await interruptible((signal) => waitUntilOver(store, record.run, flags.timeout, signal));
      tell(over, flags.json, 'is over');
    }),
};

function tell(record: RunRecord, json: boolean, what: string): void {
  if (json) return printJson(record);
  print(`${record.run} ${what}: ${paintState(record.state)}`);
}
