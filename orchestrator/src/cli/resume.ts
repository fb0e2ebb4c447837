/**
 * `bagfleet resume`: goes on with a run from its last checkpoint, on any number of workers, and follows it.
 * In: a run that is over (but not done) or lost. Out: as `submit`.
 */
import { BagfleetError, MOST_WORKERS } from '@bagfleet/proto';
import type { CommandModule } from 'yargs';
import { findRun } from '../registry/find-run.js';
import { type ResumedRun, resumeRun } from '../submit/resume-run.js';
import { followToEnd } from './follow-to-end.js';
import { type ClusterFlags, withCluster } from './options/cluster-flags.js';
import { type JsonFlag, withJson } from './options/json-flag.js';
import { type RunArgument, withRun } from './options/run-argument.js';
import { storeOptionsOf } from './options/store-flags.js';
import { withRunStore } from './run-store.js';
import { print, printJson, remark } from './terminal.js';

interface ResumeFlags extends RunArgument, ClusterFlags, JsonFlag {
  readonly workers?: number | undefined;
  readonly detach: boolean;
}

export const resume: CommandModule<unknown, ResumeFlags> = {
  command: 'resume <run>',
  describe: 'Go on with a run from its last checkpoint',
  builder: (parser) =>
    withJson(withCluster(withRun(parser)))
      .option('workers', {
        type: 'number',
        requiresArg: true,
        describe: 'On so many workers; the result is the same',
      })
      .option('detach', {
        alias: 'd',
        type: 'boolean',
        default: false,
        describe: 'Start it and return at once',
      })
      .check(({ workers }) => checkWorkers(workers))
      .example('$0 resume latest', 'The newest run')
      .example('$0 resume mnist-2 --workers 4', 'On another number of workers') as never,
  handler: async (flags) => {
    const access = storeOptionsOf(flags);
    const resumed = await withRunStore(flags, async (runs) => {
      const { run } = await findRun(runs, flags.run, new Date());
      const onWait = (seconds: number) => sayWait(run, seconds);
      const { workers = null, context = null } = flags;
      return resumeRun(runs, { run, workers, access, context, onWait });
    });
    await followResumed(resumed, flags);
  },
};

/** Also for `submit --resume auto`. */
export async function followResumed(
  { job, started }: ResumedRun,
  { detach, json }: { readonly detach: boolean; readonly json: boolean },
): Promise<void> {
  const { run, uri } = started;
  if (detach) {
    started.letGo();
    return json ? printJson({ run, uri, resumed: true }) : print(run);
  }
  if (!json) remark(`run ${run} in ${job.store.uri} goes on`);
  await followToEnd(job, started, json);
}

export function sayWait(run: string, seconds: number): void {
  remark(`Watching ${run} for ${seconds} s: its coordinator may still be at work.`);
}

function checkWorkers(workers: number | undefined): boolean {
  if (workers === undefined || (Number.isInteger(workers) && workers >= 1 && workers <= MOST_WORKERS))
    return true;
  throw new BagfleetError('usage', `must be a whole number from 1 to ${MOST_WORKERS}, not ${workers}`, {
    culprit: '--workers',
  });
}
