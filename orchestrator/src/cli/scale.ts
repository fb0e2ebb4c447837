/** `bagfleet scale`: changes how many workers a run has while it runs; its result stays the same. */
import { BagfleetError, MOST_WORKERS, type RunStatus } from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import type { CommandModule } from 'yargs';
import { refuseHalfPods } from '../job-file/whole-pods.js';
import { findRun } from '../registry/find-run.js';
import { jobOfRun } from '../registry/job-of-run.js';
import { isOver, type RunRecord } from '../registry/read-run.js';
import { requestScale, waitUntilScaled } from '../registry/scale-run.js';
import { ProgressDrawer } from '../report/progress-drawer.js';
import { interruptible } from './interruptible.js';
import { type JsonFlag, withJson } from './options/json-flag.js';
import { type RunArgument, withRun } from './options/run-argument.js';
import { paintState } from './run-state.js';
import { withRunStore } from './run-store.js';
import { print, printJson, remark } from './terminal.js';
import { countWords, durationWords } from './words.js';

interface ScaleFlags extends RunArgument, JsonFlag {
  readonly workers: number;
  readonly wait: boolean;
  readonly timeout: number;
}

export const scale: CommandModule<unknown, ScaleFlags> = {
  command: 'scale <run>',
  describe: 'Change how many workers a run has',
  builder: (parser) =>
    withJson(withRun(parser))
      .option('workers', {
        type: 'number',
        requiresArg: true,
        demandOption: true,
        describe: `How many from now on, 1 to ${MOST_WORKERS}`,
      })
      .option('wait', { type: 'boolean', default: true, describe: 'Wait until it has so many' })
      .option('timeout', {
        type: 'number',
        requiresArg: true,
        default: 300,
        describe: 'Seconds to wait at most',
      })
      .example('$0 scale latest --workers 4', '')
      .example('$0 scale mnist-2 --workers 1 --no-wait', 'Ask and return')
      .epilogue('More workers change neither batch nor learning rate nor result, only the time.'),
  handler: (flags) =>
    withRunStore(flags, async (store) => {
      refuseWrongNumber(flags.workers);
      const record = await findRun(store, flags.run, new Date());
      if (isOver(record.state)) throw overAlready(record);
      await refuseMisfit(store, record.run, flags.workers);
      await requestScale(store, record.run, flags.workers, new Date());
      if (flags.wait) await waitForIt(store, record, flags);
      else if (flags.json) printJson({ ...record, asked: flags.workers });
      else print(`${asked(record, flags.workers)}.`);
    }),
};

async function waitForIt(store: ObjectStore, record: RunRecord, flags: ScaleFlags): Promise<void> {
  const { workers, timeout: seconds, json } = flags;
  const began = performance.now();
  const drawer = new ProgressDrawer(process.stderr);
  const onStatus = (status: RunStatus) => {
    if (!json) drawer.draw(status);
  };
  if (!json) remark(`${asked(record, workers)}; waiting.`);
  const scaled = await interruptible((signal) =>
    waitUntilScaled(store, record.run, { workers, seconds, onStatus, signal }),
  ).finally(() => drawer.end());
  if (json) return printJson({ ...scaled, asked: workers });
  const took = durationWords((performance.now() - began) / 1000);
  print(`${scaled.run} has ${countWords(workers, 'worker')} after ${took}: ${paintState(scaled.state)}`);
}

function asked({ run, status }: RunRecord, workers: number): string {
  return `Asked ${run} for ${countWords(workers, 'worker')}${status ? ` (it has ${status.workers})` : ''}`;
}

function refuseWrongNumber(workers: number): void {
  if (Number.isInteger(workers) && workers >= 1 && workers <= MOST_WORKERS) return;
  const message = `must be a whole number from 1 to ${MOST_WORKERS}, but ${workers} was given`;
  throw new BagfleetError('usage', message, { culprit: '--workers' });
}

/** With fewer than it wants at least, the run would only wait for the others until it fails. */
async function refuseMisfit(store: ObjectStore, run: string, workers: number): Promise<void> {
  const { fleet } = await jobOfRun(store, run);
  const { minWorkers } = fleet;
  refuseHalfPods(fleet, { workers, culprit: '--workers', code: 'usage' });
  if (workers >= minWorkers) return;
  const message = `run ${run} does not go on with fewer than ${minWorkers} (job field fleet.minWorkers), but ${workers} was given`;
  throw new BagfleetError('usage', message, {
    culprit: '--workers',
    hint: `End it with \`bagfleet cancel ${run}\`, or give ${minWorkers} or more.`,
  });
}

function overAlready({ run, state }: RunRecord): BagfleetError {
  return new BagfleetError('usage', `is over (${state}): it has no workers any more`, {
    culprit: `run ${run}`,
    hint: '`bagfleet list` shows which runs go on.',
  });
}
